"""One supervised process: started, heard, watched, and started again when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from madang.run.journal import Journal, sentence
from madang.run.state import ChildState
from madang.run.tether import end_group

DELAYS = (0.1, 1, 2, 4, 8, 16, 30)  # seconds before each start after an end
HEALTHY_AFTER = 60.0  # seconds; then the delays begin again
LAST_WORDS = 0.05  # seconds in which what an ended process said is still read


@dataclass(frozen=True)
class Pipes:
    """The writing ends a new process gets. Closed here once it is started."""

    out: int
    err: int
    ready: int

    def close(self) -> None:
        for number in {self.out, self.err, self.ready}:
            os.close(number)


@dataclass(frozen=True)
class Manner:
    """How a child is started and stopped. start may raise OSError; ready polls what cannot say so."""

    start: Callable[[Pipes], Awaitable[int]]
    patience: float
    stop: signal.Signals = signal.SIGTERM
    stop_within: float = 10
    force: signal.Signals = signal.SIGKILL
    ready: Callable[[int], bool] | None = None


class Reaper:
    """Learns of every end of a child, ours by SIGCHLD and the nursery's by its word."""

    def __init__(self) -> None:
        self._awaited: dict[int, asyncio.Future[int]] = {}
        self._early: dict[int, int] = {}

    def end_of(self, pid: int) -> asyncio.Future[int]:
        """The exit code of a process to come: negative is a signal's number, as in subprocess."""
        end = self._awaited.setdefault(pid, asyncio.get_running_loop().create_future())
        if pid in self._early:
            self.ended(pid, self._early.pop(pid))
        return end

    def reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                self.ended(found[0], os.waitstatus_to_exitcode(found[1]))

    def ended(self, pid: int, code: int) -> None:
        end = self._awaited.pop(pid, None)
        if end is None:
            self._early[pid] = code
        elif not end.done():
            end.set_result(code)


class Child:
    """Keeps one process running. `ready` is set while it is; `changed` is called at every turn."""

    def __init__(self, state: ChildState, manner: Manner, journal: Journal, reaper: Reaper) -> None:
        self.state = state
        self.manner = manner
        self.journal = journal
        self.ready = asyncio.Event()
        self.stopping = False
        self.changed: Callable[[], None] = lambda: None
        self.ended: Callable[[int], None] = lambda pid: None
        self.say: Callable[[str], None] = lambda text: None
        self.show: Callable[[str], None] | None = None  # gets each line of its stdout, if set
        self._reaper = reaper
        self._said_ready = False
        self._end: asyncio.Future[int] | None = None

    @property
    def title(self) -> str:
        return f"{self.state.name} {self.state.number}" if self.state.number else self.state.name

    async def keep(self) -> None:
        """Start it, wait for its end, start it again with growing delays, until stop()."""
        fails = 0
        while not self.stopping:
            began = time.monotonic()
            code = await self.once()
            if self._is_stopping():
                return
            fails = 0 if time.monotonic() - began > HEALTHY_AFTER else fails
            delay = DELAYS[min(fails, len(DELAYS) - 1)]
            fails += 1
            await asyncio.sleep(LAST_WORDS)
            self._tell_end(code, delay)
            await asyncio.sleep(delay)

    async def once(self) -> int:
        """Start it and wait for its end; its exit code, or 127 when it could not be started."""
        self._turn("starting")
        try:
            pid = await self._start()
        except OSError as error:
            self.journal.write(f"could not be started: {error}\n".encode())
            return 127
        self._end = self._reaper.end_of(pid)
        self._turn("starting", pid)
        watch = asyncio.create_task(self._watch_readiness(pid))
        try:
            return await asyncio.shield(self._end)
        finally:
            watch.cancel()
            if self._end.done():
                end_group(pid)
                self.ended(pid)
                self._turn("stopped")
                self.ready.clear()

    async def stop(self) -> None:
        """Ask it to end; make it end when it does not within the time it has."""
        self.stopping = True
        if self._end is None or self._end.done():
            return
        self._turn("stopping", self.state.pid)
        self.signal(self.manner.stop)
        for number in (self.manner.force, signal.SIGKILL):
            if await self._ended_within(self.manner.stop_within):
                return
            self.say(f"{self.title} did not stop in {self.manner.stop_within:.0f} s; ending it")
            self.signal(number)
        await self._ended_within(self.manner.stop_within)

    def signal(self, number: signal.Signals) -> None:
        if self._end is not None and not self._end.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.state.pid, number)

    def _is_stopping(self) -> bool:
        return self.stopping

    def why(self) -> str:
        """Its last words, for a person."""
        return next((sentence(line) for line in reversed(self.journal.last) if line.strip()), "")

    async def _ended_within(self, seconds: float) -> bool:
        assert self._end is not None
        await asyncio.wait([self._end], timeout=seconds)
        return self._end.done()

    async def _start(self) -> int:
        self._said_ready = False
        err = _pipe_to(self.journal.write)
        out = _pipe_to(_by_line(self.show)) if self.show else err
        pipes = Pipes(out, err, _pipe_to(self._hear_ready))
        try:
            return await self.manner.start(pipes)
        finally:
            pipes.close()

    async def _watch_readiness(self, pid: int) -> None:
        """Poll for readiness where the process cannot say it, and speak up when it takes too long."""
        began = time.monotonic()
        late = False
        while not self._said_ready:
            if self.manner.ready is not None and self.manner.ready(pid):
                break
            if not late and time.monotonic() - began > self.manner.patience:
                late = True
                self.say(f"{self.title} takes long to start; what it does: {self.journal.path}")
            await asyncio.sleep(0.03)
        if not self.stopping:
            self._turn("ready", pid)
            self.ready.set()

    def _hear_ready(self, data: bytes) -> None:
        self._said_ready = True

    def _turn(self, word: str, pid: int = 0) -> None:
        self.state.state = word
        self.state.pid = pid
        self.state.since = time.time()
        self.changed()

    def _tell_end(self, code: int, delay: float) -> None:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        self.state.restarts += 1
        self.state.last_end = f"{how}: {self.why()}" if code > 0 else how
        self.say(f"{self.title} {self.state.last_end}; starting it again in {delay:g} s")
        self._turn("waiting")


def _pipe_to(take: Callable[[bytes], None]) -> int:
    """The writing end of a new pipe; what comes out of it is passed on until its last writer is gone."""
    reading, writing = os.pipe()
    loop = asyncio.get_running_loop()
    os.set_blocking(reading, False)

    def read() -> None:
        with contextlib.suppress(BlockingIOError):
            data = os.read(reading, 65536)
            if data:
                take(data)
            else:
                loop.remove_reader(reading)
                os.close(reading)

    loop.add_reader(reading, read)
    return writing


def _by_line(show: Callable[[str], None]) -> Callable[[bytes], None]:
    rest = b""

    def take(data: bytes) -> None:
        nonlocal rest
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            show(line.decode(errors="replace"))

    return take
