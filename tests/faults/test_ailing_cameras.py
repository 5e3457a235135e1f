"""Cameras as they fail: silent, lying, broken, changed, jumping in time, rebooted, locked.

All of them at once on one server of the test's own, over RTSP as a real client asks for it.
"""

from __future__ import annotations

import asyncio
import io
import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from typing import Any

import av
import pytest

from madang.demo.eyes.rtsp import Hear, RtspServer
from madang.systems.cameras.intake import pull as pulling
from madang.systems.cameras.intake.pull import Pull, Source
from madang.systems.cameras.messages import Piece
from madang.systems.cameras.recording.boxes import times
from systems.cameras.test_pictures import clip

PATIENCE, STEP, PACE = 60.0, 6000, 0.02
WORD = "열려라 참깨"
Play = Callable[[Hear], Awaitable[None]]


@cache
def pictures(library: str = "libx264", width: int = 320) -> list[tuple[bytes, bool]]:
    """What such a camera sends, in Annex B form."""
    with clip(library, width) as made:
        return [(bytes(one), one.is_keyframe) for one in made.demux(video=0) if one.size]


async def show(hear: Hear, some: list[tuple[bytes, bool]], stamp: int = 0) -> int:
    """Send pictures; the time of the next."""
    for data, key in some:
        hear(data, stamp, key)
        stamp += STEP
        await asyncio.sleep(PACE)
    return stamp


async def steady(hear: Hear, stamp: int = 0) -> None:
    while True:
        stamp = await show(hear, pictures(), stamp)


async def stalls(hear: Hear) -> None:
    await show(hear, pictures()[:12])
    await asyncio.Event().wait()


async def mute(hear: Hear) -> None:
    """It takes the call and never sends a first picture."""
    await asyncio.Event().wait()


async def lies(hear: Hear) -> None:
    """It says H.264 and sends H.265."""
    stamp = 0
    while True:
        stamp = await show(hear, pictures("libx265"), stamp)


async def broken(hear: Hear) -> None:
    stamp = 0
    while True:
        for data, key in pictures():
            hear(data if key else os.urandom(len(data)), stamp, key)
            hear(os.urandom(3000), stamp, False)
            stamp = await show(hear, [(data, key)], stamp)


class Resizes:
    """Somebody sets another size while it is seen; it keeps it."""

    def __init__(self) -> None:
        self.grown = False

    async def __call__(self, hear: Hear) -> None:
        stamp = 0 if self.grown else await show(hear, pictures())
        self.grown = True
        while True:
            stamp = await show(hear, pictures(width=640), stamp)


async def jumps(hear: Hear) -> None:
    for stamp in (0, 1 << 30, 90_000, 1 << 28):
        await show(hear, pictures(), stamp)
    await steady(hear)


PLAYS: dict[str, Play] = {
    "steady": steady,
    "stalls": stalls,
    "mute": mute,
    "lies": lies,
    "broken": broken,
    "jumps": jumps,
    "reboots": steady,
    "locked": steady,
}


