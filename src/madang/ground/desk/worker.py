"""The process `madang run desk`: what devices say, or fail to say, becomes alarms; cases go on the log."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from nats.errors import Error as NatsError

from madang.ground.bus.log import Entry, Log, LogError
from madang.ground.bus.messages import MessageError, Reader
from madang.ground.cases.domain.thresholds import adopt_defaults
from madang.ground.cases.messages import STREAMS as CASES
from madang.ground.cases.outbox import Outbox
from madang.ground.city.models import City
from madang.ground.desk.level_desk import DESK, LevelDesk
from madang.ground.desk.silence_desk import SilenceDesk
from madang.ground.duty import Duty
from madang.ground.sensing.messages import STREAMS as SENSING
from madang.ground.sensing.messages import Readings

Result = TypeVar("Result")
log = structlog.get_logger(__name__)

LOOK_EVERY = 10.0  # seconds between two looks for silent devices
READ_EVERY = 30.0  # … for thresholds and channels
AT_ONCE, WAIT = 64, 5.0
AFTER_TROUBLE = 1.0
BACK = timedelta(minutes=10)  # how far back the first reading of a new installation lies


class Desk:
    """Everything of the process; each duty goes on for ever, through every trouble of the servers."""

    def __init__(self, bus: Log) -> None:
        self._bus = bus
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="desk")
        self._levels = LevelDesk()
        self._silence = SilenceDesk()
        self._reader = Reader(Readings)
        self._outbox = Outbox(bus, ThreadPoolExecutor(1, thread_name_prefix="outbox"))

    async def work(self, ready: Callable[[], None]) -> None:
        """Do all of it."""
        await _until_done(self._begin)
        async with asyncio.TaskGroup() as duties:
            duties.create_task(self._outbox.publish_forever())
            duties.create_task(self._hear_readings())
            duties.create_task(_every(LOOK_EVERY, self._look))
            duties.create_task(_every(READ_EVERY, self._read_tables))
            ready()

    async def _begin(self) -> None:
        await self._bus.ensure(*CASES, *SENSING)
        await self._read(_adopt_defaults)
        await self._read(self._levels.remember)
        await self._read(self._levels.refresh)

    async def _read_tables(self) -> None:
        await self._read(_adopt_defaults)
        await self._read(self._levels.refresh)

    async def _look(self) -> None:
        for city in await self._read(_cities):
            await self._read(partial(self._silence.look, city, timezone.now()))

    async def _hear_readings(self) -> None:
        """Every reading, each acknowledged when what it means is committed."""
        follower = await self._bus.follow(Readings, "desk", since=datetime.now(UTC) - BACK)
        while True:
            try:
                for entry in await follower.next(AT_ONCE, WAIT):
                    await self._take(entry)
            except (LogError, NatsError, OSError) as error:
                log.warning("desk.readings_wait", error=f"{type(error).__name__}: {error}".strip())
                await asyncio.sleep(AFTER_TROUBLE)

    async def _take(self, entry: Entry) -> None:
        try:
            batch = self._reader.decode(entry.data)
        except MessageError as error:
            log.warning("desk.unreadable", sequence=entry.sequence, error=str(error))
        else:
            assert isinstance(batch, Readings)
            await _until_done(partial(self._judge, batch))
        await entry.done()

    async def _judge(self, batch: Readings) -> None:
        await self._read(partial(self._levels.hear, batch))

    async def _read(self, act: Callable[[], Result]) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _done, act)


async def main(duty: Duty) -> None:
    bus = await _connected()
    work = asyncio.create_task(Desk(bus).work(duty.ready))
    stopped = asyncio.create_task(duty.stopped())
    await asyncio.wait([work, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if work.done():
        work.result()
    work.cancel()
    await asyncio.wait([work])
    await bus.close()


async def _connected() -> Log:
    while True:
        try:
            return await Log.connect(settings.NATS_URL, "desk")
        except LogError as error:
            log.warning("desk.no_log", error=str(error))
            await asyncio.sleep(AFTER_TROUBLE)


def _cities() -> list[City]:
    return list(City.objects.all())


def _adopt_defaults() -> None:
    for city in _cities():
        adopt_defaults(DESK, city.pk, city.created)


def _done(act: Callable[[], Result]) -> Result:
    try:
        return act()
    finally:
        connection.close()


async def _until_done(act: Callable[[], Awaitable[None]]) -> None:
    while not await _tried(act):
        await asyncio.sleep(AFTER_TROUBLE)


async def _every(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await _tried(act)


async def _tried(act: Callable[[], Awaitable[None]]) -> bool:
    """Do it; False, and a line in the log, when a server was not there."""
    try:
        await act()
    except (DatabaseError, LogError, NatsError, OSError, TimeoutError) as error:
        log.warning(
            "desk.put_off",
            what=getattr(act, "__name__", "judge"),
            error=f"{type(error).__name__}: {error}",
        )
        return False
    return True
