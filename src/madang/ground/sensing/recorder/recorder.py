"""The recorder: writes what stands on the log into the record. Any number may run; they share the log.

A message is acknowledged after the commit that recorded it. When the database is away or its disk is
full the recorder waits and says so; the log keeps what comes meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psycopg
import structlog
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from madang.ground.bus.ending import going_on
from madang.ground.bus.log import Entry, Follower, Log
from madang.ground.bus.messages import Batch, MessageError, Reader
from madang.ground.bus.status import say_status
from madang.ground.bus.streams import Stream
from madang.ground.sensing.messages import STREAMS
from madang.ground.sensing.recorder.health import Vitals
from madang.ground.sensing.recorder.writing import Connection, Prepared, Writer, Written, prepare

DURABLE = "recorder"
MOST_BATCHES = 400  # in one transaction
GATHER = 0.25  # seconds in which batches come together into a transaction
WAIT = 2.0
PAUSES = (0.5, 1, 2, 5, 10)
LEAST_DAYS = 30  # kept of a kind for which there is no rule
AGAIN_AFTER = 60.0  # seconds until a batch that cannot be recorded is tried again
SAY_EVERY = 2.0
TROUBLE = (NatsError, APIError, TimeoutError)

log = structlog.get_logger()


@dataclass
class State:
    """How the recorder is, for people: why it waits if it does, and how far it is behind, by kind."""

    why: str = ""
    behind: dict[str, int] = field(default_factory=dict)
    facts: int = 0
    added: int = 0
    unreadable: int = 0


@dataclass(frozen=True)
class Ready:
    """Messages of the log and what they come to."""

    entries: Sequence[Entry]
    prepared: Prepared


class Recorder:
    """One recorder with one connection to the database."""

    def __init__(self, name: str, nats_url: str, dsn: str) -> None:
        self.name = name
        self.nats_url = nats_url
        self.dsn = dsn
        self.state = State()
        self._writer: Writer | None = None
        self._vitals = Vitals()
        self._keep_days: dict[str, int] = {}
        self._turn = asyncio.Lock()

    async def work(self, ready: Callable[[], None] = lambda: None) -> None:
        """Follow every kind, until cancelled."""
        self.log = await Log.connect(self.nats_url, self.name)
        try:
            await self.log.ensure(*STREAMS)
            followers = [
                (stream, await self.log.follow(stream.message, DURABLE)) for stream in STREAMS
            ]
            ready()
            async with asyncio.TaskGroup() as tasks:
                for stream, follower in followers:
                    tasks.create_task(self._follow(stream, follower))
                tasks.create_task(self._say([follower for _, follower in followers]))
        finally:
            self._disconnect()
            await self.log.close()

    async def _follow(self, stream: Stream, follower: Follower) -> None:
        """Fetch and prepare the next batches while those before are written."""
        reader = Reader(stream.message)
        coming = asyncio.create_task(self._next(follower, reader))
        try:
            while True:
                ready = await coming
                coming = asyncio.create_task(self._next(follower, reader))
                if ready is not None:
                    await self._record(ready)
        finally:
            coming.cancel()

    async def _next(self, follower: Follower, reader: Reader) -> Ready | None:
        """The next batches; what this code cannot read waits for code that can."""
        entries: list[Entry] = []
        batches: list[Batch] = []
        for entry in await self._gather(follower):
            try:
                batch = reader.decode(entry.data)
                assert isinstance(batch, Batch)
            except MessageError as error:
                self.state.unreadable += 1
                log.error("a batch cannot be read", kind=follower.kind, why=str(error))
                await entry.again(AGAIN_AFTER)
            else:
                entries.append(entry)
                batches.append(batch)
        if not batches:
            return None
        keep_days = self._keep_days.get(follower.kind, LEAST_DAYS)
        return Ready(entries, await asyncio.to_thread(prepare, batches, keep_days))

    async def _gather(self, follower: Follower) -> list[Entry]:
        entries = await follower.next(MOST_BATCHES, WAIT)
        if entries and len(entries) < MOST_BATCHES // 4:
            await asyncio.sleep(GATHER)
            entries += await follower.next(MOST_BATCHES - len(entries), 0.05)
        return entries

    async def _record(self, ready: Ready) -> None:
        """Write until it is written. One bad batch must not hold up the others: then one by one."""
        try:
            await self._write_patiently(ready.prepared)
        except psycopg.Error as error:
            await self._record_apart(ready, error)
            return
        for entry in ready.entries:
            await entry.done()

    async def _record_apart(self, ready: Ready, error: psycopg.Error) -> None:
        batches, keep_days = ready.prepared.batches, ready.prepared.keep_days
        if len(batches) == 1:
            log.error("a batch cannot be recorded", batch=batches[0].id, why=str(error).strip())
            await ready.entries[0].again(AGAIN_AFTER)
            return
        for batch, entry in zip(batches, ready.entries, strict=True):
            await self._record(Ready([entry], prepare([batch], keep_days)))

    async def _write_patiently(self, prepared: Prepared) -> None:
        pauses = iter(PAUSES)
        pause = 0.0
        while True:
            try:
                async with self._turn:
                    written = await asyncio.to_thread(self._write, prepared)
            except psycopg.OperationalError as error:
                self._pause(error)
                pause = next(pauses, pause)
                await asyncio.sleep(pause)
            else:
                self._go_on(written)
                return

    def _write(self, prepared: Prepared) -> Written:
        if self._writer is None:
            self._writer = Writer(connect(self.dsn))
            self._keep_days = self._writer.keep_days()
        written = self._writer.write(prepared)
        self._vitals.add(prepared.batches)
        if self._vitals.due():
            self._vitals.write(self._writer.connection)
            self._keep_days = self._writer.keep_days()
        return written

    def _pause(self, error: psycopg.OperationalError) -> None:
        if isinstance(error, psycopg.errors.DiskFull):
            why = "the database's disk is full; make room there and it goes on by itself"
        else:
            why = f"the database is away: {str(error).strip()}"
            self._disconnect()
        if why != self.state.why:
            log.error("the recorder waits", why=why)
        self.state.why = why

    def _go_on(self, written: Written) -> None:
        if self.state.why:
            log.info("the recorder goes on")
        self.state.why = ""
        self.state.facts += written.facts
        self.state.added += written.added

    def _disconnect(self) -> None:
        if self._writer is not None:
            self._writer.connection.close()
            self._writer = None

    async def _say(self, followers: Sequence[Follower]) -> None:
        """Say every few seconds how the recorder is, where pages find it."""
        while going_on():
            began = time.monotonic()
            try:
                self.state.behind = {one.kind: await one.behind() for one in followers}
                await say_status(self.log, self.name, vars(self.state))
            except TROUBLE as error:
                log.warning("NATS does not answer", why=str(error))
            await asyncio.sleep(max(0.1, SAY_EVERY - (time.monotonic() - began)))


def connect(dsn: str) -> Connection:
    """A connection on which each transaction is asked for by name."""
    return psycopg.connect(dsn, autocommit=True, application_name="madang recorder")
