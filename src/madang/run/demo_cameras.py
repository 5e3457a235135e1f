"""The port on which the demo's cameras stream: chosen once and remembered, as it stands in the register."""

from __future__ import annotations

import contextlib
from pathlib import Path

from madang.run.nats import HOST
from madang.run.sockets import free_port

RTSP = 8554


def port(home: Path) -> int:
    """The port, chosen the first time that anybody asks."""
    path = home / "demo-cameras-port"
    with contextlib.suppress(FileNotFoundError, ValueError):
        return int(path.read_text())
    chosen = free_port(HOST, RTSP)
    home.mkdir(parents=True, exist_ok=True)
    path.write_text(str(chosen))
    return chosen
