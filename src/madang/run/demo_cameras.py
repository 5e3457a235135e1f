"""The ports on which the demo's cameras stream and are turned: chosen once and remembered, as they stand in
the register."""

from __future__ import annotations

import contextlib
from pathlib import Path

from madang.run.nats import HOST
from madang.run.sockets import free_port

RTSP, ONVIF = 8554, 8580


def port(home: Path) -> int:
    """The port of the streams."""
    return _chosen(home / "demo-cameras-port", RTSP)


def onvif_port(home: Path) -> int:
    """The port of the ONVIF services."""
    return _chosen(home / "demo-onvif-port", ONVIF)


def _chosen(path: Path, usual: int) -> int:
    """The port that path remembers, chosen the first time that anybody asks."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        return int(path.read_text())
    chosen = free_port(HOST, usual)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(chosen))
    return chosen
