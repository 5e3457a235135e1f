"""Bring the database to the form this code expects, as the role that owns the tables."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from madang.run.databases import app_url, as_owner, owner_url, words_for_django
from madang.run.refusal import Refusal
from madang.run.settings import Settings

LEAST_SERVER = 150000


class MigrationError(Refusal):
    """The database could not be brought to this version; the message says why."""


def migrate(home: Path, settings: Settings, say: Callable[[str], None] = lambda text: None) -> None:
    """Make the tables of this version; nothing is done when they are there. Needs django.setup()."""
    from django.db import DatabaseError, OperationalError

    try:
        with as_owner(home, settings):
            _migrate(home, settings, say)
    except OperationalError as error:
        raise MigrationError(_unreachable(settings, error)) from error
    except DatabaseError as error:
        raise MigrationError(f"The tables could not be made: {error}") from error


def _migrate(home: Path, settings: Settings, say: Callable[[str], None]) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    _check_server(connection)
    if settings.database_url:
        _grant(home, settings, connection)
    executor = MigrationExecutor(connection)
    _check_not_newer(executor.loader)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, no_color=True, stdout=Applied(say))


class Applied(io.TextIOBase):
    """Says of which room `migrate` makes tables now, once a room."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said: set[str] = set()

    def write(self, text: str) -> int:
        if text.strip().startswith("Applying "):
            room = text.strip().removeprefix("Applying ").partition(".")[0]
            if room not in self._said:
                self._said.add(room)
                self._say(f"  tables of {room} …")
        return len(text)


def _check_server(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        (version,) = cursor.fetchone()
    if version < LEAST_SERVER:
        raise MigrationError(
            f"The database server is PostgreSQL {version // 10000}; Madang needs 15 or newer. "
            "Upgrade it, or leave DATABASE_URL out to use the embedded one."
        )


def _grant(home: Path, settings: Settings, connection: Any) -> None:
    from madang.run.postgres import grant_to_app

    role = words_for_django(app_url(home, settings))["USER"]
    if role and role != words_for_django(owner_url(home, settings))["USER"]:
        connection.ensure_connection()
        grant_to_app(connection.connection, role)


def _check_not_newer(loader: Any) -> None:
    """Refuse a database that knows steps this code does not."""
    ours = loader.migrated_apps
    unknown = sorted(
        f"{app} {name}"
        for app, name in loader.applied_migrations
        if app in ours
        and (app, name) not in loader.disk_migrations
        and not _replaced(loader, app, name)
    )
    if unknown:
        raise MigrationError(
            f"The database is newer than this code: it has {', '.join(unknown[:3])}, which this "
            "version does not know. Start the newer version, or restore a backup made by this one."
        )


def _replaced(loader: Any, app: str, name: str) -> bool:
    return any((app, name) in migration.replaces for migration in loader.disk_migrations.values())


def _unreachable(settings: Settings, error: Exception) -> str:
    words = " ".join(str(error).split())
    if settings.database_url:
        return f"The database that DATABASE_URL names cannot be used: {words}"
    return f"The embedded database cannot be used: {words}"
