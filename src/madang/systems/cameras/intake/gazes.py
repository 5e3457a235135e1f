"""Heads that are looked at: of cameras that turn and whose zones lie at places of their head.

Only while somebody is shown their pictures masked, or they are recorded.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Set
from typing import NoReturn
from uuid import UUID

import structlog

from madang.ground.ids import new_id
from madang.systems.cameras.domain.heads import Gaze, Stood, keep_stands
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera
from madang.systems.cameras.onvif.head import Head
from madang.systems.cameras.onvif.talk import Device, Talk
from madang.systems.cameras.steering.arms import asked, reach

EVERY = 0.3  # seconds between two looks
AGAIN = 3.0  # … until a head that does not answer is asked again
WRITE = 5.0  # … between two writings of where recorded heads stood

log = structlog.get_logger(__name__)


class Gazes:
    """Those of one intake process."""

    def __init__(self) -> None:
        self._gazes: dict[UUID, Gaze] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._recorded: Set[UUID] = frozenset()
        self._written: dict[UUID, dict[float, tuple[UUID, float]]] = {}
        self._writing = asyncio.create_task(self._write_on())

    def of(self, camera: UUID) -> Gaze:
        """The camera's; it is looked at from now on."""
        if camera not in self._tasks:
            gaze = self._gazes[camera] = Gaze()
            self._tasks[camera] = asyncio.create_task(_look_on(camera, gaze))
        return self._gazes[camera]

    def keep(self, shown: Set[UUID], recorded: Set[UUID]) -> None:
        """Look at these and at no others; where recorded ones stand is written down."""
        self._recorded = recorded
        for camera in shown | recorded:
            self.of(camera)
        for camera in self._tasks.keys() - shown - recorded:
            self._tasks.pop(camera).cancel()
            self._gazes.pop(camera).lost()

    async def end(self) -> None:
        await self._write()
        tasks = [self._writing, *self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for gaze in self._gazes.values():
            gaze.lost()

    async def _write_on(self) -> None:
        while True:
            await asyncio.sleep(WRITE)
            await self._write()

    async def _write(self) -> None:
        recorded = self._recorded & self._gazes.keys()
        self._written = {camera: self._written.get(camera, {}) for camera in recorded}
        for camera in recorded:
            with contextlib.suppress(
                Exception
            ):  # the database is away: stands are remembered a while
                await self._write_of(camera)

    async def _write_of(self, camera: UUID) -> None:
        """Write down what its head stood since the last time, each stand under the id that it got."""
        before = self._written[camera]
        now = {
            one.begins: (one, before.get(one.begins, (new_id(), one.begins)))
            for one in self._gazes[camera].stands()
        }
        grown = [(pk, _by_the_wall(one)) for one, (pk, ends) in now.values() if one.ends > ends]
        if grown:
            await asked(_keep, camera, grown)
        self._written[camera] = {begins: (pk, one.ends) for begins, (one, (pk, _)) in now.items()}


def _by_the_wall(stood: Stood) -> Stood:
    """Seconds of Unix, as recordings have them, of those of the machine's own clock."""
    ahead = time.time() - time.monotonic()
    return Stood(stood.begins + ahead, stood.ends + ahead, stood.at)


def _keep(camera: UUID, stood: list[tuple[UUID, Stood]]) -> None:
    city = Camera.objects.values_list("city", flat=True).get(pk=camera)
    keep_stands(city, camera, stood)


async def _look_on(camera: UUID, gaze: Gaze) -> None:
    told = ""
    while True:
        try:
            await _look(camera, gaze)
        except Exception as error:
            why = str(error) if isinstance(error, CameraError) else type(error).__name__
        gaze.lost()
        if why != told:
            log.warning("cameras.head_not_seen", camera=str(camera), why=why)
        told = why
        await asyncio.sleep(AGAIN)


async def _look(camera: UUID, gaze: Gaze) -> NoReturn:
    """Look at the head until it does not answer."""
    reached = await asked(reach, camera)
    async with Talk(Device(reached.address, reached.user, reached.password)) as talk:
        head = Head(talk, reached.profile)
        while True:
            began = time.monotonic()
            status = await head.status()
            gaze.look(began, time.monotonic(), status.at, status.moving)
            await asyncio.sleep(max(0.0, began + EVERY - time.monotonic()))
