"""A sample of each kind and version that was ever on the log; none may become unreadable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from madang.ground.bus.columns import words
from madang.ground.bus.messages import Batch, Reader, encode
from madang.ground.sensing.messages import (
    STREAMS,
    Counts,
    Positions,
    Quarantined,
    Readings,
    States,
)

SAMPLES = Path(__file__).parent / "samples"
KINDS: tuple[type[Batch], ...] = (Positions, Readings, States, Counts, Quarantined)
READ = Reader(*KINDS)

HEAD = {"city": "yard", "source": "gate-1", "id": "01900000-sample", "made": 1795132800123}
DEVICE = np.array([7, 8], dtype=np.int32)
TIME = np.array([1795132800000, 1795132801000], dtype=np.int64)
CHANNEL = np.array([1, 2], dtype=np.int32)
SIMULATED = np.array([0, 1], dtype=np.uint8)
NOW: dict[str, Batch] = {
    "positions": Positions(
        **HEAD,
        device=DEVICE,
        time=TIME,
        lon=np.array([127.0286, 127.03]),
        lat=np.array([37.2636, 37.27]),
        x=np.array([202536.5, 202660.0]),
        y=np.array([518254.25, 518965.0]),
        speed=np.array([8.5, np.nan], dtype=np.float32),
        heading=np.array([92.5, np.nan], dtype=np.float32),
        accuracy=np.array([3.0, np.nan], dtype=np.float32),
        simulated=SIMULATED,
    ),
    "readings": Readings(
        **HEAD,
        device=DEVICE,
        channel=CHANNEL,
        time=TIME,
        value=np.array([0.042, 21.4]),
        simulated=SIMULATED,
    ),
    "states": States(
        **HEAD,
        device=DEVICE,
        time=TIME,
        name=words(["mission", "mission"]),
        value=words(["en_route", "waiting"]),
        about=words(["2026-1120-0417", ""]),
        simulated=SIMULATED,
    ),
    "counts": Counts(
        **HEAD,
        device=DEVICE,
        channel=CHANNEL,
        time=TIME,
        seconds=np.array([60, 60], dtype=np.float32),
        count=np.array([17, 0], dtype=np.int32),
        simulated=SIMULATED,
    ),
    "quarantined": Quarantined(
        **HEAD,
        device=np.array([7, 0], dtype=np.int32),
        key=words(["bus-7", "stranger"]),
        what=words(["positions", "readings"]),
        reason=words(["future", "unknown_device"]),
        rows=np.array([1, 3], dtype=np.int32),
        time=TIME,
        sample=words(['{"t": 1}', ""]),
    ),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind())
def test_a_sample_of_the_version_of_today_is_kept(kind: type[Batch]) -> None:
    """When a form changes this fails: raise VERSION, write an upgrade, keep the old sample."""
    sample = SAMPLES / f"{kind.kind()}-{kind.VERSION}.msgpack"
    assert sample.read_bytes() == encode(NOW[kind.kind()])


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.msgpack")), ids=lambda path: path.stem)
def test_every_sample_is_read(sample: Path) -> None:
    message = READ.decode(sample.read_bytes())
    assert isinstance(message, Batch)
    assert sample.stem.startswith(message.kind())
    assert len(message) == 2
    assert message.version == message.VERSION


def test_every_kind_has_a_stream() -> None:
    assert {stream.message for stream in STREAMS} == set(KINDS)
