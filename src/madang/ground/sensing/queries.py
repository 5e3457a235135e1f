"""Reads of sensing, shaped for pages and API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Now
from django.utils import timezone

from madang.ground.cases.quantities import Quantity
from madang.ground.city.models import City
from madang.ground.measure import Measure, Provenance
from madang.ground.sensing.models import (
    Channel,
    Device,
    DeviceKind,
    KindLimits,
    Quarantine,
    QuarantineSample,
)

LOW_BATTERY = 0.2
STATES = ("ok", "low_battery", "silent", "unheard", "withdrawn")
LAST_SEEN_IN = timedelta(days=3)


def devices(city: UUID) -> QuerySet[Device]:
    """The city's devices with their kind, health and `state`, one of STATES.

    silent: not heard for longer than its kind's dated limit. unheard: never heard at all.
    """
    allowed = [When(kind=kind, then=Value(span)) for kind, span in silences(city).items() if span]
    return (
        Device.objects.filter(city=city)
        .select_related("kind", "health")
        .annotate(
            deadline=ExpressionWrapper(
                F("health__heard") + Case(*allowed, output_field=DurationField()),
                output_field=DateTimeField(),
            ),
        )
        .annotate(
            state=Case(
                When(withdrawn__isnull=False, then=Value("withdrawn")),
                When(health__heard__isnull=True, then=Value("unheard")),
                When(deadline__lt=Now(), then=Value("silent")),
                When(health__battery__lt=LOW_BATTERY, then=Value("low_battery")),
                default=Value("ok"),
                output_field=CharField(),
            )
        )
    )


def silences(city: UUID) -> dict[UUID, timedelta | None]:
    """How long a device of each of the city's kinds may be silent, by the limits that count now."""
    limits = KindLimits.objects.filter(kind__city=city, since__lte=Now()).order_by("since")
    return dict(limits.values_list("kind_id", "silence_after"))


def quantities(city: UUID, language: str) -> list[Quantity]:
    """What the city's kinds of devices measure, for thresholds to be set."""
    channels = Channel.objects.filter(kind__city=city).select_related("kind")
    return [
        Quantity(
            one.kind.key, one.key, one.unit, f"{one.kind.name(language)}: {one.name(language)}"
        )
        for one in channels
    ]


@dataclass(frozen=True)
class KindHealth:
    """How many devices of a kind are in each state."""

    kind: DeviceKind
    silence_after: timedelta | None
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def health_by_kind(city: UUID) -> list[KindHealth]:
    """Every kind of the city with its devices' states, the largest kind first."""
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    states: QuerySet[Any] = devices(city).order_by()
    for kind, state, count in states.values_list("kind_id", "state").annotate(Count("pk")):
        counts[kind][state] = count
    silence = silences(city)
    kinds = [
        KindHealth(kind, silence.get(kind.pk), counts[kind.pk])
        for kind in DeviceKind.objects.filter(city=city)
    ]
    return sorted(kinds, key=lambda one: (-one.total, one.kind.key))


def state_counts(city: UUID) -> dict[str, int]:
    """How many of the city's devices are in each state."""
    counts = dict.fromkeys(STATES, 0)
    for kind in health_by_kind(city):
        for state, count in kind.counts.items():
            counts[state] += count
    return counts


def quarantine(city: UUID, days: int = 7) -> QuerySet[Quarantine]:
    """What was not believed in the last days of the city, by device, day and reason."""
    zone = City.objects.values_list("time_zone", flat=True).get(pk=city)
    since = datetime.now(ZoneInfo(zone)).date() - timedelta(days=days - 1)
    return Quarantine.objects.filter(city=city, day__gte=since).select_related("device")


def quarantined_today(city: UUID) -> int:
    total: int | None = quarantine(city, days=1).aggregate(total=Sum("facts"))["total"]
    return total or 0


def samples(city: UUID, key: str) -> QuerySet[QuarantineSample]:
    """The newest messages of the device called key that were not believed, the newest first."""
    return QuarantineSample.objects.filter(city=city, key=key).order_by("-time", "-id")


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
