"""What many devices said: their newest values, and what they counted in some time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from madang.ground.sensing.models import Channel

NEWEST = """
SELECT d.number, r.time, r.value
FROM sensing_device d
JOIN sensing_channel c ON c.kind_id = d.kind_id
CROSS JOIN LATERAL (
    SELECT time, value FROM sensing_reading
    WHERE device = d.number AND channel = c.number AND time >= %(since)s
    ORDER BY time DESC LIMIT 1) r
WHERE d.city_id = %(city)s AND d.withdrawn IS NULL AND c.number = ANY(%(channels)s)
"""


def newest(
    city: UUID, channels: Sequence[Channel], since: datetime
) -> dict[int, tuple[datetime, float]]:
    """The newest reading since then on one of channels, of every device of the city that has one, by its
    number.
    """
    numbers = [one.number for one in channels]
    words: dict[str, Any] = {"city": city, "since": since, "channels": numbers}
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, words)
        found: dict[int, tuple[datetime, float]] = {}
        for number, time, value in cursor.fetchall():
            if number not in found or time > found[number][0]:
                found[number] = (time, value)
        return found


@dataclass(frozen=True)
class Counted:
    """What a device counted: how many, in how many seconds, and when the last interval ended."""

    count: int
    seconds: float
    last: datetime


COUNTED = """
SELECT c.device, sum(c.count), sum(c.seconds), max(c.time)
FROM sensing_count c JOIN sensing_channel h ON h.number = c.channel
WHERE c.device = ANY(%s) AND h.key = %s AND c.time > %s AND c.time <= %s
GROUP BY c.device
"""
COUNTED_BY = """
SELECT date_bin(%(step)s, c.time - interval '1 millisecond', %(since)s) AS slot, c.device,
       sum(c.count), sum(c.seconds), max(c.time)
FROM sensing_count c JOIN sensing_channel h ON h.number = c.channel
WHERE c.device = ANY(%(devices)s) AND h.key = %(channel)s
  AND c.time > %(since)s AND c.time <= %(until)s
GROUP BY slot, c.device ORDER BY slot
"""
NEWEST_TIMED = """
SELECT DISTINCT ON (r.device, r.channel) r.device, h.key, r.time, r.value
FROM sensing_reading r JOIN sensing_channel h ON h.number = r.channel
WHERE r.device = ANY(%s) AND h.key = ANY(%s) AND r.time > %s AND r.time <= %s
ORDER BY r.device, r.channel, r.time DESC
"""
COUNTED_ON = """
SELECT h.key, sum(c.count), sum(c.seconds), max(c.time)
FROM sensing_count c JOIN sensing_channel h ON h.number = c.channel
WHERE c.device = %s AND c.time > %s AND c.time <= %s
GROUP BY h.key
"""
STATED = """
SELECT DISTINCT ON (device, name) device, name, time, value
FROM sensing_state
WHERE device = ANY(%s) AND name = ANY(%s) AND time > %s AND time <= %s
ORDER BY device, name, time DESC
"""


def counted(
    devices: Sequence[int], channel: str, since: datetime, until: datetime
) -> dict[int, Counted]:
    """What each of the devices counted on the channel of that key; those that said nothing are missing."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [list(devices), channel, since, until])
        return {device: Counted(int(n), float(s), at) for device, n, s, at in cursor.fetchall()}


def counted_by(
    devices: Sequence[int], channel: str, since: datetime, until: datetime, step: timedelta
) -> dict[datetime, dict[int, Counted]]:
    """The same piece by piece: what each counted in the pieces that begin at since, since + step, …"""
    found: dict[datetime, dict[int, Counted]] = defaultdict(dict)
    words: dict[str, Any] = {
        "step": step,
        "since": since,
        "until": until,
        "devices": list(devices),
        "channel": channel,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTED_BY, words)
        for slot, device, n, seconds, at in cursor.fetchall():
            found[slot][device] = Counted(int(n), float(seconds), at)
    return dict(found)


def newest_readings(
    devices: Sequence[int], channels: Sequence[str], since: datetime, until: datetime
) -> dict[tuple[int, str], float]:
    """(device, channel's key) → its newest value in that time."""
    found = timed_readings(devices, channels, since, until)
    return {key: value for key, (_, value) in found.items()}


def timed_readings(
    devices: Sequence[int], channels: Sequence[str], since: datetime, until: datetime
) -> dict[tuple[int, str], tuple[datetime, float]]:
    """(device, channel's key) → when its newest value in that time was so, and the value."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST_TIMED, [list(devices), list(channels), since, until])
        return {(device, key): (at, float(value)) for device, key, at, value in cursor.fetchall()}


def counted_on(device: int, since: datetime, until: datetime) -> dict[str, Counted]:
    """What one device counted on each of its channels, by the channel's key."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED_ON, [device, since, until])
        return {key: Counted(int(n), float(s), at) for key, n, s, at in cursor.fetchall()}


def stated(
    devices: Sequence[int], names: Sequence[str], since: datetime, until: datetime
) -> dict[tuple[int, str], tuple[datetime, str]]:
    """(device, state's name) → since when its newest state in that time, and which."""
    with connection.cursor() as cursor:
        cursor.execute(STATED, [list(devices), list(names), since, until])
        return {(device, name): (at, value) for device, name, at, value in cursor.fetchall()}
