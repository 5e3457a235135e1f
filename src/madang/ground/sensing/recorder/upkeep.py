"""Keeping the record in shape: days made ahead, missions held, old days thinned out and dropped."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import structlog

AHEAD = 3  # days
KINDS = ("positions", "readings", "counts", "states", "batches")
LONGEST_MISSION = timedelta(hours=24)
QUARANTINE_DAYS = 90

# A device is on a mission while its newest state `mission` names one.
HOLD_MISSIONS = """
INSERT INTO sensing_trackhold (id, city_id, device_id, begins, ends, reason)
SELECT gen_random_uuid(), d.city_id, d.id, m.time,
       least(coalesce(m.until, m.time + %(longest)s), m.time + %(longest)s), 'mission ' || m.about
FROM (SELECT device, time, about,
             lead(time) OVER (PARTITION BY device ORDER BY time) AS until
      FROM sensing_state
      WHERE name = 'mission' AND time >= %(since)s AND time < %(to)s) m
JOIN sensing_device d ON d.number = m.device
WHERE m.about <> '' AND coalesce(m.until, 'infinity') > m.time
ON CONFLICT (device_id, begins, reason) DO UPDATE SET ends = greatest(sensing_trackhold.ends, excluded.ends)
"""
THINNABLE = """
SELECT d.day FROM sensing_days('sensing_position') d, sensing_retention r
WHERE r.kind = 'positions' AND r.thin_after_days IS NOT NULL
  AND d.day < (now() AT TIME ZONE 'UTC')::date - r.thin_after_days
  AND obj_description(to_regclass(d.name)) IS DISTINCT FROM 'thinned to ' || r.thin_seconds || ' s'
ORDER BY d.day
"""

log = structlog.get_logger()
Connection = psycopg.Connection[tuple[Any, ...]]


def make_days_ahead(connection: Connection, today: date | None = None) -> int:
    """Have the owner make the days from yesterday to a few ahead; how many tables that were."""
    today = today or datetime.now(UTC).date()
    row = connection.execute(
        "SELECT sensing_make_days(%s, %s)",
        [today - timedelta(days=1), today + timedelta(days=AHEAD)],
    ).fetchone()
    return int(row[0]) if row else 0


def keep_up(connection: Connection) -> None:
    """Do what there is to do now. Each act is a transaction of its own; done again it does nothing."""
    make_days_ahead(connection)
    for (day,) in connection.execute(THINNABLE).fetchall():
        hold_missions(connection, day)
        row = connection.execute("SELECT sensing_thin_day(%s)", [day]).fetchone()
        log.info("positions thinned out", day=str(day), left=row[0] if row else 0)
    for kind in KINDS:
        for (name,) in connection.execute("SELECT sensing_drop_days(%s)", [kind]).fetchall():
            log.info("a day of the record dropped", table=name)
    connection.execute(
        "DELETE FROM sensing_quarantine WHERE day < current_date - %s", [QUARANTINE_DAYS]
    )
    connection.execute(
        "DELETE FROM sensing_quarantinesample WHERE time < now() - make_interval(days => %s)",
        [QUARANTINE_DAYS],
    )


def hold_missions(connection: Connection, day: date) -> None:
    """Hold the tracks of missions that were under way on day, so that thinning leaves them whole."""
    since = datetime(day.year, day.month, day.day, tzinfo=UTC)
    connection.execute(
        HOLD_MISSIONS,
        {
            "longest": LONGEST_MISSION,
            "since": since - LONGEST_MISSION,
            "to": since + timedelta(days=1) + LONGEST_MISSION,
        },
    )
