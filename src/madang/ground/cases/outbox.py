"""Saying on the log what was stored with the changes of cases."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog
from django.db import DatabaseError, connection

from madang.ground import bell
from madang.ground.bus.log import Log, LogError
from madang.ground.cases.models import Outgoing

OUTBOX_BELL = "cases_outbox"
AT_ONCE = 200
EVERY = 5.0  # seconds after which it is looked at even though no bell rang
AFTER_TROUBLE = 1.0

Result = TypeVar("Result")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outbox:
    """Publishes what waits, oldest first, and takes it out once the log has it on file.

    Killed between the two, it says a message again under the same id, which the log takes once.
    """

    bus: Log
    threads: Executor

    async def publish(self) -> int:
        """Say everything that waits now; how much that was."""
        said = 0
        while rows := await self._read(_waiting):
            for row in rows:
                await self.bus.publish_bytes(bytes(row.body), row.kind, row.city_key, row.message)
            await self._read(partial(_take_out, [row.id for row in rows]))
            said += len(rows)
        return said

    async def publish_forever(self) -> None:
        """Publish whenever a change was committed, for ever, through every trouble of either server."""
        rung = asyncio.Event()
        ears = asyncio.create_task(_listen(rung))
        try:
            while True:
                rung.clear()
                try:
                    await self.publish()
                except (LogError, DatabaseError) as error:
                    log.warning("cases.outbox_waits", error=str(error).strip())
                    await asyncio.sleep(AFTER_TROUBLE)
                    continue
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(EVERY):
                        await rung.wait()
        finally:
            ears.cancel()

    async def _read(self, question: Callable[[], Result]) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, _asked, question)


async def _listen(rung: asyncio.Event) -> None:
    async for _ in bell.hear(OUTBOX_BELL):
        rung.set()


def _asked(question: Callable[[], Result]) -> Result:
    try:
        return question()
    finally:
        connection.close()


def _waiting() -> list[Outgoing]:
    return list(Outgoing.objects.order_by("id")[:AT_ONCE])


def _take_out(ids: list[int]) -> None:
    Outgoing.objects.filter(id__in=ids).delete()
