"""The process `madang run intake`: pulls the streams that somebody looks at, and only those.

Nobody looking costs a word a second. Wishes come from the web processes; a stream whose wish was not
said again is let go. Pieces go out on NATS as they come.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from madang.ground.bus.connecting import connect
from madang.ground.duty import Duty
from madang.systems.cameras.domain.sealing import unseal
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.intake.members import BEAT, Members
from madang.systems.cameras.intake.pull import Pull, Source
from madang.systems.cameras.messages import (
    LARGEST,
    MEMBERS,
    WISHES,
    Member,
    Piece,
    encode,
    read_member,
    read_wishes,
    subject,
)
from madang.systems.cameras.models import Camera, Health, LifeState

HELD_FOR = 6.0  # seconds a stream is kept after it was last wished for
WRITE = 5.0  # seconds between two writings of health
AGAIN = 1.0

log = structlog.get_logger(__name__)
Stream = tuple[UUID, str]


async def main(duty: Duty) -> None:
    intake = Intake()
    ending = asyncio.create_task(duty.stopped())
    duty.ready()
    try:
        await intake.work(ending)
    finally:
        ending.cancel()


class Intake:
    """The streams of one process."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._members = Members(self.name)
        self._pulls: dict[Stream, Pull] = {}
        self._opening: set[Stream] = set()
        self._wished: dict[Stream, float] = {}
        self._nats: Any = None
        self._loop = asyncio.get_running_loop()
        self._written = 0.0

    async def work(self, ending: asyncio.Task[None]) -> None:
        """Until ending is done."""
        self._nats = await connect(settings.NATS_URL, "intake")
        try:
            await self._nats.subscribe(WISHES, cb=self._hear_wishes)
            await self._nats.subscribe(MEMBERS, cb=self._hear_member)
            while not ending.done():
                await self._beat()
                await asyncio.wait([ending], timeout=BEAT)
        finally:
            await self._leave()

    async def _beat(self) -> None:
        with contextlib.suppress(Exception):  # NATS is away: it comes back by itself
            await self._nats.publish(MEMBERS, encode(Member(self.name)))
        late = time.monotonic() - HELD_FOR
        for stream in list(self._pulls):
            if self._wished.get(stream, 0.0) < late or not self._members.mine(stream[0]):
                await self._let_go(stream)
        self._wished = {key: at for key, at in self._wished.items() if at >= late}
        for stream in list(self._wished):
            await self._hold(stream)
        if self._pulls and time.monotonic() - self._written >= WRITE:
            await self._write(list(self._pulls), pulled=True)

    async def _hear_member(self, message: Any) -> None:
        word = read_member(message.data)
        if word.name != self.name:
            self._members.hear(word.name, word.leaving)

    async def _hear_wishes(self, message: Any) -> None:
        for wish in read_wishes(message.data).wishes:
            stream = (wish.camera, wish.which)
            self._wished[stream] = time.monotonic()
            await self._hold(stream)

    async def _hold(self, stream: Stream) -> None:
        """Pull stream if that is this process's to do and is not done yet."""
        if stream in self._pulls or stream in self._opening or not self._members.mine(stream[0]):
            return
        self._opening.add(stream)
        try:
            source = await asyncio.to_thread(read_source, *stream)
        except CameraError as error:
            self._say(stream, Piece(0, why=str(error)))
            return
        finally:
            self._opening.discard(stream)
        still = stream[1] == "still"
        pull = Pull(source, lambda piece: self._told(stream, piece), still=still)
        self._pulls[stream] = pull
        pull.start()
        log.info("cameras.pulled", camera=str(stream[0]), which=stream[1])

    async def _let_go(self, stream: Stream) -> None:
        pull = self._pulls[stream]
        pull.stop()
        await self._write([stream], pulled=False)
        self._pulls.pop(stream, None)
        log.info("cameras.let_go", camera=str(stream[0]), which=stream[1])

    def _told(self, stream: Stream, piece: Piece) -> None:
        """A piece of a pull's thread, on its way to the loop's."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._say, stream, piece)

    def _say(self, stream: Stream, piece: Piece) -> None:
        for part in parts(piece):
            task = self._loop.create_task(self._publish(subject(*stream), part))
            task.add_done_callback(lambda done: done.exception())

    async def _publish(self, where: str, data: bytes) -> None:
        await self._nats.publish(where, data)

    async def _write(self, streams: list[Stream], *, pulled: bool) -> None:
        self._written = time.monotonic()
        for stream in streams:
            self._pulls[stream].account.look()
        accounts = {stream: self._pulls[stream].account for stream in streams}
        with contextlib.suppress(Exception):
            await asyncio.to_thread(write_health, accounts, pulled)

    async def _leave(self) -> None:
        for stream in list(self._pulls):
            await self._let_go(stream)
        with contextlib.suppress(Exception):
            await self._nats.publish(MEMBERS, encode(Member(self.name, leaving=True)))
            await self._nats.flush(timeout=1)
            await self._nats.close()


def parts(piece: Piece) -> list[bytes]:
    """piece as messages that NATS takes: a key frame of a large picture is more than one."""
    data = piece.data
    if len(data) <= LARGEST:
        return [encode(piece)]
    cuts = [data[at : at + LARGEST] for at in range(0, len(data), LARGEST)]
    first = Piece(piece.source, piece.key, piece.mime, piece.init, cuts[0], more=True)
    rest = [Piece(piece.source, data=cut, more=cut is not cuts[-1]) for cut in cuts[1:]]
    return [encode(one) for one in (first, *rest)]


def read_source(camera: UUID, which: str) -> Source:
    """Where the stream is; CameraError where the camera has none, or its password cannot be opened."""
    try:
        found = Camera.objects.filter(pk=camera).exclude(state=LifeState.REMOVED).first()
        if found is None:
            raise CameraError("the camera is not in the register any more")
        address = found.main_address
        if which == "sub" or (which == "still" and found.sub_address):
            address = found.sub_address
        if not address:
            raise CameraError("no address of this stream is recorded")
        password = unseal(found.pk, bytes(found.sealed))
        return Source(address, found.transport, found.user, password)
    finally:
        close_old_connections()


def write_health(accounts: dict[Stream, Any], pulled: bool) -> None:
    """How the streams are, into the register; of a camera pulled twice its main stream counts."""
    try:
        rows: dict[UUID, Health] = {}
        cities = dict(
            Camera.objects.filter(pk__in={camera for camera, _ in accounts}).values_list(
                "pk", "city_id"
            )
        )
        for (camera, which), account in accounts.items():
            if camera in cities and (which == "main" or camera not in rows):
                rows[camera] = _health(camera, cities[camera], account, pulled)
        names = [one.name for one in Health._meta.fields if one.name not in ("camera", "city")]
        Health.objects.bulk_create(
            rows.values(), update_conflicts=True, unique_fields=["camera"], update_fields=names
        )
    finally:
        close_old_connections()


def _health(camera: UUID, city: UUID, account: Any, pulled: bool) -> Health:
    return Health(
        camera_id=camera,
        city_id=city,
        at=timezone.now(),
        pulled=pulled,
        packet=datetime.fromtimestamp(account.last, UTC) if account.last else None,
        fps=account.fps,
        bits=account.bits,
        codec=account.codec[:8],
        width=account.width,
        height=account.height,
        errors=account.errors,
        error=account.error[:300],
    )
