"""Which intake process a camera belongs to: groups of cameras, leased in NATS's key-value store.

Of a group one process holds the lease, and only who holds it pulls and records the group's cameras. Which
process should hold it follows from the names of those that say each second that they are there
(rendezvous hashing), so that one that goes moves only its own groups; the lease alone decides.

A lease ends by itself TTL seconds after it was last renewed, and who holds it stops before: a process that
stood still for longer than that writes nothing when it goes on. Only another's lease takes a group from who
holds it: while NATS gives no answer, whoever recorded goes on.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol
from uuid import UUID

import nats.errors
from nats.js.api import StorageType
from nats.js.errors import (
    BucketNotFoundError,
    KeyWrongLastSequenceError,
    NoStreamResponseError,
)

GROUPS = 32
BUCKET = "cameras-intake"
TTL = 3.0  # seconds after which a lease that was not renewed is gone
TRUSTED = 2.5  # seconds for which its holder trusts it: less, so that two never hold it
ANSWERS_WITHIN = 1.0
BEAT = 1.0  # seconds between two words of a member
GONE_AFTER = 2.5  # seconds without one
NO_ANSWER = (nats.errors.Error, TimeoutError, OSError)


class Taken(Exception):
    """Another process holds the group."""


class Store(Protocol):
    """Where leases are kept. Taken where another's is there; any other error is no answer."""

    async def create(self, group: int, name: str) -> int: ...
    async def renew(self, group: int, name: str, revision: int) -> int: ...
    async def end(self, group: int, revision: int) -> None: ...


def group_of(camera: UUID) -> int:
    return camera.bytes[-1] % GROUPS


class Members:
    """The intake processes as one of them knows them."""

    def __init__(self, me: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._me, self._clock = me, clock
        self._heard: dict[str, float] = {}

    def hear(self, name: str, leaving: bool) -> None:
        if leaving:
            self._heard.pop(name, None)
        else:
            self._heard[name] = self._clock()

    def mine(self, group: int) -> bool:
        """Whether the group's lease should be this process's now."""
        late = self._clock() - GONE_AFTER
        self._heard = {name: at for name, at in self._heard.items() if at >= late}
        return max({*self._heard, self._me}, key=lambda name: _weight(name, group)) == self._me


def _weight(name: str, group: int) -> bytes:
    return hashlib.blake2b(f"{name} {group}".encode(), digest_size=8).digest()


class Leases:
    """The groups that this process holds."""

    def __init__(self, me: str, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._me, self._store, self._clock = me, store, clock
        self._revisions: dict[int, int] = {}
        self._until: dict[int, float] = {}
        self._turn = asyncio.Lock()

    @property
    def held(self) -> set[int]:
        return set(self._revisions)

    def holds(self, camera: UUID) -> bool:
        """Whether this process may pull the camera at this moment; asked from any thread."""
        return self._clock() < self._until.get(group_of(camera), 0.0)

    async def take(self, groups: Iterable[int]) -> None:
        """Take or renew the leases of groups as far as nobody else has them."""
        async with self._turn:
            await asyncio.gather(*(self._take(group) for group in groups))

    async def end(self, groups: Iterable[int]) -> None:
        """Let go of groups: whoever wants them has them at once."""
        async with self._turn:
            await asyncio.gather(*(self._end(group) for group in set(groups) & self.held))

    async def _take(self, group: int) -> None:
        began, revision = self._clock(), self._revisions.get(group)
        try:
            if revision is None:
                self._revisions[group] = await self._store.create(group, self._me)
            else:
                self._revisions[group] = await self._store.renew(group, self._me, revision)
        except Taken:
            self._forget(group)
        except NO_ANSWER:
            if revision is not None and group in self._until:
                self._until[group] = self._clock() + TRUSTED  # nobody said that it is another's
        else:
            self._until[group] = began + TRUSTED

    async def _end(self, group: int) -> None:
        revision = self._revisions[group]
        self._forget(group)
        try:
            await self._store.end(group, revision)
        except (Taken, *NO_ANSWER):
            return  # it ends by itself

    def _forget(self, group: int) -> None:
        self._revisions.pop(group, None)
        self._until.pop(group, None)


class Bucket:
    """The leases in NATS, in memory: a server that begins anew has none, and nothing is lost by it."""

    def __init__(self, connection: Any) -> None:
        self._streams = connection.jetstream(timeout=ANSWERS_WITHIN)
        self._bucket: Any = None
        self._opening = asyncio.Lock()

    async def create(self, group: int, name: str) -> int:
        bucket = await self._opened()
        return int(await self._asked(bucket.create(_key(group), name.encode())))

    async def renew(self, group: int, name: str, revision: int) -> int:
        bucket = await self._opened()
        try:
            return int(await self._asked(bucket.update(_key(group), name.encode(), revision)))
        except Taken:
            # It may have ended by itself, and be nobody's.
            return await self.create(group, name)

    async def end(self, group: int, revision: int) -> None:
        bucket = await self._opened()
        await self._asked(bucket.delete(_key(group), revision))

    async def _opened(self) -> Any:
        async with self._opening:
            if self._bucket is None:
                self._bucket = await self._found()
            return self._bucket

    async def _found(self) -> Any:
        try:
            return await self._streams.key_value(BUCKET)
        except BucketNotFoundError:
            return await self._streams.create_key_value(
                bucket=BUCKET, ttl=TTL, history=1, storage=StorageType.MEMORY
            )

    async def _asked(self, question: Any) -> Any:
        try:
            return await question
        except KeyWrongLastSequenceError as error:
            raise Taken from error
        except NoStreamResponseError:
            self._bucket = None  # the server began anew: it is made once more
            raise


def _key(group: int) -> str:
    return f"group.{group:02d}"
