"""The log of events on NATS JetStream: say a message once, follow it durably, read it again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
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

from madang.ground.bus.connecting import connect
from madang.ground.bus.messages import Message, Reader, encode
from madang.ground.bus.streams import ANY, MEGABYTE, Stream, stream_name, subject

MESSAGE_ID = "Nats-Msg-Id"
DUPLICATE_WINDOW = 600.0  # seconds in which the log takes one message id once
CLOSE_WITHIN = 2.0  # seconds in which the server takes the last words; one that is away never does
ACK_WAIT = 6.0  # seconds after which the messages of a reader that is gone are handed to another
HOLD_EVERY = 2.0  # seconds between two words of a reader that still works on messages
FULL = {10077, 10047}  # JetStream's error codes: maximum bytes of the stream, of the store


class LogError(Exception):
    """The log did not do what was asked; the message says what and what to do."""


class LogFull(LogError):
    """The log refuses the message because it would have to drop an older one or has no room."""


@dataclass(frozen=True)
class Stored:
    """Where the log put a message; duplicate when it had that id already."""

    sequence: int
    duplicate: bool


@dataclass(frozen=True)
class Entry:
    """One message as it stands on the log, not yet decoded."""

    data: bytes
    subject: str
    sequence: int
    time: float
    deliveries: int
    raw: Any
    held: dict[int, Entry] = field(default_factory=dict, repr=False, compare=False)

    async def done(self) -> None:
        """Tell the log that this reader is through with the message; lost if the server is away."""
        self.held.pop(self.sequence, None)
        await self.raw.ack()

    async def again(self, after: float) -> None:
        """Ask to be given the message again in so many seconds."""
        self.held.pop(self.sequence, None)
        await self.raw.nak(delay=after)


class Follower:
    """A durable reader of one kind: several processes of one name share its messages.

    What it was given stays its own until it is done or asks for it again, however long that takes; of
    one that is gone, others get the messages after ACK_WAIT.
    """

    def __init__(self, subscription: JetStreamContext.PullSubscription, kind: str) -> None:
        self._subscription = subscription
        self._held: dict[int, Entry] = {}
        self.kind = kind

    async def next(self, limit: int, wait: float) -> list[Entry]:
        """Up to limit messages, as soon as there is one; empty after wait seconds without any.

        Empty as well, and no sooner than after half a second, while the server is away.
        """
        before = _cancellations()
        try:
            found = await self._subscription.fetch(limit, timeout=wait)
        except TimeoutError:
            found = []
        except (NatsError, APIError):
            await asyncio.sleep(0.5)
            found = []
        _heed_cancellation(before)
        entries = [_entry(message, self._held) for message in found]
        self._held.update((entry.sequence, entry) for entry in entries)
        return entries

    async def hold(self) -> None:
        """Say that what was given and is not done is still worked on."""
        for entry in list(self._held.values()):
            await entry.raw.in_progress()

    async def behind(self) -> int:
        """How many messages wait for this reader, given out or not."""
        info = await self._subscription.consumer_info()
        return (info.num_pending or 0) + (info.num_ack_pending or 0)


class Log:
    """The log as one process sees it."""

    def __init__(self, connection: Client) -> None:
        self.connection = connection
        self.jetstream = connection.jetstream(timeout=10)
        self._followers: list[Follower] = []
        self._holding: asyncio.Task[None] | None = None

    @classmethod
    async def connect(cls, url: str, name: str) -> Self:
        """Connect as the process called name, and connect again for ever when the server goes."""
        try:
            connection = await connect(url, name)
        except (NatsError, OSError) as error:
            raise LogError(f"NATS cannot be reached: {error}. Is it running?") from error
        return cls(connection)

    async def close(self) -> None:
        """Hand over what was said and acknowledged, and leave.

        Not drain(): nats-py waits there for pulled messages that were taken long ago, until time is up.
        """
        if self._holding is not None:
            self._holding.cancel()
        with contextlib.suppress(NatsError, TimeoutError, OSError):
            async with asyncio.timeout(CLOSE_WITHIN):
                await self.connection.flush()
        await self.connection.close()

    async def ensure(self, *streams: Stream) -> None:
        """Make each stream, or bring its limits to what they are here."""
        for stream in streams:
            config = _config(stream)
            try:
                await self._make(config)
            except APIError as error:
                if error.err_code not in FULL:
                    raise
                raise LogFull(
                    f"NATS has no {stream.megabytes} MB of storage left for {stream.name}: "
                    "raise jetstream.max_file_store in its configuration, or this account's limit"
                ) from error

    async def _make(self, config: StreamConfig) -> None:
        try:
            await self.jetstream.update_stream(config)
        except NotFoundError:
            await self.jetstream.add_stream(config)

    async def publish(self, message: Message, patience: float = 30.0) -> Stored:
        """Say message; return when the log has it on file.

        While the server is away it is said again, under the same id, for patience seconds.
        """
        return await self.publish_bytes(
            encode(message), message.kind(), message.city, message.id, patience
        )

    async def publish_bytes(
        self, data: bytes, kind: str, city: str, message_id: str, patience: float = 30.0
    ) -> Stored:
        """`publish` for a message that is encoded already."""
        deadline = time.monotonic() + patience
        before = _cancellations()
        while True:
            try:
                ack = await self.jetstream.publish(
                    subject(kind, city),
                    data,
                    timeout=5,
                    stream=stream_name(kind),
                    headers={MESSAGE_ID: message_id},
                )
                _heed_cancellation(before)
                return Stored(ack.seq, bool(ack.duplicate))
            except APIError as error:
                if error.err_code in FULL:
                    raise LogFull(f"the log of {kind} is full: {error.description}") from error
                raise LogError(f"the log refuses a message of kind {kind}: {error}") from error
            except (NatsError, TimeoutError) as error:
                if time.monotonic() >= deadline:
                    raise LogError(
                        f"the log did not take a message of kind {kind} within {patience:.0f} s: "
                        f"{type(error).__name__} {error}"
                    ) from error
                await asyncio.sleep(0.1)

    async def follow(
        self, cls: type[Message], durable: str, city: str = ANY, since: datetime | None = None
    ) -> Follower:
        """The durable reader of cls called durable; a new one begins at since, else at the oldest."""
        config = ConsumerConfig(
            durable_name=durable,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT,
            max_ack_pending=20_000,
            filter_subject=subject(cls.kind(), city),
            deliver_policy=DeliverPolicy.BY_START_TIME if since else DeliverPolicy.ALL,
            opt_start_time=since,
        )
        stream = stream_name(cls.kind())
        try:
            await self.jetstream.consumer_info(stream, durable)
        except NotFoundError:
            await self.jetstream.add_consumer(stream, config)
        follower = Follower(await self.jetstream.pull_subscribe_bind(durable, stream), cls.kind())
        self._followers.append(follower)
        if self._holding is None:
            self._holding = asyncio.create_task(self._hold())
        return follower

    async def _hold(self) -> None:
        while True:
            await asyncio.sleep(HOLD_EVERY)
            for follower in self._followers:
                with contextlib.suppress(NatsError):
                    await follower.hold()

    async def replay(
        self, cls: type[Message], since: datetime, city: str = ANY
    ) -> AsyncIterator[Entry]:
        """Every message of cls since that time, up to the newest there is when this is called."""
        stream = stream_name(cls.kind())
        last = (await self.jetstream.stream_info(stream)).state.last_seq
        subscription = await self.jetstream.pull_subscribe(
            subject(cls.kind(), city),
            stream=stream,
            config=ConsumerConfig(
                ack_policy=AckPolicy.NONE,
                deliver_policy=DeliverPolicy.BY_START_TIME,
                opt_start_time=since.astimezone(UTC),
                inactive_threshold=60,
                mem_storage=True,
            ),
        )
        try:
            while waiting := await _waiting(subscription):
                for message in await subscription.fetch(min(100, waiting), timeout=5):
                    entry = _entry(message)
                    if entry.sequence > last:
                        return
                    yield entry
        finally:
            with contextlib.suppress(NatsError):
                await subscription.unsubscribe()

    async def listen(
        self,
        reader: Reader,
        kind: str,
        handle: Callable[[Message], Awaitable[None]],
        city: str = ANY,
    ) -> Callable[[], Awaitable[None]]:
        """Hand every message said from now on to handle, at once and at most once.

        Returns what ends it. For screens, which want the newest and take what they missed from a
        snapshot; whoever must miss nothing follows.
        """

        async def receive(raw: Any) -> None:
            await handle(reader.decode(raw.data))

        subscription = await self.connection.subscribe(subject(kind, city), cb=receive)
        return subscription.unsubscribe


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task is not None else 0


def _heed_cancellation(before: int) -> None:
    """Be cancelled after all, when what was done since `before` has swallowed it.

    nats-py waits by asyncio.wait_for, which on Python 3.11 forgets a cancellation that arrives in
    the moment in which the answer does; a loop around it would then never end.
    """
    if _cancellations() > before:
        raise asyncio.CancelledError


def _config(stream: Stream) -> StreamConfig:
    return StreamConfig(
        name=stream.name,
        subjects=[subject(stream.kind)],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=stream.hours * 3600,
        max_bytes=stream.megabytes * MEGABYTE,
        max_msg_size=8 * MEGABYTE,
        discard=DiscardPolicy.NEW if stream.refuses_when_full else DiscardPolicy.OLD,
        duplicate_window=min(DUPLICATE_WINDOW, stream.hours * 3600),
        allow_direct=True,
    )


def _entry(raw: Any, held: dict[int, Entry] | None = None) -> Entry:
    meta = raw.metadata
    stamp: datetime = meta.timestamp
    return Entry(
        data=raw.data,
        subject=raw.subject,
        sequence=meta.sequence.stream,
        time=stamp.timestamp(),
        deliveries=meta.num_delivered,
        raw=raw,
        held={} if held is None else held,
    )


async def _waiting(subscription: JetStreamContext.PullSubscription) -> int:
    return (await subscription.consumer_info()).num_pending or 0
