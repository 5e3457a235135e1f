"""The supervisor: starts the servers and the processes in order, keeps them running, stops them in order.

Plain Python without Django in its memory, so that it stays small and nothing of the rooms can hurt it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from madang.run import state
from madang.run.child import LAST_WORDS, Child, Manner, Pipes, Reaper
from madang.run.journal import Journal
from madang.run.nursery import Link
from madang.run.processes import PREPARATION, PROCESSES, Process
from madang.run.refusal import Refusal
from madang.run.servers import Server, embedded, spawn
from madang.run.settings import Settings
from madang.run.state import ChildState, State
from madang.run.tether import adopt_orphans

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TRIES_AT_START = 3


class StartError(Refusal):
    """The platform could not be started; the message says why and what to do."""


class Supervisor:
    """One run of the platform. inherit are the files every process gets: the hold, the web socket."""

    def __init__(
        self,
        home: Path,
        settings: Settings,
        state_: State,
        inherit: tuple[int, ...],
        say: Callable[[str], None],
    ) -> None:
        self.home = home
        self.settings = settings
        self.state = state_
        self.inherit = inherit
        self.say = say
        self.reaper = Reaper()
        self.link = Link(self.reaper.ended, lambda: self.nursery_loaded.set())
        self.nursery_loaded = asyncio.Event()
        self.servers = [self._server(server) for server in embedded(home, settings)]
        self.nursery = self._nursery()
        self.preparation = self._process(PREPARATION, 0)
        self.processes = [
            (line, self._process(line, number))
            for line in PROCESSES
            for number in range(1, line.count(settings) + 1)
        ]
        self._keepers: list[asyncio.Task[None]] = []
        self._asked_to_stop = 0
        self._stop = asyncio.Event()

    async def run(self, on_started: Callable[[], None]) -> None:
        """Start everything, call on_started, and stay until a signal asks to stop."""
        adopt_orphans()
        self._listen_to_signals()
        start = asyncio.create_task(self._start())
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([start, stop], return_when=asyncio.FIRST_COMPLETED)
            if start.done():
                start.result()
                self._phase("running")
                on_started()
                await stop
        finally:
            start.cancel()
            self._phase("stopping")
            await self._stop_all()
            self._phase("stopped")

    # -- start

    async def _start(self) -> None:
        for child in (*self.servers, self.nursery):
            self._keep(child)
        for server in self.servers:
            await self._ready_or_error(server)
        await self._ready_or_error(self.nursery)
        await self._prepare()
        for line, child in self.processes:
            self._keep(child, after=line.needs)
        await self._until_ready([child for _, child in self.processes])

    async def _ready_or_error(self, child: Child) -> None:
        """Wait until it is ready; a server that ends again and again stops the start."""
        while not child.ready.is_set():
            if child.state.restarts >= TRIES_AT_START:
                raise StartError(
                    f"{child.title} does not start: {child.why()}\nMore is in {child.journal.path}"
                )
            await asyncio.sleep(0.02)

    async def _prepare(self) -> None:
        """Bring the database to this version and, the first time, make the demo city."""
        self.preparation.show = self.say
        if await self.preparation.once() != 0:
            await asyncio.sleep(LAST_WORDS)
            raise StartError(self.preparation.why())

    async def _until_ready(self, children: Iterable[Child]) -> None:
        """Wait for all, but not for one that fails again and again: the others work without it."""
        for child in children:
            while not child.ready.is_set() and child.state.restarts < TRIES_AT_START:
                await asyncio.sleep(0.02)
            if not child.ready.is_set():
                self.say(f"{child.title} does not start: {child.why()}")

    def _keep(self, child: Child, after: Iterable[str] = ()) -> None:
        async def keep() -> None:
            for needed in self._named(after):
                await needed.ready.wait()
            await child.keep()

        self._keepers.append(asyncio.create_task(keep()))

    def _named(self, names: Iterable[str]) -> list[Child]:
        wanted = set(names)
        every = [*self.servers, *(child for _, child in self.processes)]
        return [child for child in every if child.state.name in wanted]

    # -- children

    def _server(self, server: Server) -> Child:
        async def start(pipes: Pipes) -> int:
            launch = await asyncio.to_thread(server.prepare)
            return _number_of(spawn(server, launch, pipes.err, self.inherit))

        manner = Manner(
            start, 30, server.stop, server.stop_within, server.force, ready=server.ready
        )
        return self._child(ChildState(server.name, 0), manner)

    def _nursery(self) -> Child:
        async def start(pipes: Pipes) -> int:
            await self._end_orphans()
            self.nursery_loaded.clear()
            return _number_of(self.link.start(pipes.err, self.inherit))

        manner = Manner(start, 60, ready=lambda pid: self.nursery_loaded.is_set())
        return self._child(ChildState("nursery", 0), manner)

    def _process(self, line: Process, number: int) -> Child:
        async def start(pipes: Pipes) -> int:
            await self.nursery.ready.wait()
            return await self.link.bear(line.name, number, [pipes.out, pipes.err, pipes.ready])

        manner = Manner(start, line.patience, stop_within=line.stop_within)
        return self._child(ChildState(line.name, number), manner)

    def _child(self, child_state: ChildState, manner: Manner) -> Child:
        number = f"-{child_state.number}" if child_state.number else ""
        path = self.home / "logs" / f"{child_state.name}{number}.log"
        child = Child(child_state, manner, Journal(path), self.reaper)
        child.journal.show = lambda text: self.say(f"{child.title}: {text}")
        child.say = self.say
        child.changed = self._write_state
        child.ended = self._forget_metrics
        self.state.children.append(child_state)
        return child

    async def _end_orphans(self) -> None:
        """What a dead nursery left was told to end by the kernel; its exits now come to the reaper."""
        self.link.close()
        for pid in tuple(self.link.children):
            if not _lives(pid):
                self.reaper.ended(pid, -signal.SIGTERM)
        self.link.children.clear()

    # -- stop

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGCHLD, self.reaper.reap)
        for number in STOP_SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:  # nohup has SIGHUP ignored
                loop.add_signal_handler(number, self._ask_to_stop)

    def _ask_to_stop(self) -> None:
        self._asked_to_stop += 1
        self._stop.set()
        if self._asked_to_stop == 1:
            self.say("stopping …")
        elif self._asked_to_stop == 2:
            self.say("ending the processes at once; the database still closes its files")
            for _, child in self.processes:
                child.signal(signal.SIGKILL)

    async def _stop_all(self) -> None:
        """Those that nothing needs first; then the nursery; PostgreSQL, which everything needs, last."""
        await self.preparation.stop()
        waiting = list(self.processes)
        while waiting:
            needed = {name for line, _ in waiting for name in line.needs}
            wave = [child for line, child in waiting if line.name not in needed]
            await asyncio.gather(*(child.stop() for child in wave))
            waiting = [pair for pair in waiting if pair[1] not in wave]
        for child in (self.nursery, *reversed(self.servers)):
            await child.stop()
        for keeper in self._keepers:
            keeper.cancel()
        self.link.close()
        await asyncio.sleep(LAST_WORDS)
        for child in (self.nursery, *self.servers, *(child for _, child in self.processes)):
            child.journal.close()

    # -- state

    def _forget_metrics(self, pid: int) -> None:
        """A dead process is alive in no gauge; its counters still count."""
        for path in (self.home / "run" / "metrics").glob(f"gauge_live*_{pid}.db"):
            path.unlink(missing_ok=True)

    def _phase(self, word: str) -> None:
        self.state.phase = word
        self._write_state()

    def _write_state(self) -> None:
        state.write(self.home, self.state)


def _number_of(process: subprocess.Popen[bytes]) -> int:
    """Its number; the reaper waits for it, so Popen must not."""
    process.returncode = 0
    return process.pid


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
