"""The arms of one intake process: it turns the cameras that belong to it, and sends home those let go.

What a hand is on stands in the database, so an intake process that takes cameras over stops what the one
before left turning, ends what nobody keeps any more, and brings home what is due.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from django.db import close_old_connections
from django.utils.translation import gettext as _
from django.utils.translation import override

from madang.systems.cameras.domain.sealing import unseal
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Onvif, SteeringSession
from madang.systems.cameras.onvif.head import Head
from madang.systems.cameras.onvif.talk import Device, Talk
from madang.systems.cameras.steering import hand
from madang.systems.cameras.steering.arm import Arm
from madang.systems.cameras.steering.edges import Edges, edges_of
from madang.systems.cameras.steering.words import (
    WISHES,
    Hand,
    Heard,
    Steer,
    Turned,
    as_json,
    encode,
    read_steer,
    told_of,
)

TEND = 1.0  # seconds between two looks at what was left
UNUSED = 60.0  # … after which an arm that nobody uses is let go
AGAIN = 30.0  # … until a camera that could not be sent home is tried again
MOST_ENDED = 10_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reached:
    """How a camera's head is reached, and where it may look."""

    address: str
    profile: str
    user: str
    password: str = field(repr=False)
    edges: Edges


@dataclass
class Left:
    """What the database says is to be looked after."""

    lost: list[SteeringSession]
    open: list[tuple[UUID, UUID]]  # camera, session
    home: list[UUID]


@dataclass
class Held:
    """An arm with the conversation it has."""

    arm: Arm
    talk: Talk
    reached: Reached


