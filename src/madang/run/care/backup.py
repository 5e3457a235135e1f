"""`madang backup`: database, log, keys and settings in one file, while the platform runs or not.

The log is saved before the database. A reader's place in the log then never lies beyond what the
database holds: after a restore some batches come again, which the recorder knows by their ids, and
none is missing. Recorded video stays where it is; its index is in the database.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from madang import __version__
from madang.run import nats
from madang.run.care import archive, database, log
from madang.run.databases import owner_url
from madang.run.settings import Settings

# What of a home folder is neither kept by a server nor made anew at every start.
KEPT_FILES = ("madang.toml", "nats/ports.json")
KEPT_FOLDERS = ("secrets", "files")


@dataclass(frozen=True)
class Saved:
    """What a backup holds."""

    file: Path
    rows: int
    messages: int
    size: int


def backup(home: Path, settings: Settings, target: Path, say: Callable[[str], None]) -> Saved:
    """Write a backup of the installation in home, whose servers are up, to the file target."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".madang-backup-") as draft:
        folder = Path(draft)
        say("  log …")
        (folder / "log").mkdir()
        streams = asyncio.run(log.save(nats.url(home, settings), folder / "log"))
        say("  database …")
        tables = database.save(owner_url(home, settings), folder / "database.dump")
        keep_files(home, folder / "home")
        say("  packing …")
        about = {
            "madang": __version__,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "postgres": database.version(owner_url(home, settings)),
            "tables": tables,
            "streams": {stream.name: stream.messages for stream in streams},
        }
        archive.pack(folder, target, about)
    messages = sum(stream.messages for stream in streams)
    return Saved(target, sum(tables.values()), messages, target.stat().st_size)


def keep_files(home: Path, target: Path) -> None:
    """Copy the keys, the settings and people's files; permissions come along."""
    for name in KEPT_FILES:
        if (home / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(home / name, target / name)
    for name in KEPT_FOLDERS:
        if (home / name).exists():
            shutil.copytree(home / name, target / name)


def default_name() -> str:
    """madang-2026-03-01T0930Z.backup"""
    return f"madang-{datetime.now(UTC):%Y-%m-%dT%H%MZ}.backup"
