"""`madang restore`: bring a backup back into an empty home folder, and compare it with what was saved."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from madang.run import nats, postgres
from madang.run.care import archive, database, log
from madang.run.care.upgrade import tables_of_this_version
from madang.run.databases import owner_url
from madang.run.refusal import Refusal
from madang.run.settings import Settings

Reread = Callable[[], Settings]
Serving = Callable[[], AbstractContextManager[object]]
Say = Callable[[str], None]


class RestoreError(Refusal):
    """The backup was not brought back; the message says why and what to do."""


def restore(source: Path, home: Path, reread: Reread, serving: Serving, say: Say) -> None:
    """Bring the backup in the file source back into home, which must be empty or absent.

    reread() gives the settings once the backup's own file of settings is in home, and serving() starts
    the embedded servers, which need its keys. When anything fails, what was begun in home is left for a
    look and must be removed before the next try.
    """
    refuse_used(home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as draft:
        folder = Path(draft)
        say("  checking the archive …")
        manifest = archive.unpack(source, folder)
        shutil.copytree(folder / "home", home, dirs_exist_ok=True)
        (home / "secrets").chmod(0o700)
        settings = reread()
        with serving():
            _bring_back(folder, home, settings, manifest, say)


def refuse_used(home: Path) -> None:
    """Raise RestoreError when home holds an installation."""
    if home.exists() and any(home.iterdir()):
        raise RestoreError(
            f"{home} is not empty, and a restore never overwrites. Name a new folder: "
            "MADANG_HOME=/path madang restore FILE"
        )


def _bring_back(
    folder: Path, home: Path, settings: Settings, manifest: dict[str, Any], say: Say
) -> None:
    if not settings.database_url:
        postgres.ensure_roles(home)
    say("  database …")
    tables = database.load(owner_url(home, settings), folder / "database.dump")
    say("  log …")
    streams = asyncio.run(log.load(nats.url(home, settings), folder / "log"))
    _compare("table", manifest["tables"], tables)
    _compare("stream", manifest["streams"], {one.name: one.messages for one in streams})
    tables_of_this_version(home, settings)


def _compare(what: str, saved: dict[str, int], found: dict[str, int]) -> None:
    """Raise RestoreError when a table or stream holds another number of things than was saved."""
    odd = [name for name in sorted(saved | found) if saved.get(name) != found.get(name)]
    if odd:
        told = ", ".join(f"{n}: {saved.get(n)} saved, {found.get(n)} found" for n in odd)
        raise RestoreError(f"What came back differs from what was saved ({what}s: {told}).")
