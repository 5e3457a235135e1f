"""The record against a real database: what is written is what was said, once, on its day."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.database import TestDatabase
from madang.ground.bus.columns import words
from madang.ground.bus.messages import Batch, now_ms
from madang.ground.sensing.messages import Counts, Positions, Quarantined, Readings, States
from madang.ground.sensing.recorder.recorder import connect
from madang.ground.sensing.recorder.writing import Writer, Written, prepare

NOW = now_ms()
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture
def connection(own_database: TestDatabase) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with connect(own_database.app_url) as connection:
        yield connection


@pytest.fixture
def writer(connection: psycopg.Connection[tuple[Any, ...]]) -> Writer:
    return Writer(connection)


def write(writer: Writer, batches: Sequence[Batch]) -> Written:
    return writer.write(prepare(batches, keep_days=30))


def readings(*rows: tuple[int, int, int, float], city: str = "yard") -> Readings:
    device, channel, time, value = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Readings(
        city=city,
        source="test",
        device=np.array(device, dtype=np.int32),
        channel=np.array(channel, dtype=np.int32),
        time=np.array(time, dtype=np.int64),
        value=np.array(value, dtype=np.float64),
        simulated=np.zeros(len(device), dtype=np.uint8),
    )


def positions(device: list[int], time: list[int], **columns: list[float]) -> Positions:
    size = len(device)
    floats = {"lon": 127.0, "lat": 37.2, "x": 2e5, "y": 5e5}
    unknown = dict.fromkeys(("speed", "heading", "accuracy"), math.nan)
    return Positions(
        city="yard",
        source="test",
        device=np.array(device, dtype=np.int32),
        time=np.array(time, dtype=np.int64),
        simulated=np.zeros(size, dtype=np.uint8),
        **{name: np.array(columns.get(name, [of] * size)) for name, of in floats.items()},
        **{
            name: np.array(columns.get(name, [of] * size), dtype=np.float32)
            for name, of in unknown.items()
        },
    )


def states(*rows: tuple[int, int, str, str, str]) -> States:
    device, time, name, value, about = zip(*rows, strict=True)
    return States(
        city="yard",
        source="test",
        device=np.array(device, dtype=np.int32),
        time=np.array(time, dtype=np.int64),
        name=words(name),
        value=words(value),
        about=words(about),
        simulated=np.zeros(len(device), dtype=np.uint8),
    )


def test_a_batch_is_recorded_once(writer: Writer) -> None:
    batch = readings((1, 1, NOW, 0.5), (1, 1, NOW + 1, 0.6))
    assert write(writer, [batch]).added == 2
    assert write(writer, [batch, batch]).added == 0
    assert count(writer, "sensing_reading") == 2
    assert account(writer) == {("yard", "readings"): (2, 2, 0)}


def test_a_fact_sent_again_is_one_fact(writer: Writer) -> None:
    first = readings((1, 1, NOW, 0.5), (1, 1, NOW, 0.5), (2, 1, NOW, 0.7))
    again = readings((2, 1, NOW, 0.7), (3, 1, NOW, 0.8))
    assert write(writer, [first]).added == 2
    assert write(writer, [again]).added == 1
    assert account(writer) == {("yard", "readings"): (5, 3, 0)}


def test_unknown_is_null_and_never_zero(writer: Writer) -> None:
    write(writer, [positions([1, 2, 3], [NOW, NOW, NOW], speed=[math.nan, 0.0, 8.5])])
    rows = writer.connection.execute(
        "SELECT device, speed, heading FROM sensing_position ORDER BY device"
    ).fetchall()
    assert rows == [(1, None, None), (2, 0.0, None), (3, 8.5, None)]


def test_late_facts_land_in_their_own_day(writer: Writer) -> None:
    days = [0, 1, 5, 29]
    times = [NOW - day * 86_400_000 for day in days]
    write(writer, [positions([1] * len(days), times)])
    found = writer.connection.execute(
        "SELECT tableoid::regclass::text FROM sensing_position ORDER BY time DESC"
    ).fetchall()
    today = datetime.fromtimestamp(NOW / 1000, UTC).date()
    assert [row[0] for row in found] == [
        f"sensing_position_{today - timedelta(days=day):%Y%m%d}" for day in days
    ]


def test_a_day_that_was_dropped_meanwhile_is_made_again(writer: Writer) -> None:
    """The writer knew the day; its upkeep, in another process, dropped it for want of room."""
    old = NOW - 5 * 86_400_000
    write(writer, [positions([1], [old])])
    writer.connection.execute(
        "UPDATE sensing_retention SET gigabytes = 1e-9 WHERE kind = 'positions'"
    )
    assert writer.connection.execute("SELECT sensing_drop_days('positions')").fetchall()
    written = write(writer, [positions([1, 2], [old + 1, old + 2])])
    assert (written.facts, written.added) == (2, 2)


def test_what_is_older_than_the_record_is_counted_and_dropped(writer: Writer) -> None:
    written = write(writer, [positions([1, 2], [NOW - 40 * 86_400_000, NOW])])
    assert (written.facts, written.added) == (2, 1)
    assert account(writer) == {("yard", "positions"): (2, 1, 1)}


def test_a_gate_whose_clock_is_a_year_ahead_holds_nothing_up(writer: Writer) -> None:
    year = 400 * 86_400_000
    batch = positions([1, 2], [NOW, NOW + year])
    ahead = msgspec.structs.replace(batch, made=NOW + year)
    written = write(writer, [ahead])
    assert (written.facts, written.added) == (2, 1)
    assert account(writer) == {("yard", "positions"): (2, 1, 1)}
    assert write(writer, [ahead]).facts == 0, "it comes again"


def test_each_city_has_its_account(writer: Writer) -> None:
    write(writer, [readings((1, 1, NOW, 1.0)), readings((2, 1, NOW, 1.0), city="other")])
    write(writer, [readings((2, 1, NOW, 1.0), (3, 1, NOW, 1.0), city="other")])
    assert account(writer) == {
        ("yard", "readings"): (1, 1, 0),
        ("other", "readings"): (3, 2, 0),
    }


def test_counts_are_recorded(writer: Writer) -> None:
    batch = Counts(
        city="yard",
        source="test",
        device=np.array([1], dtype=np.int32),
        channel=np.array([2], dtype=np.int32),
        time=np.array([NOW], dtype=np.int64),
        seconds=np.array([60], dtype=np.float32),
        count=np.array([17], dtype=np.int32),
        simulated=np.zeros(1, dtype=np.uint8),
    )
    write(writer, [batch])
    rows = writer.connection.execute("SELECT device, channel, seconds, count FROM sensing_count")
    assert rows.fetchall() == [(1, 2, 60.0, 17)]


def test_quarantine_is_counted_once_and_keeps_the_newest_samples(writer: Writer) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        writer.connection.execute(
            "INSERT INTO sensing_quarantine (id, city_id, key, day, what, reason, facts, last) "
            "VALUES (gen_random_uuid(), gen_random_uuid(), 'x', now(), 'x', 'x', 1, now())"
        )
    writer.connection.execute(
        "INSERT INTO city_city (id, key, names, time_zone, crs, simulated, created) "
        "VALUES (gen_random_uuid(), 'yard', '{}', 'Asia/Seoul', 'EPSG:5186', false, now())"
    )
    batches = [quarantined(NOW + number, f"sample {number}") for number in range(15)]
    for batch in batches:
        write(writer, [batch])
        write(writer, [batch])
    counted = writer.connection.execute("SELECT key, reason, facts FROM sensing_quarantine")
    assert counted.fetchall() == [("bus-1", "future", 45)]
    samples = writer.connection.execute(
        "SELECT text FROM sensing_quarantinesample ORDER BY time"
    ).fetchall()
    assert [row[0] for row in samples] == [f"sample {number}" for number in range(5, 15)]


def test_the_day_of_what_was_not_believed_is_the_citys(writer: Writer) -> None:
    writer.connection.execute(
        "INSERT INTO city_city (id, key, names, time_zone, crs, simulated, created) "
        "VALUES (gen_random_uuid(), 'yard', '{}', 'Asia/Seoul', 'EPSG:5186', false, now())"
    )
    eve = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)  # half past midnight in Seoul
    write(writer, [quarantined(round(eve.timestamp() * 1000), "late")])
    days = writer.connection.execute("SELECT day FROM sensing_quarantine").fetchall()
    assert days == [(date(2026, 11, 22),)]


def quarantined(time: int, sample: str) -> Quarantined:
    return Quarantined(
        city="yard",
        source="test",
        device=np.array([0], dtype=np.int32),
        key=words(["bus-1"]),
        what=words(["positions"]),
        reason=words(["future"]),
        rows=np.array([3], dtype=np.int32),
        time=np.array([time], dtype=np.int64),
        sample=words([sample]),
    )


def test_two_recorders_with_the_same_batches_record_each_once(own_database: TestDatabase) -> None:
    batches = [readings(*((d, 1, NOW + b, 1.0) for d in range(50))) for b in range(40)]
    added: list[int] = []

    def record(own: list[Readings]) -> None:
        with connect(own_database.app_url) as connection:
            writer = Writer(connection)
            for first in range(0, len(own), 8):
                added.append(write(writer, own[first : first + 8]).added)

    threads = [
        threading.Thread(target=record, args=[own]) for own in (batches, list(reversed(batches)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(added) == 2000
    with connect(own_database.app_url) as connection:
        assert count(Writer(connection), "sensing_reading") == 2000


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_the_database_refuses_what_is_no_number(writer: Writer, value: float) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        write(writer, [readings((1, 1, NOW, value))])
    assert count(writer, "sensing_batch") == 0


def test_words_come_back_as_they_were_said(own_database: TestDatabase) -> None:
    text = st.text(min_size=1, max_size=30).filter(lambda word: "\0" not in word)
    with connect(own_database.app_url) as connection:
        writer = Writer(connection)

        @settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(st.lists(st.tuples(text, text, text), min_size=1, max_size=10))
        def check(rows: list[tuple[str, str, str]]) -> None:
            connection.execute("DELETE FROM sensing_state")
            said = [(number, NOW, *row) for number, row in enumerate(rows)]
            write(writer, [states(*said)])
            found = connection.execute(
                "SELECT device, name, value, about FROM sensing_state ORDER BY device"
            ).fetchall()
            assert found == [(one[0], *one[2:]) for one in said]

        check()


def test_numbers_come_back_as_they_were_said(own_database: TestDatabase) -> None:
    with connect(own_database.app_url) as connection:
        writer = Writer(connection)
        maybe = st.floats(0, 1e6, width=32) | st.just(math.nan)

        @settings(max_examples=50)
        @given(
            st.lists(
                st.tuples(st.floats(-180, 180), st.floats(-90, 90), FLOATS, maybe, maybe, maybe),
                min_size=1,
                max_size=20,
            )
        )
        def check(rows: list[tuple[float, ...]]) -> None:
            connection.execute("DELETE FROM sensing_position")
            names = ("lon", "lat", "x", "speed", "heading", "accuracy")
            columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
            columns["x"] = [float(np.float32(max(-1e30, min(x, 1e30)))) for x in columns["x"]]
            write(writer, [positions(list(range(len(rows))), [NOW] * len(rows), **columns)])
            found = connection.execute(
                "SELECT lon, lat, x, speed, heading, accuracy FROM sensing_position ORDER BY device"
            ).fetchall()
            for row, got in zip(zip(*(columns[n] for n in names), strict=True), found, strict=True):
                for at, (said, read) in enumerate(zip(row, got, strict=True)):
                    if math.isnan(said):
                        assert read is None
                    else:
                        assert read == said if at < 2 else np.float32(read) == np.float32(said)

        check()


def count(writer: Writer, table: str) -> int:
    row = writer.connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def account(writer: Writer) -> dict[tuple[str, str], tuple[int, int, int]]:
    rows = writer.connection.execute(
        "SELECT city, kind, facts, added, dropped FROM sensing_account"
    ).fetchall()
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}


def test_ids_of_batches_are_kept(writer: Writer) -> None:
    batch = readings((1, 1, NOW, 1.0))
    write(writer, [batch])
    (row,) = writer.connection.execute("SELECT id, kind, city, facts FROM sensing_batch").fetchall()
    assert row == (UUID(batch.id), "readings", "yard", 1)
