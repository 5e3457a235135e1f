"""The windows that are open: one a person, so many at once, each kept as long as somebody looks."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from madang.ground.ids import new_id
from madang.systems.traffic.micro.messages import (
    Answer,
    End,
    Figures,
    Look,
    Open,
    Picture,
    Question,
    Refused,
    Seen,
    State,
)
from madang.systems.traffic.micro.opening import Prepared
from madang.systems.traffic.micro.refusal import WindowRefusal
from madang.systems.traffic.micro.sumo import (
    STEP_S,
    WAITS_BELOW,
    Frame,
    Sumo,
    SumoEndedError,
)
from madang.systems.traffic.sources.refusal import UnreadableError

HELD_FOR = 8.0  # seconds a window is kept after somebody looked
TOLD_FOR = 60.0  # … and an ended one remembered, so that it can say why
KEPT = 24  # pictures
Prepare = Callable[[Open, Path, int], Prepared]

log = structlog.get_logger(__name__)


class Window:
    """One simulation from its wish to its end."""

    def __init__(self, wish: Open) -> None:
        self.id, self.wish = new_id(), wish
        self.state: State = "preparing"
        self.why, self.words = "", dict[str, Any]()
        self.began: float | None = None
        self.seen = time.monotonic()
        self.pid = 0
        self._street: dict[str, Any] | None = None
        self._frames: deque[Frame] = deque(maxlen=KEPT)
        self._origin = (0.0, 0.0)
        self._lost: dict[int, float] = {}

    def look(self, after: float | None, street: bool) -> Seen:
        """What happened since, by somebody who looks."""
        self.seen = time.monotonic()
        newest = list(self._frames)[-1:]
        frames = newest if after is None else [one for one in self._frames if one.at > after]
        return Seen(
            window=self.id,
            state=self.state,
            why=self.why,
            words=self.words,
            began=self.began,
            pictures=[_picture(frame, self._origin) for frame in frames],
            figures=_figures(newest[0], self._lost) if newest else None,
            street=self._street if street else None,
        )

    def is_of(self, question: Question) -> bool:
        """Whether who asks has opened it, in the city that they ask in."""
        return (self.wish.city, self.wish.person) == (question.city, question.person)

    def end(self, why: str, **words: Any) -> None:
        if self.state != "ended":
            self.state, self.why, self.words = "ended", why, words
            self.seen = time.monotonic()

    async def run(self, prepare: Prepare) -> None:
        """Prepare and play it until it ends; never raises but when it is cancelled."""
        folder = Path(tempfile.mkdtemp(prefix="madang-window-"))
        try:
            await self._run(prepare, folder)
        except WindowRefusal as refusal:
            self.end(refusal.code, **refusal.words)
        except UnreadableError as error:
            self.end(error.code if error.code == "no-sumo" else "no-export", detail=str(error))
        except SumoEndedError as error:
            self.end("sumo-ended", detail=str(error))
        except asyncio.CancelledError:
            self.end("closed")
            raise
        except Exception as error:
            log.exception("traffic.window", window=str(self.id))
            self.end("failed", detail=type(error).__name__)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    async def _run(self, prepare: Prepare, folder: Path) -> None:
        seed = random.randrange(1, 1 << 30)
        asked = time.monotonic()
        ready = await asyncio.to_thread(prepare, self.wish, folder, seed)
        self._origin, self._street = ready.origin, ready.street
        sumo = await Sumo.start(
            ready.net, ready.vehicles, ready.begin, ready.end, seed, ready.make_way
        )
        self.pid = sumo.pid
        try:
            await self._play(sumo, ready, folder, asked)
        finally:
            await sumo.close()

    async def _play(self, sumo: Sumo, ready: Prepared, folder: Path, asked: float) -> None:
        """Take one step after the other when its time has come, as long as somebody looks.

        What went by while the window was made ready is caught up with, so that lights show what the plan
        shows now.
        """
        async for frame in sumo.frames():
            if self.state == "preparing":
                shutil.rmtree(folder, ignore_errors=True)  # SUMO has read it
                self.state, self.began = "running", ready.since
            due = asked + frame.at - ready.begin
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() - self.seen > HELD_FOR:
                return self.end("unwatched")
            if self.state == "ended":
                return None
            self._frames.append(frame)
            self._lost = _lost(frame, self._lost)
        return self.end(ready.why)


class Windows:
    """All windows of this process."""

    def __init__(self, prepare: Prepare, most: int) -> None:
        self._prepare, self._most = prepare, most
        self._windows: dict[UUID, Window] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    async def answer(self, question: Open | Look | End) -> Answer:
        self._forget()
        if isinstance(question, Open):
            return await self._open(question)
        window = self._windows.get(question.window)
        if window is None or not window.is_of(question):
            return Refused(code="no-window", words={})
        if isinstance(question, End):
            await self._end(window)
            return window.look(None, street=False)
        return window.look(question.after, question.street)

    async def _open(self, wish: Open) -> Answer:
        for window in list(self._windows.values()):
            if window.wish.person == wish.person:
                await self._end(window)
        if sum(not task.done() for task in self._tasks.values()) >= self._most:
            return Refused(code="too-many-windows", words={"most": self._most})
        window = Window(wish)
        self._windows[window.id] = window
        self._tasks[window.id] = asyncio.create_task(window.run(self._prepare))
        return window.look(None, street=False)

    async def _end(self, window: Window) -> None:
        task = self._tasks[window.id]
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        window.end("closed")  # one that had not even begun

    def _forget(self) -> None:
        """Of ended windows those that nobody asks about any more."""
        for key, task in list(self._tasks.items()):
            if task.done() and time.monotonic() - self._windows[key].seen > TOLD_FOR:
                del self._tasks[key], self._windows[key]

    async def close(self) -> None:
        for window in list(self._windows.values()):
            await self._end(window)


def _picture(frame: Frame, origin: tuple[float, float]) -> Picture:
    return Picture(
        frame.at,
        frame.ids,
        [round(x - origin[0], 2) for x in frame.x],
        [round(y - origin[1], 2) for y in frame.y],
        [round(angle, 1) for angle in frame.heading],
        [round(speed, 1) for speed in frame.speed],
    )


def _lost(frame: Frame, before: dict[int, float]) -> dict[int, float]:
    """Seconds that each vehicle has lost against driving at the limit, a step after `before`."""
    return {
        who: before.get(who, 0.0) + STEP_S * max(0.0, 1.0 - share)
        for who, share in zip(frame.ids, frame.share, strict=True)
    }


def _figures(frame: Frame, lost: dict[int, float]) -> Figures:
    count = len(frame.ids)
    return Figures(
        count,
        sum(speed < WAITS_BELOW for speed in frame.speed),
        round(3.6 * sum(frame.speed) / count, 1) if count else None,
        round(sum(lost.values()) / len(lost), 1) if lost else None,
    )
