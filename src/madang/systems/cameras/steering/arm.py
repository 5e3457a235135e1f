"""The arm of a camera, in the intake process that it belongs to: it does what a hand wishes.

A move is wished again several times a second while a key is held. When the wishes stop coming, for whatever
reason, the camera is stopped here; and should this process be gone, by the end that each move carries.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from math import hypot
from uuid import UUID

import structlog
from django.utils.translation import gettext as _
from django.utils.translation import override

from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.onvif.head import Head, Status, Stored
from madang.systems.cameras.steering.edges import STILL, Edges, Position
from madang.systems.cameras.steering.words import Heard, Preset, Steer, Turned

DEAD_AFTER = 0.8  # seconds without a wish after which a held key counts as let go
LASTS = (
    1.0  # seconds that the camera itself lets a move go on: an edge is not further than that away
)
RENEW = 0.5  # … after which it is asked again for the same
LOOK = 0.12  # seconds between two looks at where a moving camera is
SETTLE, COAST = 12.0, 1.0  # seconds that a way to a preset may take; and stopping
STARTS = 0.6  # … until a head that was sent somewhere says that it moves
BACK = 3.0  # … until one that looks where it may not is brought back once more
NEAR = 0.02  # of a velocity: what differs less is the same
MARGIN, UNLEARN = (
    1.3,
    0.8,
)  # a head counts as so much faster than it was seen to go; forgotten a look
SEEN, QUICKEST = 0.01, 2.0  # of a range in a second: what counts as seen, and what no head exceeds

log = structlog.get_logger(__name__)
Tell = Callable[[Turned], None]


class Arm:
    """One camera's. Wishes are done one after the other; a newer velocity replaces one that waits."""

    def __init__(self, camera: UUID, head: Head, edges: Edges, tell: Tell) -> None:
        self.camera, self.edges = camera, edges
        self.session: UUID | None = None
        self.used = time.monotonic()
        self._head, self._tell = head, tell
        self._wanted, self._heard = STILL, 0.0
        self._sent, self._sent_at = STILL, 0.0
        self._speeds = Position(QUICKEST, QUICKEST, QUICKEST)
        self._last: tuple[float, Position] | None = None
        self._going, self._going_until = 0.0, 0.0
        self._brought_back = 0.0
        self.language = "ko"
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._go_on())

    async def close(self) -> None:
        """Stop the camera and let it be."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if any(self._sent):
            with contextlib.suppress(CameraError):
                await self._head.stop()

    async def do(self, wish: Steer) -> Heard:
        """Do what the hand wishes; CameraError says why it cannot be done."""
        self.used, self.language = time.monotonic(), wish.language
        if wish.do == "move":
            return self._move(Position(wish.pan, wish.tilt, wish.zoom))
        async with self._turn:
            if wish.do == "look":
                return await self._look()
            await self._halt()
            if wish.do not in ("stop", "end"):
                await self._send(wish)
        self._wake.set()
        return Heard()

    async def halt(self) -> None:
        """Stop it, whoever may have turned it."""
        async with self._turn:
            await self._halt(always=True)

    def _move(self, wanted: Position) -> Heard:
        self._wanted, self._heard = _unit(wanted), time.monotonic()
        self._going_until = 0.0
        self._wake.set()
        return Heard()

    async def _look(self) -> Heard:
        at = await self._status()
        stored = await self._head.presets()
        self._told(at)
        found = [Preset(one.token, one.name, self._open(one), one.at) for one in stored]
        return Heard(presets=found)

    def _open(self, one: Stored) -> bool:
        return one.at is None or self.edges.hold(one.at)

    async def _send(self, wish: Steer) -> None:
        """Send it on a way of its own."""
        if wish.do == "home":
            await self._head.home()
        elif wish.do == "centre":
            await self._check_watched()
            await self._head.centre(wish.pan, wish.tilt)
        elif wish.do == "preset":
            await self._go_to(wish.word)
        elif wish.do == "keep":
            await self._head.keep(wish.word)
            return
        self._watch(SETTLE)

    def _watch(self, seconds: float) -> None:
        """Look where the head goes until it stands."""
        self._going = time.monotonic()
        self._going_until = self._going + seconds

    async def _go_to(self, token: str) -> None:
        stored = next((one for one in await self._head.presets() if one.token == token), None)
        if stored is None:
            raise CameraError(_("The camera has no such preset any more."))
        if not self._open(stored):
            raise CameraError(_("This preset looks outside of what this camera may show."))
        if stored.at is None:
            await self._check_watched()
        await self._head.preset(token)

    async def _check_watched(self) -> None:
        """That it can be seen where the camera goes, where it may not go everywhere."""
        if self.edges.any and (await self._status()).at is None:
            raise CameraError(
                _("This camera does not say where it looks, so its edges cannot be kept.")
            )

    async def _go_on(self) -> None:
        while True:
            busy = any(self._wanted) or any(self._sent) or self._going_until > 0
            if not busy:
                await self._wake.wait()
            self._wake.clear()
            began = time.monotonic()
            try:
                async with self._turn:
                    with override(self.language):
                        await self._step()
            except CameraError as error:
                self._wanted, self._sent, self._going_until = STILL, STILL, 0.0
                self._tell(Turned(said=str(error)))
            except Exception as error:
                log.warning("cameras.steering_failed", error=f"{type(error).__name__}: {error}")
                self._wanted, self._sent, self._going_until = STILL, STILL, 0.0
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.01, LOOK - (time.monotonic() - began))):
                    await self._wake.wait()

    async def _step(self) -> None:
        if any(self._wanted) and time.monotonic() - self._heard > DEAD_AFTER:
            self._wanted = STILL
        if not any(self._wanted):
            await self._rest()
            return
        if not self.edges.any:
            await self._drive(self._wanted)
            self._told(await self._status())
            return
        status = await self._status()
        if status.at is None:
            await self._halt()
            raise CameraError(
                _("This camera does not say where it looks, so its edges cannot be kept.")
            )
        may = self.edges.braked(status.at, self._wanted, self._speeds, LASTS)
        await self._drive(may)
        self._told(status, edge=_held_back(may, self._wanted))

    async def _rest(self) -> None:
        """Nothing is wished: stop it, and see that it comes to look where it may."""
        if any(self._sent):
            await self._halt()
            self._watch(COAST)
        status = await self._status()
        inside = status.at is None or self.edges.hold(status.at)
        if not inside:
            await self._bring_back(status)
        self._told(status, edge=not inside)
        now = time.monotonic()
        stands = status.moving is False and now - self._going > STARTS and inside
        if stands or now > self._going_until:
            self._going_until = 0.0

    async def _bring_back(self, status: Status) -> None:
        assert status.at is not None
        now = time.monotonic()
        if now - self._brought_back < BACK:
            return
        self._brought_back = now
        await self._head.stop()
        await self._head.go(self.edges.nearest(status.at))
        self._watch(SETTLE)

    async def _drive(self, velocity: Position) -> None:
        now = time.monotonic()
        same = all(abs(a - b) < NEAR for a, b in zip(velocity, self._sent, strict=True))
        if not any(velocity):
            if any(self._sent):
                await self._head.stop()
        elif not same or now - self._sent_at > RENEW:
            await self._head.move(velocity, LASTS)
            self._sent_at = now
        self._sent = velocity

    async def _halt(self, *, always: bool = False) -> None:
        moving = any(self._sent) or self._going_until > 0
        self._wanted, self._going_until = STILL, 0.0
        if moving or always:
            self._sent = STILL
            await self._head.stop()

    async def _status(self) -> Status:
        status = await self._head.status()
        now = time.monotonic()
        if status.at is not None:
            self._measure(now, status.at)
            self._last = (now, status.at)
        return status

    def _measure(self, now: float, at: Position) -> None:
        """Learn how fast the head goes at full speed, from how far it came."""
        if self._last is None or now - self._last[0] < LOOK / 2:
            return
        span, before = now - self._last[0], self._last[1]
        found = []
        for one, was, sent, speed in zip(at, before, self._sent, self._speeds, strict=True):
            seen = abs(one - was) / span / abs(sent) if abs(sent) > 0.05 else 0.0
            found.append(_learnt(speed, seen))
        self._speeds = Position(*found)

    def _told(self, status: Status, *, edge: bool = False) -> None:
        moving = bool(status.moving) or any(self._sent)
        self._tell(Turned(position=status.at, moving=moving, edge=edge))


def _learnt(speed: float, seen: float) -> float:
    """What a head is taken to go in a second at full speed: faster at once, slower little by little."""
    if seen < SEEN:
        return speed
    return min(QUICKEST, max(seen * MARGIN, speed * UNLEARN))


def _unit(wanted: Position) -> Position:
    """No axis faster than full speed, and nothing that is no number."""
    return Position(*(max(-1.0, min(1.0, one)) if one == one else 0.0 for one in wanted))


def _held_back(may: Position, wanted: Position) -> bool:
    return hypot(*(a - b for a, b in zip(may, wanted, strict=True))) > NEAR
