"""The record's upkeep: what the owner's functions do for the application, and what they refuse it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from fixtures.database import TestDatabase
from madang.ground.sensing.recorder.recorder import connect
from madang.ground.sensing.recorder.upkeep import keep_up, make_days_ahead

Connection = psycopg.Connection[tuple[Any, ...]]


def midnight(days_ago: int = 0) -> datetime:
    """The midnight a day began with; asked when it is needed, for a suite may run across one."""
    now = datetime.now(UTC)
    return datetime(now.year, now.month, now.day, tzinfo=UTC) - timedelta(days=days_ago)


@pytest.fixture
def connection(own_database: TestDatabase) -> Iterator[Connection]:
    with connect(own_database.app_url) as connection:
        yield connection


def device(connection: Connection, number: int = 1) -> int:
    """A device with its city and kind; its number."""
    connection.execute(
        "INSERT INTO city_city (id, key, names, time_zone, crs, simulated, created) VALUES "
        "('00000000-0000-7000-8000-000000000001', 'yard', '{}', 'Asia/Seoul', 'EPSG:5186', false, now())"
    )
    connection.execute(
        "INSERT INTO sensing_devicekind (id, city_id, key, names) VALUES "
        "('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 'bus', '{}')"
    )
    connection.execute(
        """INSERT INTO sensing_device (id, number, city_id, kind_id, key, name, organisation,
               external_key, place, simulated, created, changed)
           VALUES (gen_random_uuid(), %s, '00000000-0000-7000-8000-000000000001',
               '00000000-0000-7000-8000-000000000002', 'bus-1', '', '', '', '', false, now(), now())""",
        [number],
    )
    return number


def make(connection: Connection, days_ago: int) -> datetime:
    began = midnight(days_ago)
    connection.execute("SELECT sensing_make_days(%s, %s)", [began.date(), began.date()])
    return began


def drive(connection: Connection, since: datetime, seconds: int, number: int = 1) -> None:
    """A position a second from since on."""
    connection.execute(
        """INSERT INTO sensing_position (device, time, lon, lat, x, y)
           SELECT %s, %s + make_interval(secs => s), 127, 37, 0, 0 FROM generate_series(0, %s) s""",
        [number, since, seconds - 1],
    )


def tables(connection: Connection, parent: str) -> set[str]:
    rows = connection.execute("SELECT name FROM sensing_days(%s)", [parent]).fetchall()
    return {row[0] for row in rows}


def count(connection: Connection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def test_days_are_made_ahead_and_once(connection: Connection) -> None:
    assert make_days_ahead(connection) == 5 * 5
    assert make_days_ahead(connection) == 0
    assert f"sensing_reading_{midnight(-3):%Y%m%d}" in tables(connection, "sensing_reading")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT sensing_make_days(current_date, current_date + 5000)",
        "SELECT sensing_drop_days('city_city')",
        "SELECT sensing_thin_day(current_date)",
        "DROP TABLE sensing_position",
        "CREATE TABLE mine PARTITION OF sensing_position DEFAULT",
    ],
)
def test_the_application_may_do_to_the_record_only_what_its_rules_say(
    connection: Connection, statement: str
) -> None:
    with pytest.raises(psycopg.Error):
        connection.execute(statement)


def test_the_application_may_write_into_days_that_were_made_for_it(connection: Connection) -> None:
    drive(connection, make(connection, 3), 10)
    assert count(connection, "sensing_position") == 10


def test_old_days_go_and_their_readings_stay_by_the_hour(connection: Connection) -> None:
    old = make(connection, 120)
    make(connection, 1)
    for minute, value in ((0, 1.0), (30, 3.0), (60, 5.0)):
        connection.execute(
            "INSERT INTO sensing_reading VALUES (1, 7, %s, %s)",
            [old + timedelta(minutes=minute), value],
        )
    keep_up(connection)
    assert tables(connection, "sensing_reading") & {f"sensing_reading_{old:%Y%m%d}"} == set()
    assert f"sensing_reading_{midnight(1):%Y%m%d}" in tables(connection, "sensing_reading")
    hours = connection.execute(
        "SELECT hour, value, low, high, readings FROM sensing_hourly ORDER BY hour"
    ).fetchall()
    assert hours == [(old, 2.0, 1.0, 3.0, 2), (old + timedelta(hours=1), 5.0, 5.0, 5.0, 1)]


def test_a_full_disk_budget_drops_the_oldest_first_and_never_yesterday(
    connection: Connection,
) -> None:
    for days_ago in (0, 1, 2, 3):
        drive(connection, make(connection, days_ago), 10)
    connection.execute(
        "UPDATE sensing_retention SET gigabytes = 1e-9, thin_after_days = NULL WHERE kind = 'positions'"
    )
    keep_up(connection)
    left = {name[-8:] for name in tables(connection, "sensing_position")}
    assert f"{midnight(2):%Y%m%d}" not in left
    assert {f"{midnight():%Y%m%d}", f"{midnight(1):%Y%m%d}"} <= left


def test_positions_thin_out_with_age_and_missions_stay_whole(connection: Connection) -> None:
    number = device(connection)
    old = make(connection, 4)
    drive(connection, old + timedelta(hours=1), 600, number)
    drive(connection, old + timedelta(hours=5), 600, number)
    begins, ends = old + timedelta(hours=5, seconds=100), old + timedelta(hours=5, seconds=199)
    for time, value, about in ((begins, "en_route", "m-1"), (ends, "waiting", "")):
        connection.execute(
            "INSERT INTO sensing_state VALUES (%s, 'mission', %s, %s, %s)",
            [number, time, value, about],
        )
    keep_up(connection)
    kept = connection.execute(
        "SELECT count(*) FILTER (WHERE time BETWEEN %s AND %s), count(*) FROM sensing_position",
        [begins, ends],
    ).fetchone()
    assert kept == (100, 60 + 50 + 100)
    keep_up(connection)
    assert count(connection, "sensing_position") == 210


def test_missions_outlive_the_days_they_were_driven_on(connection: Connection) -> None:
    number = device(connection)
    old = make(connection, 31)
    drive(connection, old, 100, number)
    for time, about in ((old + timedelta(seconds=10), "m-1"), (old + timedelta(seconds=19), "")):
        connection.execute(
            "INSERT INTO sensing_state VALUES (%s, 'mission', %s, 'x', %s)", [number, time, about]
        )
    keep_up(connection)
    assert count(connection, "sensing_position") == 0
    assert count(connection, "sensing_track") == 10


def test_late_facts_may_still_come_to_a_day_that_was_thinned(connection: Connection) -> None:
    number = device(connection)
    old = make(connection, 4)
    drive(connection, old, 20, number)
    keep_up(connection)
    drive(connection, old + timedelta(hours=2), 5, number)
    assert count(connection, "sensing_position") == 2 + 5