class Arms:
    """mine says whether a camera belongs to this process now."""

    def __init__(self, nats: Any, mine: Callable[[UUID], bool]) -> None:
        self._nats, self._mine = nats, mine
        self._held: dict[UUID, Held] = {}
        self._opening: dict[UUID, asyncio.Lock] = {}
        self._ended: dict[UUID, None] = {}
        self._not_before: dict[UUID, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        await self._nats.subscribe(WISHES, cb=self._hear)
        self._spawn(self._tend_on())

    async def end(self) -> None:
        """Stop every camera that turns, and go."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for camera in list(self._held):
            await self._drop(camera)

    def _spawn(self, duty: Any) -> None:
        task = asyncio.create_task(duty)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear(self, message: Any) -> None:
        wish = read_steer(message.data)
        if self._mine(wish.camera):
            self._spawn(self._answer(wish, message))

    async def _answer(self, wish: Steer, message: Any) -> None:
        with override(wish.language):
            try:
                heard = await self._do(wish)
            except CameraError as error:
                heard = Heard(why=str(error))
            except Exception as error:
                log.warning("cameras.steering_failed", error=f"{type(error).__name__}: {error}")
                heard = Heard(why=_("The camera could not be steered."))
        if message.reply:
            with contextlib.suppress(
                Exception
            ):  # NATS is away: who asked hears nothing, and says so
                await self._nats.publish(message.reply, encode(heard))

    async def _do(self, wish: Steer) -> Heard:
        if wish.do == "end":
            self._forget(wish.session)
            held = self._held.get(wish.camera)
            if held is None or held.arm.session != wish.session:
                return Heard()
            held.arm.session = None
            return await held.arm.do(wish)
        arm = await self._arm(wish.camera)
        if wish.do != "look":
            await self._check(arm, wish.session)
        return await arm.do(wish)

    async def _check(self, arm: Arm, session: UUID | None) -> None:
        """That the wish comes from whose hand is on the camera now."""
        if session is not None and session == arm.session:
            return
        if session is None or session in self._ended or not await asked(_is_open, session):
            if session is not None:
                self._forget(session)
            raise CameraError(_("Your hand is not on this camera any more."))
        if arm.session is not None:
            self._forget(arm.session)
            await arm.halt()
        arm.session = session

    def _forget(self, session: UUID | None) -> None:
        if session is not None:
            self._ended[session] = None
        while len(self._ended) > MOST_ENDED:
            self._ended.pop(next(iter(self._ended)))

    async def _arm(self, camera: UUID) -> Arm:
        async with self._opening.setdefault(camera, asyncio.Lock()):
            held = self._held.get(camera)
            if held is None:
                reached = await asked(reach, camera)
                held = self._held[camera] = self._made(camera, reached)
            return held.arm

    def _made(self, camera: UUID, reached: Reached) -> Held:
        talk = Talk(Device(reached.address, reached.user, reached.password))
        head = Head(talk, reached.profile)

        def tell(word: Turned) -> None:
            self._spawn(self._say(camera, word))

        return Held(Arm(camera, head, reached.edges, tell), talk, reached)

    async def _say(self, camera: UUID, word: Turned | Hand) -> None:
        with contextlib.suppress(Exception):  # NATS is away: the next word will do
            await self._nats.publish(told_of(camera), as_json(word))

    async def _drop(self, camera: UUID) -> None:
        held = self._held.pop(camera, None)
        if held is not None:
            await held.arm.close()
            await held.talk.close()

    async def _tend_on(self) -> None:
        while True:
            try:
                await self._tend()
            except Exception as error:  # the database is away: what is held goes on
                log.warning("cameras.steering_untended", error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(TEND)

    async def _tend(self) -> None:
        held = {camera: one.arm.session for camera, one in self._held.items()}
        left: Left = await asked(read_left)
        for session in left.lost:
            await self._lost(session)
        await self._let_go(held, {session for _camera, session in left.open})
        for camera, session_id in left.open:
            if self._mine(camera) and camera not in self._held:
                self._spawn(self._adopt(camera, session_id))
        for camera in left.home:
            if self._mine(camera) and self._not_before.get(camera, 0.0) < time.monotonic():
                self._not_before[camera] = time.monotonic() + AGAIN
                self._spawn(self._return(camera))
        if self._held:
            await self._tidy()

    async def _let_go(self, held: dict[UUID, UUID | None], open_: set[UUID]) -> None:
        """Take hands off whose end was not heard here."""
        for camera, session in held.items():
            one = self._held.get(camera)
            if session is None or session in open_ or one is None or one.arm.session != session:
                continue
            one.arm.session = None
            with contextlib.suppress(CameraError):
                await one.arm.halt()

    async def _lost(self, session: SteeringSession) -> None:
        """A page went without a word: its hand is not on the camera any more."""
        self._forget(session.pk)
        held = self._held.get(session.camera_id)
        if held is not None and held.arm.session == session.pk:
            held.arm.session = None
            with contextlib.suppress(CameraError):
                await held.arm.halt()
        word = Hand(before=str(session.pk), why="lost")
        await self._say(session.camera_id, word)

    async def _adopt(self, camera: UUID, session: UUID) -> None:
        """Another process turned it until now: stop it, and go on from here."""
        with contextlib.suppress(CameraError):
            arm = await self._arm(camera)
            if arm.session is None:
                arm.session = session
                await arm.halt()

    async def _return(self, camera: UUID) -> None:
        try:
            arm = await self._arm(camera)
            if arm.session is None:
                await arm.do(Steer(camera, None, "home"))
                await asked(hand.note_returned, camera)
                log.info("cameras.returned", camera=str(camera))
        except CameraError as error:
            log.warning("cameras.not_returned", camera=str(camera), why=str(error))

    async def _tidy(self) -> None:
        """Take new edges, and let go of arms that are not used or not ours."""
        reached = await asked(reach_all, list(self._held))
        for camera, held in list(self._held.items()):
            now = reached.get(camera)
            unused = held.arm.session is None and time.monotonic() - held.arm.used > UNUSED
            if now is None or unused or not self._mine(camera) or _elsewhere(now, held.reached):
                await self._drop(camera)
            else:
                held.arm.edges = now.edges


def _elsewhere(one: Reached, other: Reached) -> bool:
    def words(reached: Reached) -> tuple[str, ...]:
        return (reached.address, reached.profile, reached.user, reached.password)

    return words(one) != words(other)


async def asked(question: Callable[..., Any], *words: Any) -> Any:
    """What the database says, asked in a thread."""

    def ask() -> Any:
        try:
            return question(*words)
        finally:
            close_old_connections()

    return await asyncio.to_thread(ask)


def read_left() -> Left:
    if not hand.is_anything_left():
        return Left([], [], [])
    lost = hand.end_lost()
    rows = SteeringSession.objects.filter(ended=None).values_list("camera", "pk")
    return Left(lost, list(rows), hand.to_return())


def _is_open(session: UUID) -> bool:
    return SteeringSession.objects.filter(pk=session, ended=None).exists()


def reach(camera: UUID) -> Reached:
    """How the head of camera is reached; CameraError where nobody recorded it."""
    row = Onvif.objects.select_related("camera").filter(camera=camera, turns=True).first()
    if row is None:
        raise CameraError(_("No ONVIF address is recorded of this camera."))
    return _reached(row)


def reach_all(cameras: Iterable[UUID]) -> dict[UUID, Reached]:
    rows = Onvif.objects.select_related("camera").filter(camera__in=list(cameras), turns=True)
    found = {}
    for row in rows:
        with contextlib.suppress(
            CameraError
        ):  # its password cannot be opened: it is reached no more
            found[row.camera_id] = _reached(row)
    return found


def _reached(row: Onvif) -> Reached:
    camera = row.camera
    password = unseal(camera.pk, bytes(camera.sealed))
    return Reached(row.address, row.profile, camera.user, password, edges_of(row))
