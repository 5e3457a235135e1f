"""The live service of one web process: its hub, what keeps it up to date, and every session on it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from django.db import connection
from django.utils import timezone

from madang.ground import bell
from madang.ground.bus.log import Log, LogError
from madang.ground.bus.messages import now_ms
from madang.ground.live.apps import CITIES, RIGHTS_BELL
from madang.ground.live.atlas import Atlas, read_charts
from madang.ground.live.closing import Close, Closed
from madang.ground.live.feed import Feed, present, recorded, remembered
from madang.ground.live.hub import Hub
from madang.ground.live.roll import Listed, Roll, listed
from madang.ground.live.session import BEAT, Session
from madang.ground.live.visits import Sight, Visit, read_visit

Result = TypeVar("Result")
log = structlog.get_logger(__name__)

LOOK = 1.0  # seconds between two looks at what depends on the clock
VISITS = 30.0  # … at sessions and rights, beside the bell that tells of changes at once
TABLES = 30.0  # … at the cities and devices
SETTLING = 60.0  # … at what the store has of records
TABLES_PAUSE = 2.0  # seconds between two readings of the devices for a number not known


class Live:
    """sessions are those on this process, with what each may see.

    ready is set when the store has been read; before that no topic means anything.
    """

    def __init__(self, nats_url: str) -> None:
        self.hub = Hub()
        self.atlas = Atlas()
        self.sessions: dict[Session, Sight] = {}
        self.ready = asyncio.Event()
        self._nats_url = nats_url
        self._roll = Roll()
        self._lacking = asyncio.Event()
        self._feed = Feed(self.hub, self.atlas, self._roll, self._lacking.set)
        self._bus: Log | None = None
        self._beaten = 0.0
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="live")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Feed the hub and look after the sessions until the end."""
        duties = (
            self._begin(),
            _every(LOOK, self._look),
            _every(VISITS, self._review),
            _every(SETTLING, self._settle),
            self._keep_tables(),
            self._hear_rights(),
        )
        tasks = [asyncio.create_task(duty) for duty in duties]
        try:
            yield
        finally:
            self._end_all(Closed(Close.RESTART, "the server restarts; connect again"))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._bus is not None:
                await self._bus.close()
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def sight(self, session_key: str) -> Sight:
        """What whoever has this session cookie may see."""
        return Sight(self.atlas, await self._read(partial(read_visit, session_key)))

    async def _begin(self) -> None:
        """Know cities, devices and records from the store; then hear the log as soon as it is there."""
        await _until_done(self._read_tables)
        await _until_done(self._settle)
        await _until_done(self._recall)
        self.ready.set()
        while self._bus is None:
            try:
                self._bus = await Log.connect(self._nats_url, "live")
            except LogError:
                await asyncio.sleep(LOOK)
        await self._feed.begin(self._bus)

    async def _recall(self) -> None:
        """Know from the record where things were last: a restart must not take the silent off the screens."""
        self._feed.recall(await self._read(remembered))

    async def _look(self) -> None:
        """What the clock changes: who is silent, what has run out, whether the log is heard."""
        self.hub.sweep()
        now = time.monotonic()
        beat = now - self._beaten >= BEAT
        if beat:
            self._beaten = now
        for session, sight in list(self.sessions.items()):
            session.review()
            if sight.visit.over(timezone.now()):
                session.end(Closed(Close.SIGNED_OUT, "the session has run out; sign in again"))
            if beat:
                session.beat(now, now_ms())
        await self._look_at_feed()

    async def _look_at_feed(self) -> None:
        """Tell the screens when the log is lost and when it is heard again."""
        fed = self._bus is not None and self._bus.connection.is_connected
        if fed == self.hub.fed:
            return
        word = self.hub.feed(fed)
        for session in self.sessions:
            session.outbox.word(word)
        if fed:
            await self._settle()

    async def _review(self) -> None:
        """Read again who is behind each session; end what has ended."""
        await self._review_accounts({sight.visit.account for sight in self.sessions.values()})

    async def _review_accounts(self, accounts: set[UUID | None]) -> None:
        keys = {
            sight.visit.session_key
            for sight in self.sessions.values()
            if sight.visit.account in accounts and sight.visit.account is not None
        }
        for key in keys:
            self._take_visit(await self._read(partial(read_visit, key)))

    def _take_visit(self, visit: Visit) -> None:
        for session, sight in self.sessions.items():
            before = sight.visit
            if before.session_key != visit.session_key:
                continue
            sight.visit = visit
            session.review()
            if visit.account != before.account:
                session.end(Closed(Close.SIGNED_OUT, "signed out; sign in again"))

    async def _hear_rights(self) -> None:
        """Whenever somebody's rights or a city change, here or in another process, look at once."""
        async for word in bell.hear(RIGHTS_BELL):
            with _told("live.rights_not_read"):
                if word == CITIES:
                    self._lacking.set()
                elif word == bell.MISSED:
                    await self._review()
                else:
                    await self._review_accounts({UUID(word)})

    async def _read_tables(self) -> None:
        """Read the cities, and the devices that are new or changed."""
        charts = await self._read(read_charts)
        if self.atlas.take(charts):
            self._end_all(Closed(Close.RESTART, "the city's map has moved; connect again"))
        for place, names in self._roll.take(await self._read(self._listed)).items():
            self.hub.name(place, names)
        self._feed.listed()

    def _listed(self) -> Sequence[Listed]:
        return listed(self._roll.newest)

    async def _keep_tables(self) -> None:
        """Read the tables now and then, soon after a device spoke that is not among them, and when a
        city is new."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TABLES):
                    await self._lacking.wait()
            with _told("live.tables_not_read"):
                await self._read_tables()
            await asyncio.sleep(TABLES_PAUSE)
            self._lacking.clear()

    async def _settle(self) -> None:
        """Bring records in line with the store, for what the log may have kept from us."""
        for kind in recorded():
            if kind.present is None:
                continue
            for city in self.atlas.keys:
                place = (city, kind.key)
                before = self.hub.ledger(place).keys
                records = await self._read(partial(present, kind, city))
                self.hub.settle(place, records, before)

    def _end_all(self, closed: Closed) -> None:
        for session in self.sessions:
            session.end(closed)

    async def _read(self, question: Callable[[], Result]) -> Result:
        """Ask the database in the thread that is there for it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _asked, question)


def _asked(question: Callable[[], Result]) -> Result:
    try:
        return question()
    finally:
        connection.close()


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    """Log what went wrong and go on: the next round may do better."""
    try:
        yield
    except Exception as error:
        log.warning(what, error=f"{type(error).__name__}: {error}")


async def _every(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    while True:
        with _told(f"live.failed_{act.__name__.strip('_')}"):
            await act()
        await asyncio.sleep(seconds)


async def _until_done(act: Callable[[], Awaitable[None]]) -> None:
    done = False
    while not done:
        with _told("live.not_begun"):
            await act()
            done = True
        if not done:
            await asyncio.sleep(LOOK)
