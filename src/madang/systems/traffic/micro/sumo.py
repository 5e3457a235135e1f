"""SUMO as a program of its own: one simulation a process, its vehicles read from a pipe as time goes on.

Nothing is asked of it while it runs and no port is opened. It says every step what all vehicles do; the
pipe takes only a few steps ahead of its reader, so that whoever reads in real time has it run in real
time. When its reader ends, however, it ends with it at its next word.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from madang.systems.traffic.sources.netconvert import home

STEP_S = 0.5
ALLEY_M = 0.4  # finer than half a metre: else nobody passes between two rows
MOST_BYTES = 2 << 30
NICE = 5
AHEAD = 1 << 14  # bytes in the pipe and as many again in the reader
SAID = 400
SEEN = "x,y,angle,speed,speedRelative"
WAITS_BELOW = 0.1  # m/s, as SUMO has it


@dataclass
class Frame:
    """All vehicles at a second of the day: x and y of their fronts (metres of the city), degrees from
    north, m/s, and the speed as a share of the limit."""

    at: float
    ids: list[int] = field(default_factory=list)
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    heading: list[float] = field(default_factory=list)
    speed: list[float] = field(default_factory=list)
    share: list[float] = field(default_factory=list)


class SumoEndedError(Exception):
    """The program is gone before its time; the message is its last words, or how it ended."""


class Frames:
    """The words of `--fcd-output` as they come, as frames."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._begins
        self._parser.EndElementHandler = self._ends
        self._now = Frame(0.0)
        self._done: list[Frame] = []

    def feed(self, words: bytes) -> list[Frame]:
        self._parser.Parse(words, False)
        done, self._done = self._done, []
        return done

    def _begins(self, name: str, said: dict[str, str]) -> None:
        if name == "timestep":
            self._now = Frame(float(said["time"]))
        elif name == "vehicle":
            now = self._now
            now.ids.append(int(said["id"]))
            now.x.append(float(said["x"]))
            now.y.append(float(said["y"]))
            now.heading.append(float(said["angle"]))
            now.speed.append(float(said["speed"]))
            now.share.append(float(said.get("speedRelative", "1")))

    def _ends(self, name: str) -> None:
        if name == "timestep":
            self._done.append(self._now)


class Sumo:
    """A running simulation."""

    def __init__(self, process: asyncio.subprocess.Process, errors: BinaryIO) -> None:
        self._process, self._errors = process, errors

    @property
    def pid(self) -> int:
        return self._process.pid

    @classmethod
    async def start(
        cls, network: Path, vehicles: Path, begin: float, end: float, seed: int,
        make_way: bool = False,
    ) -> Sumo:  # fmt: skip
        """Begin at second `begin` of a day; UnreadableError ("no-sumo") where SUMO is not installed.

        make_way: lanes are divided, so that vehicles move to their sides for those with blue lights. It
        costs several times as much.
        """
        at = home()
        errors = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as it runs)
        process = await asyncio.create_subprocess_exec(
            str(at / "bin" / "sumo"),
            *("-n", str(network), "-r", str(vehicles)),
            *("--begin", f"{begin:.2f}", "--end", f"{end:.2f}", "--seed", str(seed)),
            *("--step-length", str(STEP_S), "--fcd-output", "stdout"),
            *("--fcd-output.attributes", SEEN, "--fcd-output.speed-relative"),
            *("--collision.action", "warn"),
            *(("--lateral-resolution", str(ALLEY_M)) if make_way else ()),
            *("--no-step-log", "--no-warnings", "--xml-validation", "never"),
            env={**os.environ, "SUMO_HOME": str(at)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            limit=AHEAD,
        )
        resource.prlimit(process.pid, resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        return cls(process, errors)

    async def frames(self) -> AsyncIterator[Frame]:
        """Every step as fast as it is asked for; SumoEndedError where the program ends before its time."""
        assert self._process.stdout is not None
        heard = Frames()
        while words := await self._process.stdout.read(AHEAD):
            for frame in heard.feed(words):
                yield frame
        code = await self._process.wait()
        if code:
            raise SumoEndedError(self._last_words(code))

    def _last_words(self, code: int) -> str:
        self._errors.seek(0)
        words = self._errors.read().decode("utf-8", "replace").strip()
        return words[-SAID:] or (f"signal {-code}" if code < 0 else f"exit {code}")

    async def close(self) -> None:
        """End it at once and take it in; safe to call again."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)
        assert self._process.stdout is not None
        while await self._process.stdout.read(AHEAD):
            pass  # what it had said already
        await self._process.wait()
        self._errors.close()
