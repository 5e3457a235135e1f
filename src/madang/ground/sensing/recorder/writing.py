"""Writing batches into the record: their ids, their facts and the account of them in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Written:
    """What came of some batches: their facts, and how many of these the record did not have yet."""

    facts: int = 0
    added: int = 0


class Writer:
    """Writes batches of one kind at a time through one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._days: set[date] = set()
        self._keeps: dict[str, int] = {}

    def write(self, batches: Sequence[Batch]) -> Written:
        """Record batches, which are of one kind; those that are in the record already add nothing.

        All of them or none. Raises psycopg's errors; the batches may then be written again.
        """
        try:
            return self._write(batches)
        except psycopg.errors.CheckViolation:  # a day this writer knew has been dropped since
            self._days.clear()
            return self._write(batches)

    def _write(self, batches: Sequence[Batch]) -> Written:
        self._make_days([datetime.fromtimestamp(one.made / 1000, UTC).date() for one in batches])
        if not isinstance(batches[0], Quarantined):
            rows, kept = self._rows(batches)
            self._make_days(_days(rows.time[kept]))
        with self.connection.transaction():
            new = self._enter(batches)
            if not new:
                return Written()
            if isinstance(new[0], Quarantined):
                return self._quarantine(new)
            if len(new) < len(batches):
                rows, kept = self._rows(new)
            return self._record(new, rows, kept)

    def _quarantine(self, new: Sequence[Any]) -> Written:
        write_quarantine(self.connection, new)
        counts = facts_by_city(new)
        self._account(new[0].kind(), counts, counts, {})
        return Written(sum(counts.values()), sum(counts.values()))

    def _record(self, new: Sequence[Batch], rows: Rows, kept: NDArray[np.bool_]) -> Written:
        cities = _cities(new)
        fresh = rows.take(kept).sorted_once()
        added = self._copy(fresh, cities)
        dropped = _by_city(rows.city[~kept], cities)
        self._account(new[0].kind(), facts_by_city(new), added, dropped)
        return Written(len(rows), sum(added.values()))

    def _rows(self, batches: Sequence[Batch]) -> tuple[Rows, NDArray[np.bool_]]:
        """The facts of batches and which of them are not older than the record keeps."""
        rows = rows_of(batches, _cities(batches))
        oldest = datetime.now(UTC).date() - timedelta(days=self._keep_days(batches[0].kind()))
        return rows, rows.time >= _milliseconds(oldest)

    def _keep_days(self, kind: str) -> int:
        if kind not in self._keeps:
            row = self.connection.execute(
                "SELECT days FROM sensing_retention WHERE kind = %s", [kind]
            ).fetchone()
            self._keeps[kind] = row[0] if row else 30
        return self._keeps[kind]

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
                [datetime.fromtimestamp(batch.made / 1000, UTC) for batch in ordered],
                [batch.kind() for batch in ordered],
                [batch.city for batch in ordered],
                [_facts(batch) for batch in ordered],
            ],
        )
        new = {str(row[0]) for row in found.fetchall()}
        return [batch for key, batch in once.items() if key in new]

    def _copy(self, rows: Rows, cities: list[str]) -> dict[str, int]:
        """Copy rows into their table; how many of each city were not there yet.

        Straight into it, which fails only where a device sent a fact again in another batch; then by
        way of a table beside it.
        """
        try:
            with self.connection.transaction():
                self._copy_into(rows.table, rows)
        except psycopg.errors.UniqueViolation:
            return self._copy_beside(rows, cities)
        return _by_city(rows.city, cities)

    def _copy_into(self, table: str, rows: Rows) -> None:
        statement = sql.SQL("COPY {} ({}) FROM STDIN {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, rows.columns)),
            sql.SQL("(FORMAT binary)" if rows.is_binary else ""),
        )
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for block in rows.copied():
                copy.write(block)

    def _copy_beside(self, rows: Rows, cities: list[str]) -> dict[str, int]:
        beside = f"{rows.table}_beside"
        names = {
            "beside": sql.Identifier(beside),
            "table": sql.Identifier(rows.table),
            "columns": sql.SQL(", ").join(map(sql.Identifier, rows.columns)),
        }
        self.connection.execute(
            sql.SQL("CREATE TEMP TABLE {beside} (LIKE {table}) ON COMMIT DROP").format(**names)
        )
        added = {}
        for number, city in enumerate(cities):
            own = rows.take(rows.city == number)
            self._copy_into(beside, own)
            done = self.connection.execute(
                sql.SQL(
                    "INSERT INTO {table} ({columns}) SELECT {columns} FROM {beside} "
                    "ON CONFLICT DO NOTHING"
                ).format(**names)
            )
            added[city] = done.rowcount
            self.connection.execute(sql.SQL("DELETE FROM {beside}").format(**names))
        return added

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


def _facts(batch: Batch) -> int:
    return int(batch.rows.sum()) if isinstance(batch, Quarantined) else len(batch)


def _cities(batches: Iterable[Batch]) -> list[str]:
    return sorted({batch.city for batch in batches})


def _by_city(numbers: NDArray[np.int32], cities: list[str]) -> dict[str, int]:
    counts = np.bincount(numbers, minlength=len(cities)).tolist()
    return dict(zip(cities, counts, strict=True))


def _days(time: NDArray[np.int64]) -> list[date]:
    return [date.fromordinal(719163 + day) for day in np.unique(time // DAY_MS).tolist()]


def _milliseconds(day: date) -> int:
    return (day.toordinal() - 719163) * DAY_MS
