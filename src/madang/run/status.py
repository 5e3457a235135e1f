"""`madang status` and `madang stop`: what is running in this home folder, and how it is."""

from __future__ import annotations

import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from madang.run import state
from madang.run.holding import NOBODY, holder
from madang.run.refusal import Refusal
from madang.run.state import ChildState, State

PATIENCE_TO_STOP = 90.0


def lines(home: Path) -> Iterator[str]:
    """How the platform is, for a person."""
    running = state.read(home)
    if running is None:
        found = holder(home)
        busy = f" (`madang {found.what}` uses it, process {found.pid})" if found != NOBODY else ""
        yield f"Madang does not run in {home}{busy}. Start it with: make up"
        return
    yield f"Madang is {running.phase} at {running.url}, {_span(running.started)}, process {running.pid}"
    if running.phase == "running":
        yield f"It answers: {_readiness(running)}"
    for child in running.children:
        if child.name != "preparation":
            yield _line(child)


def is_well(home: Path) -> bool:
    """Whether everything runs and says that it is ready."""
    running = state.read(home)
    return (
        running is not None
        and running.phase == "running"
        and all(child.state == "ready" for child in running.children if child.name != "preparation")
    )


def stop(home: Path) -> None:
    """Ask the running platform to stop, and wait until it has."""
    running = state.read(home)
    if running is None:
        raise Refusal(f"Madang does not run in {home}.")
    os.kill(running.pid, signal.SIGTERM)
    until = time.monotonic() + PATIENCE_TO_STOP
    while holder(home) != NOBODY:
        if time.monotonic() > until:
            raise Refusal(
                f"Process {running.pid} has not stopped in {PATIENCE_TO_STOP:.0f} s. "
                f"What it waits for is in {home / 'logs'}; to end it at once: kill -9 {running.pid}"
            )
        time.sleep(0.1)


def _readiness(running: State) -> str:
    try:
        with urllib.request.urlopen(f"http://{running.address}/readyz", timeout=5) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.read().decode(errors="replace")
    except OSError as error:
        return f"no ({error})"


def _line(child: ChildState) -> str:
    title = f"{child.name} {child.number}" if child.number else child.name
    again = f"  started again {child.restarts}×, last: {child.last_end}" if child.restarts else ""
    pid = str(child.pid) if child.pid else "-"
    return f"  {title:<14}{child.state:<10}{pid:>8}  {_span(child.since)}{again}"


def _span(since: float) -> str:
    if not since:
        return ""
    seconds = int(time.time() - since)
    if seconds < 120:
        return f"for {seconds} s"
    if seconds < 7200:
        return f"for {seconds // 60} min"
    return f"for {seconds // 3600} h"
