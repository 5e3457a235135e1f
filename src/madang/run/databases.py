"""Which database each role connects to: the one that was named, else the embedded one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

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


def words_for_django(url: str) -> dict[str, Any]:
    """Django's words for a libpq URL."""
    from psycopg.conninfo import conninfo_to_dict

    words = conninfo_to_dict(url)
    return {
        "NAME": words.pop("dbname", ""),
        "USER": words.pop("user", ""),
        "PASSWORD": words.pop("password", ""),
        "HOST": words.pop("host", ""),
        "PORT": words.pop("port", ""),
        "OPTIONS": words,
    }


@contextlib.contextmanager
def as_owner(home: Path, settings: Settings) -> Iterator[None]:
    """Let Django's connection be the owner's meanwhile: for migrations and for partitions."""
    from django.db import connections

    connection: Any = connections["default"]
    before = dict(connection.settings_dict)
    connection.close()
    connection.close_pool()
    connection.settings_dict.update(words_for_django(owner_url(home, settings)))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def client_environment(url: str) -> dict[str, str]:
    """The environment for libpq's programs at url: what stands in their words, `ps` shows everybody."""
    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "dbname": "PGDATABASE",
        "sslmode": "PGSSLMODE",
        "sslrootcert": "PGSSLROOTCERT",
    }
    words = conninfo_to_dict(url)
    return {**os.environ, **{names[key]: str(words[key]) for key in words if key in names}}
