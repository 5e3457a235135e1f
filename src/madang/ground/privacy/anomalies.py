"""What in the trail asks for a second look: night-time, one person's cameras, many exports, guessing.

Each is a question to a person, never a judgement; the thresholds are plain numbers below.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.trail.actions import actions

NIGHT_VIEWS = 10  # views between 00:00 and 06:00 without a duty shift, in the time asked about
SAME_CAMERA = 20  # views of one camera or file by one person
EXPORTS_A_DAY = 5
FAILED_SIGN_INS = 10  # for one account within an hour
MOST = 200


@dataclass(frozen=True)
class Anomaly:
    """One thing to look at: who, how often, when first and last, and the thing if it is about one."""

    kind: str
    title: str | Promise
    actor: UUID | None
    count: int
    first: datetime
    last: datetime
    thing: tuple[str, str] = ("", "")


NIGHT = """
SELECT actor, count(*), min(time), max(time) FROM trail_entry entry
WHERE city = %(city)s AND time >= %(begin)s AND time < %(end)s AND action = ANY(%(views)s)
  AND extract(hour FROM time AT TIME ZONE %(zone)s) < 6 AND actor IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM people_dutyshift shift
      JOIN people_membership member ON member.id = shift.membership_id
      WHERE member.account_id = entry.actor AND shift.cancelled IS NULL
        AND entry.time BETWEEN shift.begins AND shift.ends)
GROUP BY actor HAVING count(*) >= %(least)s ORDER BY 2 DESC LIMIT %(most)s
"""
SAME = """
SELECT actor, count(*), min(time), max(time), thing_kind, thing_id FROM trail_entry
WHERE city = %(city)s AND time >= %(begin)s AND time < %(end)s AND action = ANY(%(views)s)
  AND actor IS NOT NULL AND thing_id <> ''
GROUP BY actor, thing_kind, thing_id HAVING count(*) >= %(least)s ORDER BY 2 DESC LIMIT %(most)s
"""
EXPORTS = """
SELECT actor, count(*), min(time), max(time) FROM trail_entry
WHERE city = %(city)s AND time >= %(begin)s AND time < %(end)s AND action = ANY(%(exports)s)
GROUP BY actor, (time AT TIME ZONE %(zone)s)::date
HAVING count(*) >= %(least)s ORDER BY 2 DESC LIMIT %(most)s
"""
GUESSING = """
SELECT NULL, count(*), min(time), max(time), 'account', thing_id FROM trail_entry
WHERE time >= %(begin)s AND time < %(end)s AND action = 'people.sign_in_failed' AND thing_id <> ''
  AND thing_id IN (SELECT account_id::text FROM people_membership WHERE city_id = %(city)s)
GROUP BY thing_id, date_trunc('hour', time)
HAVING count(*) >= %(least)s ORDER BY 2 DESC LIMIT %(most)s
"""
KINDS = (
    ("night", _("Looked at cameras by night, off duty"), NIGHT, NIGHT_VIEWS),
    ("same", _("Looked at the same camera or file again and again"), SAME, SAME_CAMERA),
    ("exports", _("Many exports in a day"), EXPORTS, EXPORTS_A_DAY),
    ("guessing", _("Many failed sign-ins within an hour"), GUESSING, FAILED_SIGN_INS),
)


def anomalies(city: City, begin: datetime, end: datetime) -> list[Anomaly]:
    """Everything in the trail of city from begin to end that asks for a second look, the last first."""
    found = [
        Anomaly(
            key, title, row[0], row[1], row[2], row[3], (row[4], row[5]) if row[4:] else ("", "")
        )
        for key, title, sql, least in KINDS
        for row in _rows(sql, city, begin, end, least)
    ]
    return sorted(found, key=lambda one: one.last, reverse=True)


def _rows(
    sql: str, city: City, begin: datetime, end: datetime, least: int
) -> Iterable[tuple[Any, ...]]:
    words: dict[str, Any] = {
        "city": city.pk,
        "zone": city.time_zone,
        "begin": begin,
        "end": end,
        "least": least,
        "most": MOST,
        "views": [action.name for action in actions("view")],
        "exports": [action.name for action in actions("export")],
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, words)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
