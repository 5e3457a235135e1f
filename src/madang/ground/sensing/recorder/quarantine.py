"""Writing down what was not believed: counts by device, day and reason, and the newest samples."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from madang.ground.ids import new_id
from madang.ground.sensing.messages import Quarantined

SAMPLES_KEPT = 10  # of a device and reason

COUNT = """
INSERT INTO sensing_quarantine AS q (id, city_id, device, key, day, what, reason, facts, last)
VALUES (%(id)s, %(city)s, (SELECT number FROM sensing_device WHERE number = %(device)s), %(key)s,
        (%(time)s AT TIME ZONE %(zone)s)::date, %(what)s, %(reason)s, %(facts)s, %(time)s)
ON CONFLICT (city_id, key, day, what, reason) DO UPDATE
SET facts = q.facts + excluded.facts, last = greatest(q.last, excluded.last),
    device = coalesce(q.device, excluded.device)
"""
SAMPLE = """
INSERT INTO sensing_quarantinesample (id, city_id, key, what, reason, time, text)
VALUES (%(id)s, %(city)s, %(key)s, %(what)s, %(reason)s, %(time)s, %(text)s)
"""
FORGET = """
DELETE FROM sensing_quarantinesample WHERE id IN (
    SELECT id FROM sensing_quarantinesample
    WHERE city_id = %(city)s AND key = %(key)s AND reason = %(reason)s
    ORDER BY time DESC, id DESC OFFSET %(kept)s)
"""


def write_quarantine(
    connection: psycopg.Connection[tuple[Any, ...]], batches: Sequence[Quarantined]
) -> None:
    """Add batches to the counts and samples; a city that is gone is passed over."""
    cities = _cities(connection)
    rows = [row for batch in batches if batch.city in cities for row in _rows(batch, cities)]
    rows.sort(key=lambda row: (row["city"], row["key"], row["what"], row["reason"]))
    sampled = [row for row in rows if row["text"]]
    with connection.cursor() as cursor:
        cursor.executemany(COUNT, rows)
        cursor.executemany(SAMPLE, sampled)
        cursor.executemany(FORGET, sampled)


Cities = dict[str, tuple[UUID, str]]


def _cities(connection: psycopg.Connection[tuple[Any, ...]]) -> Cities:
    """The id and the time zone of each city, by its key."""
    rows = connection.execute("SELECT key, id, time_zone FROM city_city")
    return {key: (pk, zone) for key, pk, zone in rows}


def _rows(batch: Quarantined, cities: Cities) -> list[dict[str, Any]]:
    city, zone = cities[batch.city]
    columns = zip(
        batch.device.tolist(),
        batch.key.rows(),
        batch.what.rows(),
        batch.reason.rows(),
        batch.rows.tolist(),
        batch.time.tolist(),
        batch.sample.rows(),
        strict=True,
    )
    return [
        {
            "id": new_id(),
            "city": city,
            "zone": zone,
            "device": device,
            "key": key[:64],
            "what": what[:20],
            "reason": reason,
            "facts": facts,
            "time": datetime.fromtimestamp(time / 1000, UTC),
            "text": sample.replace("\0", "\N{REPLACEMENT CHARACTER}"),
            "kept": SAMPLES_KEPT,
        }
        for device, key, what, reason, facts, time, sample in columns
    ]
