"""The intake: where NATS keeps what devices published with QoS 1, until a gate is through with it.

NATS's MQTT listener acknowledges a QoS 1 message (PUBACK) once it stands in the stream $MQTT_msgs.
Left to itself it makes that stream with interest retention, which drops what nobody reads yet; so it is
made here first, keeping everything up to a limit. When it is full NATS stores nothing and acknowledges
nothing, and devices keep what they have. Gates purge what is done.

NATS deals the messages into lanes (a subject mapping by city and device); a gate reads a lane through
a consumer of its own from where the lane's record says, so nothing is acknowledged message by message
and the order of a lane survives the death of a gate.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import msgspec
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import APIError, NotFoundError

from madang.ground.sensing.dealing import ROOT
from madang.ground.sensing.gate.said import Said

STREAM = "$MQTT_msgs"
PREFIX = f"$MQTT.msgs.{ROOT}"
MOST_BYTES = 2_000_000_000
PULL = 1000  # messages asked for at a time
PATIENCE_NS = 3_000_000_000  # how long the server holds a request open
NOTHING_CAME = ("404", "408")
DEAD_AFTER = 6.0  # seconds without a word from the server, not even that there is nothing


@dataclass(frozen=True, slots=True)
class Taken:
    """A message of a lane and its place in the intake."""

    sequence: int
    said: Said


async def ensure_intake(connection: Client, megabytes: int = MOST_BYTES // 1_000_000) -> None:
    """Make the intake before the MQTT listener does, or bring its limits to what they are here."""
    config = StreamConfig(
        name=STREAM,
        subjects=["$MQTT.msgs.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_bytes=megabytes * 1_000_000,
    )
    jetstream = connection.jetstream(timeout=10)
    try:
        await jetstream.update_stream(config)
    except NotFoundError:
        await jetstream.add_stream(config)


async def purge_intake(connection: Client, done: int) -> None:
    """Forget the messages up to the sequence done."""
    with contextlib.suppress(APIError, NatsError):
        await connection.jetstream(timeout=10).purge_stream(STREAM, seq=done + 1)


class LaneReader:
    """Reads one lane in order, from behind a sequence on. `more` is set while something waits."""

    def __init__(self, connection: Client, lane: int, after: int, more: asyncio.Event) -> None:
        self.connection = connection
        self.lane = lane
        self.waiting: deque[Taken] = deque()
        self._after = after
        self._more = more
        self._asked = 0
        self._heard = 0.0
        self._consumer = ""
        self._subscription: Any = None

    async def begin(self) -> None:
        """Ask the server for the lane from where it was left."""
        await self.end()
        jetstream = self.connection.jetstream(timeout=5)
        info = await jetstream.add_consumer(
            STREAM,
            ConsumerConfig(
                ack_policy=AckPolicy.NONE,
                filter_subject=f"{PREFIX}.{self.lane}.>",
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=self._after + 1,
                mem_storage=True,
                inactive_threshold=30,
            ),
        )
        self._consumer = info.name
        inbox = self.connection.new_inbox()
        self._subscription = await self.connection.subscribe(
            inbox, cb=self._receive, pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        self._inbox = inbox
        self._heard = time.monotonic()
        await self._ask()

    async def end(self) -> None:
        """Read no more; what waits stays."""
        if self._subscription is not None:
            with contextlib.suppress(NatsError):
                await self._subscription.unsubscribe()
            self._subscription = None

    async def keep(self) -> None:
        """Begin again if the server has said nothing for too long, as after its restart."""
        if time.monotonic() - self._heard > DEAD_AFTER:
            await self.begin()

    def take(self, most: int) -> list[Taken]:
        """Up to so many of the messages that wait, in order."""
        waiting = self.waiting
        return [waiting.popleft() for _ in range(min(most, len(waiting)))]

    async def idle_through(self, last: int) -> int | None:
        """The sequence last, if nothing of this lane up to it is left to be done; else None."""
        with contextlib.suppress(APIError, NatsError):
            info = await self.connection.jetstream(timeout=5).consumer_info(STREAM, self._consumer)
            if not info.num_pending and not self.waiting and not self._on_its_way(info):
                return last
        return None

    def _on_its_way(self, info: Any) -> bool:
        delivered = info.delivered.stream_seq if info.delivered else 0
        return bool(delivered > self._after)

    async def _receive(self, raw: Any) -> None:
        self._heard = time.monotonic()
        if raw.headers is not None and "Status" in raw.headers:
            await self._told(raw.headers["Status"])
            return
        sequence = int(raw.reply.split(".")[5])
        city, device, what = raw.subject.split(".")[4:7]
        self.waiting.append(Taken(sequence, Said(city, device, what, raw.data)))
        self._after = sequence
        self._more.set()
        self._asked -= 1
        if self._asked == 0:
            await self._ask()

    async def _told(self, status: str) -> None:
        """The request is over: because nothing came (ask again), or because the consumer is gone."""
        if status in NOTHING_CAME:
            await self._ask()
        else:
            self._heard = float("-inf")

    async def _ask(self) -> None:
        self._asked = PULL
        request = {"batch": PULL, "expires": PATIENCE_NS}
        await self.connection.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{self._consumer}",
            msgspec.json.encode(request),
            reply=self._inbox,
        )
