"""Hearing that devices, kinds or limits changed: PostgreSQL tells, in the change's own transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
import structlog
from django.db import DatabaseError

from madang.ground.bus.ending import going_on

AGAIN = 60.0  # seconds; look even if nothing was heard
TOGETHER = 0.05  # seconds in which changes are taken as one
AFTER_TROUBLE = 1.0

log = structlog.get_logger()


async def follow_changes(dsn: str, changed: Callable[[], Awaitable[None]]) -> None:
    """Call changed whenever something changed, and each time the database comes back. For ever."""
    while going_on():
        try:
            async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
                await connection.execute("LISTEN sensing_changed")
                while going_on():
                    await changed()
                    await _anything(connection)
        except (psycopg.OperationalError, DatabaseError) as error:
            log.warning(
                "the database is away; devices are judged by what is known", error=str(error)
            )
            await asyncio.sleep(AFTER_TROUBLE)


async def _anything(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
    """Wait for a word, and shortly for others that come with it."""
    async for _ in connection.notifies(timeout=AGAIN, stop_after=1):
        break
    async for _ in connection.notifies(timeout=TOGETHER):
        pass
