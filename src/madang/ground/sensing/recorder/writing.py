"""Writing batches into the record: their ids, their facts and the account of them in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from madang.ground.bus.messages import Batch
from madang.ground.sensing.messages import Quarantined
from madang.ground.sensing.recorder.quarantine import write_quarantine
from madang.ground.sensing.recorder.tables import Rows, rows_of

Connection = psycopg.Connection[tuple[Any, ...]]
DAY_MS = 86_400_000
AHEAD = (
    30  # days; a gate whose clock is further ahead believes facts that the record has no day for
)


@dataclass(frozen=True)
class Written:
    """What came of some batches: their facts, and how many of these the record did not have yet."""

    facts: int = 0
    added: int = 0


@dataclass(frozen=True)
class Prepared:
    """Batches of one kind, ready to be written: their facts in order, and as bytes for COPY.

    dropped says, by city, how many facts are older than the record keeps, or further ahead than any
    clock may be. Quarantine has no rows.
    """

    batches: Sequence[Batch]
    keep_days: int
    cities: list[str]
    rows: Rows | None = None
    dropped: dict[str, int] = field(default_factory=dict)
    blocks: list[bytes] = field(default_factory=list)


def prepare(batches: Sequence[Batch], keep_days: int) -> Prepared:
    """Batches of one kind made ready: what there is to compute before the database is asked anything."""
    cities = sorted({batch.city for batch in batches})
    if isinstance(batches[0], Quarantined):
        return Prepared(batches, keep_days, cities)
    rows = rows_of(batches, cities)
    today = datetime.now(UTC).date()
    oldest, newest = today - timedelta(days=keep_days), today + timedelta(days=AHEAD)
    kept = (rows.time >= _milliseconds(oldest)) & (rows.time < _milliseconds(newest))
    dropped = _by_city(rows.city[~kept], cities)
    rows = (rows if kept.all() else rows.take(kept)).sorted_once()
    return Prepared(batches, keep_days, cities, rows, dropped, list(rows.copied()))


class Writer:
    """Writes batches of one kind at a time through one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._days: set[date] = set()

    def keep_days(self) -> dict[str, int]:
        """How many days the record keeps of each kind."""
        return dict(self.connection.execute("SELECT kind, days FROM sensing_retention").fetchall())

    def write(self, prepared: Prepared) -> Written:
        """Record batches; those that are in the record already add nothing.

        All of them or none. Raises psycopg's errors; the batches may then be written again.
        """
        try:
            return self._write(prepared)
        except psycopg.errors.CheckViolation:  # a day this writer knew has been dropped since
            self._days.clear()
            return self._write(prepared)

    def _write(self, prepared: Prepared) -> Written:
        batches = prepared.batches
        self._make_days([_made(one).date() for one in batches])
        if prepared.rows is not None:
            self._make_days(_days(prepared.rows.time))
        with self.connection.transaction():
            new = self._enter(batches)
            if not new:
                return Written()
            if len(new) < len(batches):
                prepared = prepare(new, prepared.keep_days)
            facts = facts_by_city(new)
            if prepared.rows is None:
                write_quarantine(self.connection, new)  # type: ignore[arg-type]
                added = facts
            else:
                added = self._copy(prepared.rows, prepared.blocks, prepared.cities)
            self._account(new[0].kind(), facts, added, prepared.dropped)
            return Written(sum(facts.values()), sum(added.values()))

    def _make_days(self, days: Iterable[date]) -> None:
        """Have the partitions of days made by their owner; nearly always they are there already."""
        for day in sorted(set(days) - self._days):
            self.connection.execute("SELECT sensing_make_days(%s, %s)", [day, day])
            self._days.add(day)

    def _enter(self, batches: Sequence[Batch]) -> list[Batch]:
        """Enter the batches' ids; those that were not there. Another recorder's same ids are waited for."""
        once = {batch.id: batch for batch in batches}
        ordered = [once[key] for key in sorted(once)]
        found = self.connection.execute(
            """
            INSERT INTO sensing_batch (id, made, kind, city, facts)
            SELECT * FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::int[])
            ON CONFLICT DO NOTHING RETURNING id
            """,
            [
                [UUID(batch.id) for batch in ordered],
                [_made(batch) for batch in ordered],
                [batch.kind() for batch in ordered],
                [batch.city for batch in ordered],
                [_facts(batch) for batch in ordered],
            ],
        )
        new = {str(row[0]) for row in found.fetchall()}
        return [batch for key, batch in once.items() if key in new]

    def _copy(self, rows: Rows, blocks: Iterable[bytes], cities: list[str]) -> dict[str, int]:
        """Copy rows into their table; how many of each city were not there yet.

        Straight into it, which fails only where a device sent a fact again in another batch; then by
        way of a table beside it.
        """
        try:
            with self.connection.transaction():
                self._copy_into(rows.table, rows, blocks)
        except psycopg.errors.UniqueViolation:
            return self._copy_beside(rows, blocks, cities)
        return _by_city(rows.city, cities)

    def _copy_into(self, table: str, rows: Rows, blocks: Iterable[bytes]) -> None:
        statement = sql.SQL("COPY {} ({}) FROM STDIN {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, rows.columns)),
            sql.SQL("(FORMAT binary)" if rows.is_binary else ""),
        )
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)

    def _copy_beside(
        self, rows: Rows, blocks: Iterable[bytes], cities: list[str]
    ) -> dict[str, int]:
        beside = f"{rows.table}_beside"
        names = {
            "beside": sql.Identifier(beside),
            "table": sql.Identifier(rows.table),
            "columns": sql.SQL(", ").join(map(sql.Identifier, rows.columns)),
        }
        self.connection.execute(
            sql.SQL("CREATE TEMP TABLE {beside} (LIKE {table}) ON COMMIT DROP").format(**names)
        )
        self._copy_into(beside, rows, blocks)
        added = self.connection.execute(
            sql.SQL(
                "WITH done AS (INSERT INTO {table} ({columns}) SELECT {columns} FROM {beside} "
                "ON CONFLICT DO NOTHING RETURNING device) "
                "SELECT device, count(*) FROM done GROUP BY device"
            ).format(**names)
        ).fetchall()
        devices, first = np.unique(rows.device, return_index=True)
        city_of = dict(zip(devices.tolist(), rows.city[first].tolist(), strict=True))
        counts = dict.fromkeys(cities, 0)
        for device, facts in added:
            counts[cities[city_of[device]]] += facts
        return counts

    def _account(
        self, kind: str, facts: dict[str, int], added: dict[str, int], dropped: dict[str, int]
    ) -> None:
        for city in sorted(facts):
            self.connection.execute(
                """
                INSERT INTO sensing_account AS a (city, kind, day, facts, added, dropped)
                VALUES (%s, %s, (now() AT TIME ZONE 'UTC')::date, %s, %s, %s)
                ON CONFLICT (city, kind, day) DO UPDATE SET facts = a.facts + excluded.facts,
                    added = a.added + excluded.added, dropped = a.dropped + excluded.dropped
                """,
                [city, kind, facts[city], added.get(city, 0), dropped.get(city, 0)],
            )


def facts_by_city(batches: Iterable[Batch]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for batch in batches:
        counts[batch.city] += _facts(batch)
    return dict(counts)


def _made(batch: Batch) -> datetime:
    """When the batch was said, by a clock that is not far ahead: the same whenever it is asked today."""
    latest = _milliseconds(datetime.now(UTC).date() + timedelta(days=AHEAD))
    return datetime.fromtimestamp(min(batch.made, latest) / 1000, UTC)


def _facts(batch: Batch) -> int:
    return int(batch.rows.sum()) if isinstance(batch, Quarantined) else len(batch)


def _by_city(numbers: NDArray[np.int32], cities: list[str]) -> dict[str, int]:
    counts = np.bincount(numbers, minlength=len(cities)).tolist()
    return dict(zip(cities, counts, strict=True))


def _days(time: NDArray[np.int64]) -> list[date]:
    return [date.fromordinal(719163 + day) for day in np.unique(time // DAY_MS).tolist()]


def _milliseconds(day: date) -> int:
    return (day.toordinal() - 719163) * DAY_MS
