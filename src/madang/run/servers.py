"""The embedded servers as the supervisor runs them: a command, a user, how to stop it, when it is ready."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from madang.run import nats, postgres
from madang.run.holding import HeldError, hold
from madang.run.refusal import Refusal
from madang.run.settings import Settings
from madang.run.tether import tether


@dataclass(frozen=True)
class Server:
    """One embedded server.

    prepare makes what a start needs and gives the command; it blocks, up to seconds the first time.
    ready tells at once whether the process with this number serves.
    stop asks for an orderly end, force ends it at once without harm to its data.
    """

    name: str
    prepare: Callable[[], Launch]
    ready: Callable[[int], bool]
    stop: signal.Signals
    stop_within: float
    force: signal.Signals = signal.SIGKILL


@dataclass(frozen=True)
class Launch:
    """A command and as whom it runs (subprocess's arguments)."""

    command: list[str]
    user: dict[str, Any] = field(default_factory=dict)


def embedded(home: Path, settings: Settings) -> list[Server]:
    """The servers this installation runs itself, in the order they start; the others are named by URL."""
    servers = []
    if not settings.database_url:
        servers.append(_postgres(home))
    if nats.runs_here(settings):
        servers.append(_nats(home))
    return servers


def spawn(
    server: Server, launch: Launch, log: int, inherit: tuple[int, ...]
) -> subprocess.Popen[bytes]:
    """Start a server that stops when this process ends; to be called in the main thread.

    The kernel's word that a parent ended is about the thread that made the child.
    """
    return subprocess.Popen(
        launch.command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=inherit,
        preexec_fn=tether(server.stop),
        **launch.user,
    )


def _postgres(home: Path) -> Server:
    def prepare() -> Launch:
        place = postgres.prepare(home)
        postgres.clear_stale_lock(place)
        return Launch(postgres.command(place), place.as_user())

    def ready(pid: int) -> bool:
        return postgres.is_ready(home, pid)

    return Server("postgres", prepare, ready, signal.SIGINT, 60, signal.SIGQUIT)


def _nats(home: Path) -> Server:
    def prepare() -> Launch:
        return Launch(nats.command(nats.prepare(home)))

    def ready(pid: int) -> bool:
        with contextlib.suppress(OSError):
            nats.greet(f"nats://{nats.HOST}:{nats.ports(home).client}")
            return True
        return False

    return Server("nats", prepare, ready, signal.SIGTERM, 15)


def run_alone(name: str, home: Path, settings: Settings) -> None:
    """Run one embedded server until SIGTERM or SIGINT: what `madang run postgres` does."""
    found = [server for server in embedded(home, settings) if server.name == name]
    if not found:
        raise Refusal(f"{name} is not embedded here: the settings name another one.")
    server = found[0]
    try:
        lock = hold(home, f"run {name}")
    except HeldError as held:
        raise Refusal(f"{name} is not started: {held}.") from held
    launch = server.prepare()
    process = spawn(server, launch, sys.stderr.fileno(), (lock,))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: process.send_signal(server.stop))
    process.wait()
