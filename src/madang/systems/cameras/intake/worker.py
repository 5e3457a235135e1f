"""The process `madang run intake`: pulls the streams that somebody looks at or that are recorded.

Nobody looking costs a word a second. Wishes come from the web processes; a stream whose wish was not
said again is let go. Pieces go out on NATS as they come while somebody looks, and into files where the
register says that the camera is recorded (recording/).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
import time
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings

from madang.ground.bus.connecting import connect
from madang.ground.duty import Duty
from madang.ground.thrift import trim
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.intake.gazes import Gazes
from madang.systems.cameras.intake.health import write_health
from madang.systems.cameras.intake.leases import BEAT, Bucket, Leases, Members, group_of
from madang.systems.cameras.intake.pull import Pull
from madang.systems.cameras.intake.since import Since
from madang.systems.cameras.intake.sources import kind_of, read_recorded, read_source
from madang.systems.cameras.intake.wished import Wished
from madang.systems.cameras.masking.hiding import hide
from madang.systems.cameras.messages import (
    HIDE,
    MASKED_STILL,
    MEMBERS,
    SINCE,
    WISHES,
    Hidden,
    Member,
    Piece,
    encode,
    parts,
    read_hiding,
    read_member,
    read_wishes,
    subject,
)
from madang.systems.cameras.recording import store
from madang.systems.cameras.recording.keeper import Keeper
from madang.systems.cameras.recording.track import Track
from madang.systems.cameras.steering.arms import Arms
from madang.systems.cameras.troubles import note, noted

LIST = 5.0  # seconds between two looks at which cameras are recorded
REFUSED = 10.0  # … until a camera that cannot be recorded is tried again
WRITE = 5.0  # seconds between two writings of health
AGAIN = 0.25
TRIM = 60.0  # seconds after cameras were connected until what that took is given back
KEEP_WITHIN = 6.0
PAINTED_AT_ONCE = 2

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
        self._leases: Leases
        self._pulls: dict[Stream, Pull] = {}
        self._opening: set[Stream] = set()
        self._since = Since()
        self._wished = Wished()
        self._nats: Any = None
        self._loop = asyncio.get_running_loop()
        self._written = 0.0
        self._trim_at: float | None = None  # where cameras were connected since the last time
        self._keeper = Keeper()
        self._gazes = Gazes()
        self._gazed: set[Stream] = set()  # pulls whose zones lie by where the head stands
        self._turning: set[UUID] = set()  # recorded cameras that have such zones
        self._recorded: set[Stream] = set()  # what the register says, of all intakes
        self._refused: dict[Stream, float] = {}
        self._tracks: dict[Stream, Track] = {}
        self._painting = asyncio.Semaphore(PAINTED_AT_ONCE)
        self._hiding: set[asyncio.Task[None]] = set()

    async def work(self, ending: asyncio.Future[None]) -> None:
        """Until ending is done."""
        self._nats = await connect(settings.NATS_URL, "intake")
        self._leases = Leases(self.name, Bucket(self._nats))
        self._keeper.start()
        duties = [asyncio.create_task(one) for one in (self._list_on(), self._pulse_on())]
        arms = Arms(self._nats, lambda camera: self._members.mine(group_of(camera)))
        try:
            await arms.begin()
            await self._nats.subscribe(WISHES, cb=self._hear_wishes)
            await self._nats.subscribe(MEMBERS, cb=self._hear_member)
            await self._nats.subscribe(SINCE, cb=self._give_since)
            await self._nats.subscribe(HIDE, queue="intake", cb=self._hide)
            while not ending.done():
                await self._beat()
                await asyncio.wait([ending], timeout=self._pause())
        finally:
            for duty in duties:
                duty.cancel()
            await arms.end()
            await self._leave()

    async def _list_on(self) -> None:
        """Know which cameras are recorded; while the database is away, those it said last."""
        while True:
            with contextlib.suppress(Exception):
                self._recorded, self._turning = await asyncio.to_thread(read_recorded)
            await asyncio.sleep(LIST)

    async def _pulse_on(self) -> None:
        """Say that this process is there and keep its leases, however long a turn takes: where many cameras
        were connected by a slow database all leases ran out meanwhile, and every camera was let go again."""
        while True:
            with contextlib.suppress(Exception):  # NATS is away: it comes back by itself
                await self._nats.publish(MEMBERS, encode(Member(self.name)))
                await self._leases.take(self._leases.held & self._due())
            await asyncio.sleep(BEAT)

    def _pause(self) -> float:
        """Seconds until the next turn: soon while another's lease has to run out first."""
        return AGAIN if self._due() - self._leases.held else BEAT

    def _due(self) -> set[int]:
        """The groups that should be this process's: somebody wants cameras of them."""
        wanted = {group_of(camera) for camera, _which in {*self._recorded, *self._wished}}
        wanted |= {group_of(camera) for camera in self._turning}
        return {group for group in wanted if self._members.mine(group)}

    async def _beat(self) -> None:
        self._wished.forget()
        due = self._due()
        stuck = [stream for stream, pull in self._pulls.items() if pull.stuck]
        for stream in stuck:
            self._told(stream, Piece(0, why=note("still", "no picture comes")))
        await self._let_go(stuck)
        await self._release(due)
        await self._leases.take(due)
        recorded = {stream for stream in self._recorded if self._leases.holds(stream[0])}
        self._record(recorded)
        shown = {camera for camera, _which in self._gazed & self._pulls.keys()}
        self._gazes.keep(shown, {one for one in self._turning if self._leases.holds(one)})
        await asyncio.gather(*(self._hold(stream) for stream in {*self._wished, *recorded}))
        if self._pulls and time.monotonic() - self._written >= WRITE:
            await self._write(list(self._pulls), pulled=True)
        if self._trim_at is not None and time.monotonic() >= self._trim_at:
            self._trim_at = None
            await asyncio.to_thread(trim)

    async def _release(self, due: set[int]) -> None:
        """Let go of what nobody wants any more or another should have, then of its leases."""
        kept = {
            stream
            for stream in {*self._recorded, *self._wished}
            if group_of(stream[0]) in due and self._leases.holds(stream[0])
        }
        self._record(kept & self._recorded)
        await self._let_go(list(self._pulls.keys() - kept))
        await self._leases.end(self._leases.held - due)

    def _record(self, recorded: set[Stream]) -> None:
        """Record what is to be recorded by this process, and end what is not any more."""
        for stream in self._tracks.keys() - recorded:
            self._tracks.pop(stream).end()
        for stream in recorded - self._tracks.keys():
            self._tracks[stream] = Track(
                stream[0],
                store.of_camera(stream[0]),
                self._keeper.hand_over,
                seconds=settings.FOOTAGE_SECONDS,
                has_room=self._keeper.has_room,
            )

    async def _hear_member(self, message: Any) -> None:
        word = read_member(message.data)
        if word.name != self.name:
            self._members.hear(word.name, word.leaving)

    async def _hear_wishes(self, message: Any) -> None:
        streams = self._wished.hear(read_wishes(message.data))
        if new := self._due() - self._leases.held:
            await self._leases.take(new)
        for stream in streams:
            await self._hold(stream)

    async def _give_since(self, message: Any) -> None:
        """To a web process that begins to hear a stream: what came since its last key frame."""
        _cameras, _since, camera, which = message.subject.split(".")
        stream = (UUID(camera), which)
        piece = self._since.of(stream) if stream in self._pulls else None
        if piece is not None:
            for part in (*parts(piece), b""):
                await self._nats.publish(message.reply, part)

    async def _hide(self, message: Any) -> None:
        """Paint over what was recorded for a web process; one after another."""
        task = asyncio.create_task(self._answer(message))
        self._hiding.add(task)
        task.add_done_callback(self._hiding.discard)

    async def _answer(self, message: Any) -> None:
        async with self._painting:
            try:
                hidden = await asyncio.to_thread(hide, read_hiding(message.data))
            except Exception as error:
                log.warning("cameras.not_hidden", why=f"{type(error).__name__}: {error}")
                hidden = Hidden(why=note("unpainted", type(error).__name__))
        with contextlib.suppress(Exception):
            await message.respond(encode(hidden))

    async def _hold(self, stream: Stream) -> None:
        """Pull stream if that is this process's to do and is not done yet."""
        if stream in self._pulls or stream in self._opening or not self._leases.holds(stream[0]):
            return
        if stream not in self._wished and self._refused.get(stream, 0.0) > time.monotonic():
            return
        self._opening.add(stream)
        try:
            source, veil = await asyncio.to_thread(read_source, *stream)
        except CameraError as error:
            self._refused[stream] = time.monotonic() + REFUSED
            self._say(stream, Piece(0, why=noted(error)))
            return
        finally:
            self._opening.discard(stream)
        still = kind_of(stream[1]) in ("still", MASKED_STILL)
        gaze = None
        if veil is not None and veil.views:
            gaze = self._gazes.of(stream[0])
            self._gazed.add(stream)
        pull = Pull(
            source, lambda piece: self._told(stream, piece), still=still, veil=veil, gaze=gaze
        )
        self._since.forget(stream)
        self._pulls[stream] = pull
        self._trim_at = self._trim_at or time.monotonic() + TRIM
        pull.start()
        log.info("cameras.pulled", camera=str(stream[0]), which=stream[1])

    async def _let_go(self, streams: list[Stream]) -> None:
        for stream in streams:
            self._pulls[stream].stop()
        if streams:
            await self._write(streams, pulled=False)
        for stream in streams:
            pull = self._pulls.pop(stream, None)
            self._gazed.discard(stream)
            self._since.forget(stream)
            first = pull.account.first if pull else None
            log.info("cameras.let_go", camera=str(stream[0]), which=stream[1], first_packet=first)

    def _told(self, stream: Stream, piece: Piece) -> None:
        """A piece of a pull's thread: into its camera's file, and on its way to the loop's."""
        if not self._leases.holds(stream[0]):
            return  # this process stood still, and another may have the camera
        track = self._tracks.get(stream)
        if track is not None:
            track.take(piece)
        self._since.remember(stream, piece)
        if stream not in self._wished:
            return
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
        recording = {stream[0]: track.state for stream, track in self._tracks.items()}
        with contextlib.suppress(Exception):
            await asyncio.to_thread(write_health, accounts, pulled, recording)

    async def _leave(self) -> None:
        await self._gazes.end()
        await self._release(set())
        await asyncio.to_thread(self._keeper.stop, KEEP_WITHIN)
        with contextlib.suppress(Exception):
            await self._nats.publish(MEMBERS, encode(Member(self.name, leaving=True)))
            await self._nats.flush(timeout=1)
            await self._nats.close()
