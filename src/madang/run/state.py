"""What a running `madang up` tells others of itself, in home/run/state.json."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from madang.run.holding import holder


@dataclass
class ChildState:
    """One process as the supervisor sees it; times are Unix seconds."""

    name: str
    number: int
    state: str = "waiting"
    pid: int = 0
    since: float = 0
    restarts: int = 0
    last_end: str = ""


@dataclass
class State:
    """The whole run. url is for people, address (host:port) for this machine."""

    pid: int
    url: str
    address: str
    started: float
    phase: str = "starting"
    children: list[ChildState] = field(default_factory=list)


def write(home: Path, state: State) -> None:
    path = _file(home)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"state.{os.getpid()}")
    with contextlib.suppress(OSError):  # a full disk must not stop the supervisor
        draft.write_text(json.dumps(asdict(state)))
        draft.replace(path)


def read(home: Path) -> State | None:
    """The state of the `madang up` that runs in home now, or None when none does."""
    found = holder(home)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        words = json.loads(_file(home).read_text())
        children = [ChildState(**child) for child in words.pop("children")]
        state = State(**words, children=children)
        if found.lives() and found.what == "up" and found.pid == state.pid:
            return state
    return None


def _file(home: Path) -> Path:
    return home / "run" / "state.json"
