"""The servers for one command: those of the running platform, else the embedded ones, started for it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import click

from madang.run import home as home_folder
from madang.run import postgres
from madang.run.holding import HeldError, hold
from madang.run.servers import Server, embedded, spawn
from madang.run.settings import Settings

PATIENCE = 120.0


@contextlib.contextmanager
def servers(
    home: Path, settings: Settings, what: str, names: tuple[str, ...] = ("postgres",)
) -> Iterator[bool]:
    """Hold the named servers ready meanwhile; gives whether they were started for this alone."""
    wanted = [server for server in embedded(home, settings) if server.name in names]
    if not wanted:
        yield False
        return
    home_folder.check(home, settings.least_free_mb)
    lock = _hold(home, what)
    if lock is None:
        _wait_for_running(home, wanted)
        yield False
        return
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, lock)
        for server in wanted:
            stack.enter_context(_running(home, server, lock))
        if "postgres" in names:
            postgres.ensure_roles(home)
        yield True


def _hold(home: Path, what: str) -> int | None:
    """The hold of this command, or None when the platform runs."""
    try:
        return hold(home, what, lambda text: click.echo(text, err=True))
    except HeldError:
        return None


@contextlib.contextmanager
def _running(home: Path, server: Server, lock: int) -> Iterator[None]:
    path = home / "logs" / f"{server.name}.log"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    launch = server.prepare()
    with path.open("ab") as log:
        process = spawn(server, launch, log.fileno(), (lock,))
    try:
        _wait_until_ready(server, process, path)
        yield
    finally:
        process.send_signal(server.stop)
        try:
            process.wait(server.stop_within)
        except subprocess.TimeoutExpired:
            process.send_signal(server.force)
            process.wait()


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes], path: Path) -> None:
    while not server.ready(process.pid):
        if process.poll() is not None:
            last = path.read_text(errors="replace").strip().splitlines()[-1:]
            raise postgres.PostgresError(
                f"{server.name} does not start: {''.join(last)}\nMore is in {path}"
            )
        time.sleep(0.03)


def _wait_for_running(home: Path, wanted: list[Server]) -> None:
    """The platform runs, or is about to."""
    if any(server.name == "postgres" for server in wanted):
        postgres.wait_until_ready(home, lambda: True, PATIENCE)
