"""Lanes: the messages of devices, dealt out so that each device is always in one lane.

A lane is worked by one gate at a time. Its record on the log says who works it, how far, and which
batches came out of the last round. A round is true once that record is written; JetStream writes it
only over the very record the gate has read, so that of two gates that both believe they work a lane,
one is told that it does not. The batches go out after that, each under an id of its own, and a gate that
takes a lane over says those of the last round again: none is lost and the log takes none twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from nats.errors import Error as NatsError
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

from madang.ground.bus.log import Log, LogError
from madang.ground.bus.messages import Batch, encode

STREAM = "GATE"
EXPECTED = "Nats-Expected-Last-Subject-Sequence"
NOBODY = ""


class Waiting(msgspec.Struct, frozen=True):
    """A batch that a round came to, encoded."""

    kind: str
    city: str
    id: str
    data: bytes


class LaneRecord(msgspec.Struct, frozen=True):
    """How a lane stands: who works it, up to where, and what the last round came to.

    through is the last place that is done: a sequence of the intake, or an offset in the file `file`.
    """

    owner: str = NOBODY
    through: int = 0
    file: int = 0
    batches: list[Waiting] = []


class LaneLost(Exception):
    """Another gate works this lane now, or whether this one still does is not known."""


_decoder = msgspec.msgpack.Decoder(LaneRecord)
_encoder = msgspec.msgpack.Encoder()


def lane_subject(lane: int) -> str:
    return f"gate.lane.{lane}"


async def ensure_lanes(log: Log) -> None:
    """Make the stream of the lanes' records; it keeps the newest of each."""
    config = StreamConfig(
        name=STREAM,
        subjects=["gate.lane.*"],
        storage=StorageType.FILE,
        max_msgs_per_subject=1,
        discard=DiscardPolicy.OLD,
        allow_direct=True,
    )
    try:
        await log.jetstream.update_stream(config)
    except NotFoundError:
        await log.jetstream.add_stream(config)


@dataclass
class Lane:
    """One lane as one gate sees it; only its owner may commit, and one act at a time: hold `busy`."""

    log: Log
    number: int
    owner: str
    record: LaneRecord = field(default_factory=LaneRecord)
    sequence: int = 0
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self) -> LaneRecord:
        """Read the lane's record as it is now."""
        try:
            raw = await self.log.jetstream.get_last_msg(STREAM, lane_subject(self.number))
        except NotFoundError:
            self.record, self.sequence = LaneRecord(), 0
        else:
            self.record, self.sequence = _decoder.decode(raw.data or b""), int(raw.seq or 0)
        return self.record

    async def take(self) -> None:
        """Become the owner of the lane as it was last looked at; LaneLost if that is no longer so.

        The batches of the last round are said again, in case whoever worked it could not.
        """
        await self._write(msgspec.structs.replace(self.record, owner=self.owner))
        await self._say()

    async def commit(self, through: int, batches: Sequence[Batch], file: int = 0) -> None:
        """A round is done up to through and came to batches; returns when the log has them all."""
        waiting = [Waiting(batch.kind(), batch.city, batch.id, encode(batch)) for batch in batches]
        await self._write(LaneRecord(self.owner, through, file, waiting))
        await self._say()

    async def release(self) -> None:
        """Let another gate take the lane at once."""
        await self._write(msgspec.structs.replace(self.record, owner=NOBODY))

    async def _write(self, record: LaneRecord) -> None:
        try:
            ack = await self.log.jetstream.publish(
                lane_subject(self.number),
                _encoder.encode(record),
                timeout=5,
                stream=STREAM,
                headers={EXPECTED: str(self.sequence)},
            )
        except (APIError, NatsError, TimeoutError) as error:
            raise LaneLost(f"lane {self.number}: {type(error).__name__} {error}") from error
        self.record, self.sequence = record, ack.seq

    async def _say(self) -> None:
        for one in self.record.batches:
            try:
                await self.log.publish_bytes(one.data, one.kind, one.city, one.id)
            except LogError as error:
                raise LaneLost(f"lane {self.number}: {error}") from error
