"""A worker that a large job has made grow gives way to a fresh one once nothing is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import psutil
import structlog
from procrastinate import JobContext

from madang.ground.thrift import trim

MOST = 120 << 20  # bytes of its own; a worker that has done nothing yet has 40 MB

log = structlog.get_logger(__name__)


class Thrift:
    """Watches one worker's jobs and, when the last has ended, what the process holds for itself.

    Libraries that a job loaded and code that it compiled stay until the process ends; making a demo city
    leaves 200 MB behind.
    """

    def __init__(self, most: int = MOST) -> None:
        self.grown = asyncio.Event()
        self._most = most
        self._under_way = 0

    async def around(
        self, call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: object
    ) -> Any:
        """Middleware of the worker."""
        del context, worker
        self._under_way += 1
        try:
            return await call_next()
        finally:
            self._under_way -= 1
            await self._look()

    async def _look(self) -> None:
        await asyncio.to_thread(trim)
        own = await asyncio.to_thread(_own_memory)
        if own > self._most and not self._under_way:
            log.info("a fresh worker takes over", megabytes=own >> 20)
            self.grown.set()


def _own_memory() -> int:
    """Bytes that this process shares with none."""
    return int(psutil.Process().memory_full_info().uss)
