"""What the console reads of the record: the tracks of a window, and the series of a gauge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from django.db import connection

from madang.ground.city.models import City
from madang.ground.live.kinds import Moving, kinds
from madang.ground.live.plane import plane_of
from madang.ground.sensing.models import Device
from madang.ground.web.console import Asking

LONGEST = timedelta(hours=2)
MOST_ROWS = 150_000
MOST_POINTS = 300

TRACKS = """
SELECT DISTINCT ON (device, step) device, extract(epoch FROM time - %(begin)s)::float4, x, y,
       heading, speed, floor(extract(epoch FROM time) / %(step)s) AS step
FROM sensing_position
WHERE device = ANY(%(devices)s) AND time >= %(begin)s AND time < %(end)s
ORDER BY device, step, time
"""
STATES = """
SELECT device, time, value FROM sensing_state
WHERE device = ANY(%(devices)s) AND name = %(name)s AND time >= %(begin)s AND time < %(end)s
UNION ALL
SELECT d, before.time, before.value FROM unnest(%(devices)s) AS d, LATERAL (
    SELECT time, value FROM sensing_state
    WHERE device = d AND name = %(name)s AND time < %(begin)s AND time > %(begin)s - interval '1 day'
    ORDER BY time DESC LIMIT 1
) AS before
ORDER BY device, time
"""
SERIES = """
SELECT to_timestamp(floor(extract(epoch FROM time) / %(step)s) * %(step)s) AS at, avg(value)
FROM (
    SELECT time, value FROM sensing_reading
    WHERE device = %(device)s AND channel = %(channel)s AND time >= %(begin)s AND time < %(end)s
    UNION ALL
    SELECT time, count FROM sensing_count
    WHERE device = %(device)s AND channel = %(channel)s AND time >= %(begin)s AND time < %(end)s) said
GROUP BY at ORDER BY at
"""


@dataclass(frozen=True)
class Window:
    """A piece of time, of at most two hours."""

    begin: datetime
    end: datetime


def tracks(asking: Asking, window: Window, named: bool) -> bytes:
    """Where everything that this person may follow was in window, as data/tracks.ts reads it."""
    seen = [one for one in kinds() if isinstance(one, Moving) and asking.may(f"live.{one.key}")]
    devices = _devices(asking.city, seen)
    numbers = [number for number, *_ in devices]
    rows = _positions(numbers, window)
    plane = plane_of(asking.city)
    count = len(rows)
    columns = np.array(rows, dtype=np.float64).reshape(count, 7)
    owners = columns[:, 0].astype(np.int32)
    present, first = np.unique(owners, return_index=True)
    place = {number: at for at, (number, *_) in enumerate(devices)}
    kind_of = [devices[place[number]][1] for number in present.tolist()]
    origin = (plane.x0, plane.y0) if plane else (0.0, 0.0)
    said = {
        "begin": window.begin.timestamp(),
        "end": window.end.timestamp(),
        "kinds": [one.key for one in seen],
        "numbers": present.astype("<i4").tobytes(),
        "kind": np.array(kind_of, dtype="<i4").tobytes(),
        "first": first.astype("<i4").tobytes(),
        "names": {str(number): said for number, _, said in devices} if named else {},
        "time": _column(columns[:, 1]),
        "x": _column(columns[:, 2] - origin[0]),
        "y": _column(columns[:, 3] - origin[1]),
        "heading": _column(columns[:, 4]),
        "speed": _column(columns[:, 5]),
        "state": _column(_states(seen, devices, owners, columns[:, 1], window)),
    }
    return msgspec.msgpack.encode(said)


def _column(values: Any) -> bytes:
    return bytes(np.ascontiguousarray(values, dtype="<f4").tobytes())


def _devices(city: City, seen: Sequence[Moving]) -> list[tuple[int, int, list[Any]]]:
    """Number, place of the kind among seen, and what is said of each device that may be followed."""
    place = {device: at for at, one in enumerate(seen) for device in one.devices}
    rows = Device.objects.filter(city=city, kind__key__in=place).values_list(
        "number", "kind__key", "key", "name", "simulated"
    )
    return [
        (number, place[kind], [key, name or key, kind, simulated])
        for number, kind, key, name, simulated in rows.order_by("number")
    ]


def _positions(numbers: list[int], window: Window) -> list[tuple[Any, ...]]:
    """One fact a device and step; the step grows until the answer is small enough to send."""
    if not numbers:
        return []
    seconds = (window.end - window.begin).total_seconds()
    step = max(1.0, np.ceil(len(numbers) * seconds / MOST_ROWS))
    return _read(TRACKS, window, devices=numbers, step=float(step))


def _read(query: str, window: Window, **words: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"begin": window.begin, "end": window.end, **words})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _states(
    seen: Sequence[Moving],
    devices: list[tuple[int, int, list[Any]]],
    owners: Any,
    times: Any,
    window: Window,
) -> Any:
    """For each position the place of the state that was the newest then; NaN is unknown."""
    found = np.full(len(owners), np.nan)
    for at, kind in enumerate(seen):
        numbers = [number for number, place, _ in devices if place == at] if kind.state else []
        for number, moments, states in _said_states(kind, numbers, window):
            rows = np.flatnonzero(owners == number)
            newest = np.searchsorted(moments, times[rows], side="right") - 1
            found[rows] = np.where(newest >= 0, np.array(states)[np.maximum(newest, 0)], np.nan)
    return found


def _said_states(
    kind: Moving, numbers: list[int], window: Window
) -> list[tuple[int, list[float], list[float]]]:
    """By device, when (seconds from the window's begin) it said it was in which of the kind's states."""
    if not numbers:
        return []
    rows = _read(STATES, window, devices=numbers, name=kind.state)
    place = {state: float(at) for at, state in enumerate(kind.states)}
    said: dict[int, tuple[list[float], list[float]]] = {}
    for number, time, value in rows:
        moments, states = said.setdefault(number, ([], []))
        moments.append((time - window.begin).total_seconds())
        states.append(place.get(value, np.nan))
    return [(number, *both) for number, both in said.items()]


def series(device: int, channel: int, window: Window) -> list[tuple[datetime, float]]:
    """The means of a channel's readings in window, in at most MOST_POINTS steps."""
    step = max(1.0, (window.end - window.begin).total_seconds() / MOST_POINTS)
    rows = _read(SERIES, window, device=device, channel=channel, step=step)
    return [(at, float(value)) for at, value in rows]
