"""Writing what was measured elsewhere and long ago: a source's hourly values, hour by hour, for years."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from django.db import connection, transaction

from madang.ground.sensing.models import Channel, Device

AT_ONCE = 5000

MERGE = """
INSERT INTO sensing_hourly AS h (device, channel, hour, value, low, high, readings)
SELECT %s, %s, time, value, value, value, 1
FROM unnest(%s::timestamptz[], %s::float8[]) AS s (time, value)
ON CONFLICT (device, channel, hour) DO UPDATE
SET value = excluded.value, low = excluded.low, high = excluded.high, readings = 1
WHERE h.value IS DISTINCT FROM excluded.value
RETURNING xmax = 0
"""


class HistoryError(ValueError):
    """Values that cannot be a series; the message says which and why."""


@dataclass(frozen=True)
class HistoryWritten:
    """What became of the values of a file: new, another value than before, the same as before."""

    added: int = 0
    changed: int = 0
    same: int = 0


@transaction.atomic
def write_history(
    device: Device, channel: str, values: Iterable[tuple[datetime, float]]
) -> HistoryWritten:
    """Write hourly values of one of device's channels, each at its hour; once for each hour.

    The same values again change nothing, and another value for an hour replaces the one there was. All
    of them or none: HistoryError for an unknown channel, a time that is no whole hour or has no zone,
    an hour that comes twice and a value that is no number. What a source does not know is left out,
    never given as 0.
    """
    number = _channel(device, channel)
    added = changed = total = 0
    rows = iter(values)
    seen: set[datetime] = set()
    while batch := list(islice(rows, AT_ONCE)):
        hours = [_hour(time, value, seen) for time, value in batch]
        total += len(batch)
        with connection.cursor() as cursor:
            cursor.execute(MERGE, [device.number, number, hours, [value for _, value in batch]])
            outcome = [row[0] for row in cursor.fetchall()]
        added += sum(outcome)
        changed += len(outcome) - sum(outcome)
    return HistoryWritten(added, changed, total - added - changed)


def _channel(device: Device, key: str) -> int:
    number = (
        Channel.objects.filter(kind=device.kind_id, key=key)
        .values_list("number", flat=True)
        .first()
    )
    if number is None:
        raise HistoryError(f"Devices like {device.key} have no channel '{key}'; declare it first.")
    return number


def _hour(time: datetime, value: float, seen: set[datetime]) -> datetime:
    if time.tzinfo is None:
        raise HistoryError(f"{time} does not say its zone.")
    hour = time.astimezone(UTC)
    if hour.minute or hour.second or hour.microsecond:
        raise HistoryError(f"{time} is no whole hour.")
    if hour in seen:
        raise HistoryError(f"{time} comes twice.")
    if not float("-inf") < value < float("inf"):
        raise HistoryError(f"The value at {time} is no number.")
    seen.add(hour)
    return hour
