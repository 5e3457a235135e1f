"""What one device said: series of its channels, their newest values, and what it said of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from madang.ground.measure import Measure, Provenance
from madang.ground.sensing.models import Channel, Device


@dataclass(frozen=True)
class Point:
    """One piece of a series: from `time` on, the mean, the least and the greatest value, and of how many."""

    time: datetime
    value: float
    low: float
    high: float
    facts: int


SERIES = """
WITH r AS (
    SELECT date_bin(%(step)s, time, %(since)s) AS slot, avg(value) AS value, min(value) AS low,
           max(value) AS high, count(*) AS facts
    FROM sensing_reading
    WHERE device = %(device)s AND channel = %(channel)s AND time >= %(since)s AND time < %(until)s
    GROUP BY 1),
h AS (
    SELECT date_bin(%(step)s, hour, %(since)s) AS slot,
           sum(value * readings) / sum(readings) AS value, min(low) AS low, max(high) AS high,
           sum(readings) AS facts
    FROM sensing_hourly
    WHERE device = %(device)s AND channel = %(channel)s AND hour >= %(since)s AND hour < %(until)s
    GROUP BY 1),
c AS (
    SELECT date_bin(%(step)s, time - seconds * interval '1 second', %(since)s) AS slot,
           sum(count)::float8 AS value, min(count)::float8 AS low, max(count)::float8 AS high,
           count(*) AS facts
    FROM sensing_count
    WHERE device = %(device)s AND channel = %(channel)s AND time > %(since)s AND time <= %(until)s
    GROUP BY 1)
SELECT slot, coalesce(r.value, c.value, h.value), coalesce(r.low, c.low, h.low),
       coalesce(r.high, c.high, h.high), coalesce(r.facts, c.facts, h.facts)
FROM r FULL JOIN h USING (slot) FULL JOIN c USING (slot)
WHERE slot >= %(since)s
ORDER BY slot
"""
SPEED = """
SELECT date_bin(%(step)s, time, %(since)s) AS slot, avg(speed), min(speed), max(speed), count(speed)
FROM sensing_position
WHERE device = %(device)s AND time >= %(since)s AND time < %(until)s AND speed IS NOT NULL
GROUP BY 1 ORDER BY 1
"""
STEPS = (1, 5, 10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800)


def step_for(span: timedelta, points: int) -> timedelta:
    """The shortest usual step that cuts span into at most so many points."""
    seconds = span.total_seconds()
    fitting = (step for step in STEPS if seconds / step <= points)
    return timedelta(seconds=next(fitting, -(-seconds // points)))


def series(
    device: Device, channel: Channel | None, since: datetime, until: datetime, points: int = 500
) -> list[Point]:
    """What device measured on channel from since until, summed up to at most so many points.

    A count is the sum of its piece, everything else the mean. Where readings are gone the hourly values
    stand in for them. Without a channel it is the speed (m/s) of its positions. Pieces without a fact
    are missing, not 0.
    """
    step = step_for(until - since, points)
    words: dict[str, Any] = {
        "device": device.number,
        "channel": channel.number if channel else None,
        "since": since,
        "until": until,
        "step": step,
    }
    with connection.cursor() as cursor:
        cursor.execute(SERIES if channel else SPEED, words)
        return [Point(*row) for row in cursor.fetchall()]


LAST_SEEN_IN = timedelta(days=3)
LATEST = """
SELECT c.number, r.time, r.value
FROM sensing_channel c
CROSS JOIN LATERAL (
    SELECT time, value FROM sensing_reading
    WHERE device = %(device)s AND channel = c.number AND time >= %(since)s
    UNION ALL
    SELECT time, count FROM sensing_count
    WHERE device = %(device)s AND channel = c.number AND time >= %(since)s
    UNION ALL
    SELECT hour, value FROM sensing_hourly
    WHERE device = %(device)s AND channel = c.number AND hour >= %(since)s
    ORDER BY time DESC LIMIT 1) r
WHERE c.kind_id = %(kind)s
"""


def latest(device: Device) -> dict[int, tuple[datetime, float]]:
    """The newest value of each of device's channels in the last days, by the channel's number."""
    words: dict[str, Any] = {
        "device": device.number,
        "kind": device.kind_id,
        "since": timezone.now() - LAST_SEEN_IN,
    }
    with connection.cursor() as cursor:
        cursor.execute(LATEST, words)
        return {number: (time, value) for number, time, value in cursor.fetchall()}


def measures(device: Device) -> Sequence[tuple[Channel, Measure]]:
    """Every channel of device with its newest value; unknown where there was none in the last days."""
    newest = latest(device)
    return [
        (channel, _measure(device, channel, newest.get(channel.number)))
        for channel in device.kind.channels.order_by("key")
    ]


def _measure(device: Device, channel: Channel, newest: tuple[datetime, float] | None) -> Measure:
    provenance: Provenance = "simulated" if device.simulated else "measured"
    return Measure(
        value=newest[1] if newest else None,
        unit=channel.unit,
        time=newest[0] if newest else None,
        method=channel.method,
        uncertainty=channel.uncertainty,
        provenance=provenance if newest else "unknown",
        source=str(device),
    )


def newest_states(device: Device, limit: int = 20) -> list[tuple[Any, ...]]:
    """The newest things the device said of itself: time, name, value, about."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT time, name, value, about FROM sensing_state WHERE device = %s AND time >= %s "
            "ORDER BY time DESC LIMIT %s",
            [device.number, timezone.now() - timedelta(days=30), limit],
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
