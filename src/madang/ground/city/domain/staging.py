"""Rows are staged in temporary tables by COPY, compared with the city's in one statement a table, and
moved over in one transaction. Nothing of the city changes before `apply`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

from django.db import connection
from django.db.models import Field, JSONField
from psycopg import sql

from madang.ground.city.domain.measuring import by_model, has
from madang.ground.city.models import City, DataSet, FromDataSet, Import
from madang.ground.city.reasons import storable
from madang.ground.city.records import Record
from madang.ground.ids import new_id

Model = type[FromDataSet]
PAGE = 5_000
OWN = frozenset(["id", "city", "data_set", "made_by", "touched_by"])


@dataclass(frozen=True)
class Counts:
    """What a staged table would do to the city's: rows of the file, and rows derived from them."""

    new: int = 0
    changed: int = 0
    same: int = 0
    derived: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.new + other.new,
            self.changed + other.changed,
            self.same + other.same,
            self.derived + other.derived,
        )

    @property
    def all(self) -> int:
        return self.new + self.changed + self.same


@dataclass(frozen=True)
class Repeated:
    """A row whose key stood in an earlier row of the same file already."""

    number: int
    first: int
    key: str


class Staging:
    """The temporary tables of one import of one city, in this database connection."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.models: dict[Model, list[Field[Any, Any]]] = {}

    def add(self, records: Iterable[Record]) -> None:
        """Stage records that have been measured."""
        for model, group in by_model(records).items():
            self._copy(model, self._table(model), group)

    def drop_repeated(self) -> int:
        """Take out every row whose key an earlier row had; how many. `repeated` says which."""
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS staged_repeats (number int, first int, key text);"
                " TRUNCATE staged_repeats"
            )
        return sum(self._drop_repeated(model) for model in self.models)

    def repeated(self) -> Iterator[Repeated]:
        """The rows that were taken out, in their order, a page at a time: there may be millions."""
        last = -1
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT DISTINCT ON (number) number, first, key FROM staged_repeats"
                    " WHERE number > %s ORDER BY number LIMIT %s",
                    [last, PAGE],
                )
                page = [Repeated(*row) for row in cursor.fetchall()]
            if not page:
                return
            yield from page
            last = page[-1].number

    def compare(self, data_set: DataSet | None) -> dict[Model, Counts]:
        """New, changed and same by table, beside data_set as it is now (None: does not exist yet)."""
        return {model: self._compare(model, data_set) for model in self.models}

    def apply(self, data_set: DataSet, of: Import) -> None:
        """Move the staged rows over; what they replace is kept for undo. Call in a transaction."""
        for model in self.models:
            self._keep_previous(model, data_set, of)
            self._update(model, data_set, of)
            self._insert(model, data_set, of)

    def sample_changes(self, data_set: DataSet, limit: int) -> list[dict[str, Any]]:
        """The first changed rows, as {table, key, before, after} of the columns that differ."""
        found: list[dict[str, Any]] = []
        for model in self.models:
            found += self._changed_rows(model, data_set, limit - len(found))
        return found

    def same_places(self) -> int:
        """How many staged points lie exactly where another one of their table does."""
        return sum(self._same_places(model) for model in self.models if has(model, "lon"))

    def absent(self, data_set: DataSet | None) -> int:
        """How many rows of data_set are in a staged table of the city, and not in the file."""
        return sum(self._absent(model, data_set) for model in self.models) if data_set else 0

    def close(self) -> None:
        for model in self.models:
            self._run("DROP TABLE IF EXISTS {stage}", model)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS staged_repeats")
        self.models.clear()

    def _table(self, model: Model) -> list[Field[Any, Any]]:
        if model not in self.models:
            self.models[model] = content_fields(model)
            self._run("DROP TABLE IF EXISTS {stage}", model)
            self._run(
                "CREATE TEMPORARY TABLE {stage} AS SELECT id, 0 AS number, false AS derived,"
                " false AS shared, {columns} FROM {table} WITH NO DATA",
                model,
            )
        return self.models[model]

    def _copy(self, model: Model, fields: list[Field[Any, Any]], records: list[Record]) -> None:
        names = "id, number, derived, shared, {columns}"
        statement = self._sql(f"COPY {{stage}} ({names}) FROM STDIN", model)
        writers = [_writer(field) for field in fields[1:]]
        with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
            for record in records:
                row = [write(record.values) for write in writers]
                own = [record.id or new_id(), record.number, record.derived, record.shared]
                copy.write_row([*own, record.key, *row])

    def _drop_repeated(self, model: Model) -> int:
        self._number_shared(model)
        [[count]] = self._run(
            "WITH ranked AS (SELECT ctid AS place, number, key, derived, first_value(number) OVER w"
            " AS first, row_number() OVER w AS turn FROM {stage}"
            " WINDOW w AS (PARTITION BY key ORDER BY derived, number, ctid)),"
            " gone AS (DELETE FROM {stage} s USING ranked r"
            " WHERE s.ctid = r.place AND r.turn > 1 RETURNING r.number, r.first, r.key, r.derived),"
            " kept AS (INSERT INTO staged_repeats SELECT number, first, key FROM gone"
            " WHERE NOT derived RETURNING 1) SELECT count(*) FROM kept",
            model,
        )
        self._run("CREATE INDEX ON {stage} (key)", model)
        self._run("ANALYZE {stage}", model)
        return int(count)

    def _number_shared(self, model: Model) -> None:
        """Rows that may share their key are told apart by their order in the file."""
        self._run(
            "UPDATE {stage} s SET key = s.key || '#' || r.turn FROM (SELECT ctid AS place,"
            " row_number() OVER (PARTITION BY key ORDER BY number, ctid) AS turn FROM {stage}"
            " WHERE shared) r WHERE s.ctid = r.place AND r.turn > 1",
            model,
        )

    def _compare(self, model: Model, data_set: DataSet | None) -> Counts:
        [row] = self._run(
            "SELECT count(*) FILTER (WHERE NOT s.derived AND t.id IS NULL),"
            " count(*) FILTER (WHERE NOT s.derived AND t.id IS NOT NULL AND {differs}),"
            " count(*) FILTER (WHERE NOT s.derived AND t.id IS NOT NULL AND NOT {differs}),"
            " count(*) FILTER (WHERE s.derived AND (t.id IS NULL OR {differs}))"
            " FROM {stage} s LEFT JOIN {table} t ON t.data_set_id = %s AND t.key = s.key",
            model,
            [data_set.id if data_set else None],
        )
        return Counts(*row)

    def _keep_previous(self, model: Model, data_set: DataSet, of: Import) -> None:
        self._run(
            "INSERT INTO city_previousrow (of_id, {quoted}, row, content)"
            " SELECT %s, %s, t.id, to_jsonb(t)"
            " FROM {stage} s JOIN {table} t ON t.data_set_id = %s AND t.key = s.key"
            " WHERE {differs}",
            model,
            [of.id, model._meta.db_table, data_set.id],
        )

    def _update(self, model: Model, data_set: DataSet, of: Import) -> None:
        self._run(
            "UPDATE {table} t SET ({told}) = ROW({staged_told}), touched_by_id = %s FROM {stage} s"
            " WHERE t.data_set_id = %s AND t.key = s.key AND {differs}",
            model,
            [of.id, data_set.id],
        )

    def _insert(self, model: Model, data_set: DataSet, of: Import) -> None:
        self._run(
            "INSERT INTO {table} (id, city_id, data_set_id, made_by_id, touched_by_id, {columns})"
            " SELECT s.id, %s, %s, %s, %s, {staged} FROM {stage} s"
            " LEFT JOIN {table} t ON t.data_set_id = %s AND t.key = s.key WHERE t.id IS NULL",
            model,
            [self.city.id, data_set.id, of.id, of.id, data_set.id],
        )

    def _changed_rows(self, model: Model, data_set: DataSet, limit: int) -> list[dict[str, Any]]:
        rows = self._run(
            "SELECT s.number, s.key, to_jsonb(t) - 'geometry', to_jsonb(s) - 'geometry' FROM {stage} s"
            " JOIN {table} t ON t.data_set_id = %s AND t.key = s.key"
            " WHERE {differs} AND NOT s.derived ORDER BY s.number LIMIT %s",
            model,
            [data_set.id, max(limit, 0)],
        )
        names = [str(f.column) for f in told_fields(model) if f.column != "geometry"]
        return [
            {
                "table": model._meta.label_lower,
                "number": number,
                "key": key,
                "before": {n: old[n] for n in names if old[n] != new[n]},
                "after": {n: new[n] for n in names if old[n] != new[n]},
            }
            for number, key, old, new in (
                (number, key, _parsed(old), _parsed(new)) for number, key, old, new in rows
            )
        ]

    def _same_places(self, model: Model) -> int:
        [[count]] = self._run(
            "SELECT coalesce(sum(many), 0) FROM (SELECT count(*) AS many FROM {stage}"
            " WHERE NOT derived GROUP BY lon, lat HAVING count(*) > 1) places",
            model,
        )
        return int(count)

    def _absent(self, model: Model, data_set: DataSet) -> int:
        [[count]] = self._run(
            "SELECT count(*) FROM {table} t WHERE t.data_set_id = %s"
            " AND NOT EXISTS (SELECT FROM {stage} s WHERE s.key = t.key)",
            model,
            [data_set.id],
        )
        return int(count)

    def _run(self, text: str, model: Model, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self._sql(text, model), list(values) or None)
            return cursor.fetchall() if cursor.description else []

    def _sql(self, text: str, model: Model) -> sql.Composed:
        columns, told = _columns(content_fields(model)), _columns(told_fields(model))
        return sql.SQL(text).format(
            stage=_stage_name(model),
            table=sql.Identifier(model._meta.db_table),
            columns=_listed(columns),
            staged=_listed(columns, "s."),
            told=_listed(told),
            staged_told=_listed(told, "s."),
            differs=sql.SQL("(ROW({}) IS DISTINCT FROM ROW({}))").format(
                _listed(told, "t."), _listed(told, "s.")
            ),
            quoted=sql.Identifier("table"),
        )


@contextmanager
def staging(city: City) -> Iterator[Staging]:
    """Temporary tables that are gone at the end, whatever happens."""
    stage = Staging(city)
    try:
        yield stage
    finally:
        if connection.connection and not connection.needs_rollback and connection.is_usable():
            stage.close()


def content_fields(model: Model) -> list[Field[Any, Any]]:
    """The columns that say something of the thing itself, key first."""
    fields = [field for field in model._meta.concrete_fields if field.name not in OWN]
    return sorted(fields, key=lambda field: field.column != "key")


def told_fields(model: Model) -> list[Field[Any, Any]]:
    """Those of them that a source tells: all but what the city records by hand."""
    return [field for field in content_fields(model) if field.name not in model.by_hand]


def _columns(fields: list[Field[Any, Any]]) -> list[sql.Identifier]:
    return [sql.Identifier(str(field.column)) for field in fields]


def _listed(columns: list[sql.Identifier], row: LiteralString = "") -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL(row) + column for column in columns)


def _stage_name(model: Model) -> sql.Identifier:
    return sql.Identifier(f"staged_{model._meta.db_table}")


def _writer(field: Field[Any, Any]) -> Any:
    """How a column's value is taken from a record's values: given, or the model's default."""
    column, name = field.column, field.name
    default = field.get_default() if field.has_default() else ("" if _is_text(field) else None)
    if isinstance(field, JSONField):
        return lambda values: _json(values.get(column, default))
    return lambda values: values[column] if column in values else values.get(name, default)


def _is_text(field: Field[Any, Any]) -> bool:
    return field.get_internal_type() in ("TextField", "CharField", "SlugField") and not field.null


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    if "\\u0000" in text:
        text = json.dumps(storable(value), ensure_ascii=False, allow_nan=False, default=str)
    return text


def _parsed(value: Any) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return parsed
