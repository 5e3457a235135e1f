"""The home folder: made, or refused with a sentence that says what to do."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from madang.run.refusal import Refusal

REASONS = {
    errno.ENOSPC: "The disk is full.",
    errno.EDQUOT: "The disk quota is used up.",
    errno.EROFS: "The file system is read-only.",
    errno.EACCES: "This user may not write there.",
    errno.EPERM: "This user may not write there.",
}


class HomeError(Refusal):
    """The home folder cannot be used; the message says why and what to do."""


def check(home: Path, least_free_mb: int) -> None:
    """Make home where it is missing, and make sure that it can be written and has room."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_and_remove(home / f".written-by-{os.getpid()}")
    except OSError as error:
        raise HomeError(explain(error, home)) from error
    free = shutil.disk_usage(home).free // 2**20
    if free < least_free_mb:
        raise HomeError(
            f"Only {free} MB are free on the disk of {home}, and Madang needs {least_free_mb} MB to "
            "start. Make room there, or name a folder on another disk: MADANG_HOME=/path make up"
        )


def explain(error: OSError, home: Path) -> str:
    """An error of the file system, with what to do about it."""
    reason = REASONS.get(error.errno or 0, f"{error.strerror}.")
    return (
        f"Madang cannot write to {error.filename or home}. {reason} Mend that, "
        "or name another folder: MADANG_HOME=/path make up"
    )


def _write_and_remove(probe: Path) -> None:
    try:
        probe.write_bytes(b"\0" * 65536)
    finally:
        probe.unlink(missing_ok=True)
