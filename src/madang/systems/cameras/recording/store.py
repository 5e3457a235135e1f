"""The folder of footage: where a camera's files lie, and how they are kept, opened and removed.

Intake processes write there and web processes read there: on several machines it is one folder that all
of them reach.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings

from madang.systems.cameras.recording.track import Closed


def folder() -> Path:
    """The folder of all footage; it need not be there yet."""
    return Path(settings.FOOTAGE_FOLDER)


def of_camera(camera: UUID) -> Path:
    return folder() / camera.hex


def keep(closed: Closed) -> None:
    """Give a closed file its name: whole on the disk before, and the name too after.

    The draft stays beside it until settle(): who finds it knows that the index may lack the file.
    """
    with closed.file:
        os.fsync(closed.file.fileno())
        closed.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):  # by one who was killed before the index had it
            closed.path.hardlink_to(closed.draft)
        _sync(closed.path.parent)


def settle(closed: Closed) -> None:
    """The file stands in the index."""
    closed.draft.unlink(missing_ok=True)


def reaches(path: str) -> bool:
    """Whether the folder of that file's day is there: a disk that is not mounted has lost nothing."""
    return (folder() / path).parent.is_dir()


def remove(path: str) -> bool:
    """Remove a file of the index and the folder of its day if that is empty; whether it was there."""
    file = folder() / path
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    if not any(file.parent.iterdir()):
        file.parent.rmdir()
    return True


def named(file: Path) -> str:
    """How the index names a file."""
    return str(file.relative_to(folder()))


def free() -> int:
    """Bytes that are free on the disk of footage."""
    at = folder()
    while not at.exists():
        at = at.parent
    return shutil.disk_usage(at).free


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
