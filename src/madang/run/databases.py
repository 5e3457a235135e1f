"""Which database each role connects to: the one that was named, else the embedded one."""

from __future__ import annotations

from pathlib import Path

from madang.run import postgres
from madang.run.settings import Settings


def app_url(home: Path, settings: Settings) -> str:
    """The database as the application's role: may read and write rows, not define tables."""
    return settings.database_url or postgres.url(home, postgres.APP)


def owner_url(home: Path, settings: Settings) -> str:
    """The database as the role that owns the tables; migrations and partitions are its work."""
    if settings.database_url:
        return settings.database_owner_url or settings.database_url
    return postgres.url(home, postgres.OWNER)
