"""Reads of what data sets say stations measured, shaped for pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from madang.ground.city.models import DataSet

MOST_MONTHS = 240
STATIONS = """
SELECT s.id, s.key, s.kind, s.name, o.span, count(*), min(o.begins), max(o.begins),
       array(SELECT DISTINCT jsonb_object_keys(p.measured) FROM sensing_observation p
             WHERE p.station_id = s.id AND p.span = o.span)
FROM sensing_station s JOIN sensing_observation o ON o.station_id = s.id
WHERE s.data_set_id = %s GROUP BY s.id, o.span ORDER BY s.name, o.span
"""
MONTHS = """
SELECT * FROM (
    SELECT date_trunc('month', o.begins AT TIME ZONE %s)::date AS month,
           avg(v.value), min(v.value), max(v.value), sum(v.value)
    FROM sensing_observation o, LATERAL (SELECT (o.measured ->> %s)::float8 AS value) v
    WHERE o.station_id = %s AND o.span = %s AND v.value IS NOT NULL
    GROUP BY 1 ORDER BY 1 DESC LIMIT %s) newest ORDER BY month
"""


@dataclass(frozen=True)
class Kept:
    """What a data set has of one station: so many hours or months (span), from first to last."""

    id: UUID
    key: str
    kind: str
    name: str
    span: str
    count: int
    first: datetime
    last: datetime
    channels: list[str]


@dataclass(frozen=True)
class Month:
    """What was measured in a month, in the channel's unit; total adds up the values that are known."""

    first: date
    mean: float
    low: float
    high: float
    total: float


def stations(data_set: DataSet) -> list[Kept]:
    """The stations of data_set that measured something; one that has hours and months comes twice."""
    with connection.cursor() as cursor:
        cursor.execute(STATIONS, [data_set.pk])
        return [Kept(*row) for row in cursor.fetchall()]


def months(kept: Kept, channel: str, zone: str) -> list[Month]:
    """The newest MOST_MONTHS months of the channel, the months being those of the time zone."""
    with connection.cursor() as cursor:
        cursor.execute(MONTHS, [zone, channel, kept.id, kept.span, MOST_MONTHS])
        return [Month(*row) for row in cursor.fetchall()]
