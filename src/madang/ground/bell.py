"""Bells: a word from a transaction to whoever listens, delivered by PostgreSQL at the commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

RETRY = 1.0  # seconds between two tries to reach the database again
MISSED = ""


def ring(bell: str, word: str) -> None:
    """Ring bell with word when the running transaction commits; not at all if it does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [bell, word])


async def hear(bell: str) -> AsyncIterator[str]:
    """The words of bell as they come, for ever.

    MISSED comes first, and again after each time that the connection was lost: then words may have been
    missed, and the listener looks for itself.
    """
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**words(), autocommit=True) as ear:
                await ear.execute(sql.SQL("LISTEN {}").format(sql.Identifier(bell)))
                yield MISSED
                async for notice in ear.notifies():
                    yield notice.payload
        except psycopg.OperationalError:
            await asyncio.sleep(RETRY)


def words() -> dict[str, Any]:
    """How Django's own connections reach the database, in libpq's words."""
    known = connection.settings_dict
    names = {
        "NAME": "dbname",
        "USER": "user",
        "PASSWORD": "password",
        "HOST": "host",
        "PORT": "port",
    }
    words = {name: known[key] for key, name in names.items() if known[key]}
    options = {key: value for key, value in known["OPTIONS"].items() if key != "pool"}
    return {**options, **words}
