"""The embedded servers as the supervisor runs them: a command, a user, how to stop it, when it is ready."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from madang.run import nats, postgres
from madang.run.settings import Settings
from madang.run.tether import tether


@dataclass(frozen=True)
class Server:
    """One embedded server.

    prepare makes what a start needs and gives the command; it blocks, up to seconds the first time.
    stop asks for an orderly end, force ends it at once without harm to its data.
    """

    name: str
    prepare: Callable[[], Launch]
    ready: Callable[[int], Awaitable[bool]]
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
    if not settings.nats_url:
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

    async def ready(pid: int) -> bool:
        return postgres.is_ready(home, pid)

    return Server("postgres", prepare, ready, signal.SIGINT, 60, signal.SIGQUIT)


def _nats(home: Path) -> Server:
    def prepare() -> Launch:
        return Launch(nats.command(nats.prepare(home)))

    async def ready(pid: int) -> bool:
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            await asyncio.wait_for(_greeting(nats.ports(home).client), 2)
            return True
        return False

    return Server("nats", prepare, ready, signal.SIGTERM, 15)


async def _greeting(port: int) -> None:
    reader, writer = await asyncio.open_connection(nats.HOST, port)
    try:
        if not (await reader.read(5)).startswith(b"INFO"):
            raise OSError("what listens there is not NATS")
    finally:
        writer.close()
