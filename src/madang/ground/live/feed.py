"""What the log says, taken into the hub: read once in a web process, however many sockets it serves."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import structlog

from madang.ground.bus.log import Log
from madang.ground.bus.messages import Message, MessageError, Reader
from madang.ground.live import kinds
from madang.ground.live.atlas import Atlas
from madang.ground.live.hub import Hub
from madang.ground.live.kinds import Moving, Record, Recorded
from madang.ground.live.roll import Roll
from madang.ground.sensing.messages import Positions, States
from madang.ground.sensing.public import last_places

REBUILT = timedelta(seconds=30)  # how much of the log a new process reads to know what moves
STATES_REBUILT = timedelta(hours=12)  # … to know what they are about: that is said once and lasts
PATIENCE = 10.0  # seconds that this may take; what is missing then comes by itself
WAITING = 1000  # batches of states kept until the devices in them are on the roll

log = structlog.get_logger(__name__)


class Feed:
    """Hands what the log says to the hub. lacking is called when a batch names a device not on the roll."""

    def __init__(self, hub: Hub, atlas: Atlas, roll: Roll, lacking: Callable[[], None]) -> None:
        self._hub = hub
        self._atlas = atlas
        self._roll = roll
        self._lacking = lacking
        self._waiting: deque[Any] = deque(maxlen=WAITING)

    def recall(self, places: Iterable[Positions]) -> None:
        """Take in where things were before the piece of the log that is read: who is silent is shown, too."""
        for batch in places:
            self.positions(batch)

    async def begin(self, bus: Log) -> None:
        """Listen from now on, and take in what was said just before."""
        await bus.listen(Reader(Positions), Positions.kind(), self._hear_positions)
        await bus.listen(Reader(States), States.kind(), self._hear_states)
        for kind in recorded():
            reader = Reader(kind.message)
            await bus.listen(reader, kind.message.kind(), self._recorder(kind))
        try:
            async with asyncio.timeout(PATIENCE):
                await self._rebuild(bus)
        except TimeoutError:
            log.warning("live.rebuild_cut_short", seconds=PATIENCE)

    async def _rebuild(self, bus: Log) -> None:
        await self._replay(bus, States, STATES_REBUILT, self.states)
        await self._replay(bus, Positions, REBUILT, self.positions)

    async def _replay(
        self, bus: Log, cls: type[Message], back: timedelta, take: Callable[[Any], None]
    ) -> None:
        reader = Reader(cls)
        async for entry in bus.replay(cls, datetime.now(UTC) - back):
            try:
                take(reader.decode(entry.data))
            except MessageError as error:
                log.warning("live.unreadable", error=str(error))
            await asyncio.sleep(0)

    async def _hear_positions(self, batch: Message) -> None:
        self.positions(batch)

    async def _hear_states(self, batch: Message) -> None:
        self.states(batch)

    def positions(self, batch: Any) -> None:
        """Take in a batch of positions: metres of the city's CRS become metres from its origin."""
        chart = self._atlas.chart(batch.city)
        if chart is None:
            return
        if self._roll.lacks(batch.device):
            self._lacking()
        x = batch.x - chart.plane.x0
        y = batch.y - chart.plane.y0
        for place, rows in self._roll.split(batch.city, batch.device).items():
            columns = [x[rows], y[rows], batch.heading[rows], batch.speed[rows]]
            self._hub.put(place, batch.device[rows], batch.time[rows], columns)

    def states(self, batch: Any) -> None:
        """Take in what devices say they are, as far as it is what their kind shows."""
        if self._atlas.chart(batch.city) is None:
            return
        if self._roll.lacks(batch.device):
            self._waiting.append(batch)
            self._lacking()
        self._mark(batch)

    def _mark(self, batch: Any) -> None:
        names, values = np.array(batch.name.rows()), np.array(batch.value.rows())
        for place, rows in self._roll.split(batch.city, batch.device).items():
            rows = rows[names[rows] == self._hub.board(place).kind.state]
            if len(rows):
                words = values[rows].tolist()
                self._hub.mark(place, batch.device[rows], batch.time[rows], words)

    def listed(self) -> None:
        """The roll has grown: take in again what was said by devices that were not on it.

        A place is said again within a minute; a state is said once and lasts.
        """
        waiting = list(self._waiting)
        self._waiting.clear()
        for batch in waiting:
            self._mark(batch)

    def _recorder(self, kind: Recorded) -> Callable[[Message], Awaitable[None]]:
        async def hear(message: Message) -> None:
            self._hub.record((message.city, kind.key), kind.record(message))

        return hear


def remembered() -> list[Positions]:
    """Where the record saw each thing last, as far back as the kind that is shown longest."""
    now = datetime.now(UTC)
    longest = max(
        (kind.forget_after for kind in kinds.kinds() if isinstance(kind, Moving)), default=0
    )
    return last_places(now - timedelta(seconds=longest), now)


def recorded() -> list[Recorded]:
    """The kinds of records that systems have registered."""
    return [kind for kind in kinds.kinds() if isinstance(kind, Recorded)]


def present(kind: Recorded, city: str) -> list[Record]:
    """What the store has of a kind in a city."""
    assert kind.present is not None
    return [kind.record(message) for message in kind.present(city)]