class Stream:
    """One path of the server; calls counts who asked for its pictures."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._tasks: dict[Hear, asyncio.Task[Any]] = {}
        self.calls = 0

    def join(self, hear: Hear) -> None:
        self.calls += 1
        self._tasks[hear] = asyncio.ensure_future(self._play(hear))

    def leave(self, hear: Hear) -> None:
        self._tasks.pop(hear).cancel()


class Street:
    """The cameras, in a loop of their own."""

    def __init__(self) -> None:
        plays = {**PLAYS, "resizes": Resizes()}
        self.streams = {name: Stream(play) for name, play in plays.items()}
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.server = RtspServer(self.streams.get, "madang", WORD)
        self.port = self.do(self.server.start, "127.0.0.1", 0)

    def do(self, act: Any, *words: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(act(*words), self.loop).result(20)

    async def reboot(self) -> None:
        """Every connection ends, and for a while nobody answers."""
        await self.server.stop()
        await asyncio.sleep(0.5)
        await self.server.start("127.0.0.1", self.port)


class Seen:
    """What a pull made of a camera."""

    def __init__(self, street: Street, name: str, word: str = WORD) -> None:
        self.pieces: list[Piece] = []
        source = Source(f"rtsp://127.0.0.1:{street.port}/{name}", "tcp", "madang", word)
        self.pull = Pull(source, self.pieces.append)
        self.pull.start()

    @property
    def shown(self) -> list[Piece]:
        return [one for one in self.pieces if one.data]

    @property
    def sources(self) -> list[int]:
        return list(dict.fromkeys(one.source for one in self.shown))

    @property
    def inits(self) -> set[bytes]:
        return {one.init for one in self.shown if one.key}

    @property
    def words(self) -> list[str]:
        return [one.why for one in self.pieces if one.why]


@pytest.fixture
def street(monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    monkeypatch.setattr(pulling, "READ_WITHIN", 2.0)
    for library, width in (("libx264", 320), ("libx264", 640), ("libx265", 320)):
        pictures(library, width)
    made = Street()
    yield made
    made.do(made.server.stop)
    made.loop.call_soon_threadsafe(made.loop.stop)


@contextmanager
def pulled(street: Street) -> Iterator[dict[str, Seen]]:
    words = {name: WORD if name != "locked" else "falsch" for name in street.streams}
    seen = {name: Seen(street, name, word) for name, word in words.items()}
    try:
        yield seen
    finally:
        for one in seen.values():
            one.pull.stop()


def until(true: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, what
        time.sleep(0.05)


def decoded(pieces: list[Piece]) -> int:
    """How many pictures a player makes of them; it goes over what it cannot read."""
    data = pieces[0].init + b"".join(one.data for one in pieces)
    count = 0
    with av.open(io.BytesIO(data)) as file:
        for packet in file.demux(video=0):
            try:
                count += len(packet.decode())
            except av.error.InvalidDataError:
                continue
    return count


def test_ailing_cameras_are_said_to_be_and_come_back(street: Street) -> None:
    with pulled(street) as seen:
        until(lambda: len(seen["steady"].shown) > 20, "the steady camera shows nothing")
        until(lambda: len(seen["stalls"].sources) > 1, "the silent camera was not called again")
        mutes = street.streams["mute"]
        until(lambda: mutes.calls > 1, "who never sent a picture was not called again")
        until(lambda: bool(seen["lies"].words), "nobody says that the camera lies")
        until(lambda: len(seen["resizes"].inits) > 1, "the new size made no new stream")
        until(lambda: len(seen["jumps"].shown) > 90, "the jumping camera shows nothing")
        until(lambda: sum(one.key for one in seen["broken"].shown) > 3, "nothing of the broken")
        until(lambda: len(seen["locked"].words) > 1, "nobody says that the password is wrong")
        until(lambda: bool(seen["reboots"].shown), "the camera shows nothing")
        before = set(seen["reboots"].sources)
        street.do(street.reboot)
        until(lambda: set(seen["reboots"].sources) != before, "the rebooted camera is not back")

    assert seen["lies"].shown == []
    assert seen["mute"].shown == []
    assert seen["mute"].words != []
    assert seen["locked"].shown == []
    assert not any("falsch" in word or WORD in word for word in seen["locked"].words)
    assert len(seen["locked"].words) < 12  # each time later
    of_jumps = [one for one in seen["jumps"].shown if one.source == seen["jumps"].sources[0]]
    stamps = [times(one.data)[0] for one in of_jumps]
    assert all(0 < after - one < 90_000 for one, after in pairwise(stamps))
    told = {(one.source, one.init) for one in seen["resizes"].shown if one.key}
    assert len(told) == len({source for source, _init in told})  # never two sizes in one stream
    of_broken = [one for one in seen["broken"].shown if one.source == seen["broken"].sources[0]]
    assert of_broken[0].key
    assert decoded(of_broken) > 0
