"""`madang upgrade`: an installation of an earlier version is brought to this one, a backup first."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from madang.run.care import backup, database, majors
from madang.run.databases import owner_url
from madang.run.holding import HeldError, hold
from madang.run.refusal import Refusal
from madang.run.settings import Settings

Say = Callable[[str], None]


def newer_postgres(
    home: Path, settings: Settings, old_programs: Path | None, say: Say
) -> Path | None:
    """Let this version's PostgreSQL take over data of an older one; where the old ones are then."""
    if settings.database_url or not majors.is_due(home):
        return None
    try:
        lock = hold(home, "upgrade", say)
    except HeldError as held:
        raise Refusal(
            f"Madang runs in {home} (process {held.holder.pid}). Stop it first: madang stop"
        ) from held
    try:
        return majors.upgrade(home, old_programs, say)
    finally:
        os.close(lock)


def backup_first(home: Path, settings: Settings, say: Say) -> Path | None:
    """A backup beside the data, unless there is nothing to save yet."""
    if not database.counts(owner_url(home, settings)):
        return None
    target = home / "backups" / backup.default_name()
    return backup.backup(home, settings, target, say).file


def tables_of_this_version(home: Path, settings: Settings) -> None:
    """Make the tables of this version. Sets Django up."""
    import django

    from madang.run.preparation import bring_up_to_date

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.run.django_settings")
    django.setup()
    bring_up_to_date(home, settings)
