"""The gate: takes what devices said, judges it, packs it into columns and puts it on the log."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connections
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from madang.ground.bus.connecting import connect
from madang.ground.bus.ending import going_on
from madang.ground.bus.log import Log, LogError
from madang.ground.bus.messages import now_ms
from madang.ground.bus.nkeys import AccountKey
from madang.ground.sensing.dealing import LANES
from madang.ground.sensing.gate.changes import follow_changes
from madang.ground.sensing.gate.denials import read_denials
from madang.ground.sensing.gate.door import Door
from madang.ground.sensing.gate.doors import Doors
from madang.ground.sensing.gate.intake import (
    STREAM,
    LaneReader,
    Taken,
    ensure_intake,
    purge_intake,
)
from madang.ground.sensing.gate.judge import Judge
from madang.ground.sensing.gate.known import Known, read_known
from madang.ground.sensing.gate.lanes import Lane, LaneLost, ensure_lanes
from madang.ground.sensing.gate.said import Refused
from madang.ground.sensing.gate.sharing import BEAT, Sharing
from madang.ground.sensing.messages import STREAMS

ROUND = 0.05  # seconds in which messages come together into a batch
MOST_IN_ROUND = 2000  # messages of a lane; the rest waits, so that no lane holds up the others
TIDY_EVERY = 10.0
TELL_EVERY = 1.0
DENIALS = LANES  # the lane in whose record the place in NATS's log is kept

TROUBLE = (LaneLost, LogError, APIError, NatsError, TimeoutError)

log = structlog.get_logger()


@dataclass
class Worked:
    """A lane this gate works: its record, and its reader of the intake."""

    lane: Lane
    reader: LaneReader


class Gate:
    """One gate. Any number may run; they share the lanes."""

    def __init__(self, name: str, doors: Doors) -> None:
        self.name = name
        self.doors = doors
        self.worked: dict[int, Worked] = {}
        self.facts = 0
        self.refused = 0
        self._more = asyncio.Event()
        self._denials: Lane | None = None
        self._renewed = 0.0
        self._renewing = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Connected, its streams made, devices known and let in."""
        self.log = await Log.connect(self.doors.platform, self.name)
        self.devices = await connect(self.doors.devices, self.name, self._ensure_intake)
        self.system = await connect(self.doors.system, self.name)
        try:
            await self.log.ensure(*STREAMS)
            await ensure_lanes(self.log)
            await ensure_intake(self.devices)
            await self._open_door()
            yield
        finally:
            await self._release_all()
            for connection in (self.devices, self.system):
                await connection.close()
            await self.log.close()

    async def work(self) -> None:
        """Do everything a gate does, until cancelled. It takes its lanes after a few beats."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._share())
            tasks.create_task(self._rounds())
            tasks.create_task(_every(TELL_EVERY, self._tell))
            tasks.create_task(_every(TIDY_EVERY, self._tidy))
            tasks.create_task(follow_changes(self.doors.database, self.renew))

    async def renew(self) -> None:
        """Bring what is known of devices to what the tables say now; cut those that lost their right."""
        asked = time.monotonic()
        async with self._renewing:
            if self._renewed > asked:
                return  # somebody else brought it while this one waited
            begun = time.monotonic()
            known = await asyncio.to_thread(_read_known)
            before, self.judge.known = self.judge.known, known
            self._renewed = begun
        for name in known.changed_rights(before):
            if self.sharing.owner_of(f"{name}") == self.name:
                cut = await self.door.cut(name)
                log.info("a credential ended", device=name, connections_cut=cut)

    async def _open_door(self) -> None:
        known = await asyncio.to_thread(_read_known)
        self.judge = Judge(self.name, known)
        self.sharing = Sharing(self.log.connection, self.name)
        await self.sharing.listen()
        self.door = Door(
            self.devices,
            self.system,
            AccountKey(self.doors.callout_secret),
            lambda: self.judge.known,
            self.renew,
        )
        await self.door.open()

    async def _ensure_intake(self) -> None:
        await ensure_intake(self.devices)

    async def _share(self) -> None:
        """Say that this gate is here, and take and release lanes as gates come and go."""
        beats = 0
        while going_on():
            with contextlib.suppress(NatsError):
                await self.sharing.say_here()
            if (beats := beats + 1) > 2:  # by then it has heard the others
                for number in range(LANES + 1):
                    await self._settle(number)
            await asyncio.sleep(BEAT)

    async def _settle(self, number: int) -> None:
        wanted = self.sharing.owner_of(f"lane {number}")
        mine = self._denials is not None if number == DENIALS else number in self.worked
        try:
            if mine and wanted != self.name:
                await self._release(number)
            elif not mine and wanted == self.name:
                await self._take(number)
        except TROUBLE as error:
            await self._drop(number)
            log.warning("a lane cannot be had now", lane=number, error=str(error))

    async def _take(self, number: int) -> None:
        lane = Lane(self.log, number, self.name)
        record = await lane.look()
        if record.owner not in ("", self.name) and self.sharing.is_here(record.owner):
            return  # it will release it
        await lane.take()
        if number == DENIALS:
            self._denials = lane
            return
        reader = LaneReader(self.devices, number, record.through, self._more)
        await reader.begin()
        self.worked[number] = Worked(lane, reader)
        log.info("lane taken", lane=number, after=record.through, before=record.owner)

    async def _release(self, number: int) -> None:
        lane = self._denials if number == DENIALS else self.worked[number].lane
        if lane is None:
            return
        async with lane.busy:
            await self._drop(number)
            await lane.release()
        log.info("lane released", lane=number)

    async def _drop(self, number: int) -> None:
        if number == DENIALS:
            self._denials = None
        elif worked := self.worked.pop(number, None):
            await worked.reader.end()

    async def _release_all(self) -> None:
        for number in [*self.worked, DENIALS]:
            with contextlib.suppress(*TROUBLE):
                await self._release(number)

    async def _rounds(self) -> None:
        while going_on():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._more.wait()
            self._more.clear()
            await asyncio.sleep(ROUND)
            await asyncio.gather(*map(self._round, list(self.worked)))
            if any(worked.reader.waiting for worked in self.worked.values()):
                self._more.set()

    async def _round(self, number: int) -> None:
        """Judge what waits in a lane and put what it comes to on the log."""
        worked = self.worked[number]
        async with worked.lane.busy:
            if self.worked.get(number) is not worked:
                return
            try:
                if taken := worked.reader.take(MOST_IN_ROUND):
                    await self._commit(worked.lane, taken)
                await worked.reader.keep()
            except TROUBLE as error:
                log.warning("a lane is lost; whoever has it goes on", lane=number, error=str(error))
                await self._drop(number)

    async def _commit(self, lane: Lane, taken: list[Taken]) -> None:
        verdict = self.judge.judge([one.said for one in taken], now_ms())
        await lane.commit(taken[-1].sequence, verdict.batches)
        self.facts += verdict.facts
        self.refused += verdict.refused

    async def _tell(self) -> None:
        """Put on the log who was refused at the door and what NATS denied; lock out who floods."""
        refused, self.door.refused = self.door.refused, Refused()
        for batch in refused.batches(self.name, now_ms()):
            await self.log.publish(batch)
        await self._tell_denials()
        flooding = self.judge.floods.take_flooding()
        if flooding:
            await self._lock_out(flooding)

    async def _lock_out(self, flooding: set[int]) -> None:
        names = {number: name for name, number in self.judge.known.numbers.items()}
        for number in flooding:
            self.door.lock_out(names[number])
            await self.door.cut(names[number])
            log.warning("a device floods; it is locked out for a minute", device=names[number])

    async def _tell_denials(self) -> None:
        lane = self._denials
        if lane is None or self.doors.nats_log is None:
            return
        record = lane.record
        found = read_denials(self.doors.nats_log, record.file, record.through, self.judge.known)
        if (found.file, found.through) == (record.file, record.through):
            return
        try:
            batches = list(found.refused.batches(self.name, now_ms()))
            async with lane.busy:
                await lane.commit(found.through, batches, file=found.file)
        except LaneLost:
            await self._drop(DENIALS)

    async def _tidy(self) -> None:
        """Say of idle lanes that they are done so far, and forget what every lane is through with."""
        last = (await self.devices.jetstream(timeout=5).stream_info(STREAM)).state.last_seq
        for worked in list(self.worked.values()):
            async with worked.lane.busy:
                through = await worked.reader.idle_through(last)
                if through is not None and through > worked.lane.record.through:
                    await worked.lane.commit(through, [])
        if 0 in self.worked:
            lanes = [Lane(self.log, number, self.name) for number in range(LANES)]
            await purge_intake(self.devices, min([(await lane.look()).through for lane in lanes]))


def _read_known() -> Known:
    """In a thread of its own, which must leave no connection behind."""
    try:
        return read_known()
    finally:
        connections.close_all()


async def _every(seconds: float, act: Callable[[], Awaitable[Any]]) -> None:
    while going_on():
        await asyncio.sleep(seconds)
        try:
            await act()
        except TROUBLE as error:
            log.warning("put off until NATS is back", what=act.__name__, error=str(error))
