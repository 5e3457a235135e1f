"""What the screen's own tests read must be what the server says: the recordings are made here.

Run with MADANG_RECORD=1 to write them anew after a wanted change of the protocol.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from madang.ground.live import kinds
from madang.ground.live.hub import Hub
from madang.ground.live.kinds import Moving, Record, Recorded
from madang.ground.live.names import Name
from madang.ground.live.session import Session
from madang.ground.live.words import Subscribe
from madang.ground.sensing.messages import States

FOLDER = Path(__file__).parents[3] / "frontend" / "parts" / "live" / "recorded"
NOON = 1_782_874_800_000
BUSES, ALARMS = ("demo", "buses"), ("demo", "alarms")
PLANE = {
    "x0": 200_000.0,
    "y0": 520_000.0,
    "lon": 127.0,
    "lat": 37.28,
    "east": [0.0, 1255.0, 0.15, 0.0, 0.15, 0.0, 0.0, 0.0, 0.0, 0.0],
    "north": [0.0, -0.15, 1260.0, -0.08, 0.0, 0.07, 0.0, 0.0, 0.0, 0.0],
    "error": 0.001,
}


class Demo:
    def city(self, key: str) -> dict[str, object] | None:
        return None if key == "nowhere" else PLANE


class Everything:
    def allows(self, place: tuple[str, str]) -> bool:
        return place != ("demo", "secrets")


async def recording(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Every kind of frame there is, by name."""
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register(
        Moving("buses", state="mission", states=("idle", "running")),
        Moving("secrets"),
        Recorded("alarms", States, lambda message: message),
    )
    hub = Hub(lambda: NOON)
    hub.epoch = "recorded"
    hub.fed = True
    session = Session(hub, Demo(), Everything(), _nowhere)
    said = {"hello": taken(session)}
    hub.name(
        BUSES,
        [Name(7, "b-7", "7번 버스", "bus", True), Name(900, "t-1", "1호 트램", "tram", False)],
    )
    move(hub, [7, 900], [100.5, 600.0], [-20.25, 0.0])
    hub.record(ALARMS, Record("a1", 1, {"severity": 4, "subject": "장안지하차도"}))
    wanted = ["demo/buses/512/0/-1", "demo/buses/512/1/0", "demo/alarms", "demo/secrets", "demo/x"]
    session._subscribe(Subscribe(wanted))
    said["subscribed"] = taken(session)
    session._subscribe(Subscribe(["nowhere/alarms"]))
    said["unknown"] = taken(session)
    move(hub, [7], [520.0], [3.0])
    said["moved"] = taken(session)
    hub.mark(BUSES, ints(7), times(1), ["running"])
    hub.flush()
    said["marked"] = taken(session)
    hub.record(ALARMS, Record("a2", 1, {"severity": 2, "subject": "수위계 3"}))
    hub.record(ALARMS, Record("a1", 2, {"severity": 4, "subject": "장안지하차도"}, over=True))
    said["records"] = taken(session)
    session.beat(session.heard, NOON + 15_000)
    session.outbox.word(hub.feed(False))
    said["beat"] = taken(session)
    hub.board(BUSES).forget(NOON + 1)
    hub.board(BUSES).flush(NOON + 1)
    said["gone"] = taken(session)
    return said


def move(hub: Hub, numbers: list[int], x: list[float], y: list[float]) -> None:
    count = len(numbers)
    heading, speed = np.full(count, 90.0), np.full(count, np.nan)
    hub.put(BUSES, ints(*numbers), times(count), [np.array(x), np.array(y), heading, speed])
    hub.flush()


def ints(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(numbers, dtype=np.int32)


def times(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.full(count, NOON - 1500, dtype=np.int64)


def taken(session: Session) -> bytes:
    return b"".join(session.outbox.take(1 << 20))


async def _nowhere(message: bytes) -> None:
    raise AssertionError("nothing is sent here")


async def test_the_recordings_are_what_the_server_says(monkeypatch: pytest.MonkeyPatch) -> None:
    said = await recording(monkeypatch)
    if os.environ.get("MADANG_RECORD"):
        FOLDER.mkdir(exist_ok=True)
        for name, message in said.items():
            (FOLDER / f"{name}.msgpack").write_bytes(message)
    kept = {path.stem: path.read_bytes() for path in FOLDER.glob("*.msgpack")}
    assert kept == said, (
        "the protocol changed: write the recordings anew and look at the screen's tests"
    )
