"""Class tables: brought as a CSV of one coefficient a line, whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from madang.ground.city.models import City
from madang.ground.trail.public import Act, Actor, record
from madang.systems.climate.engine import tables
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import ClassRow, ClassTable

Value = TypeVar("Value")

COLUMNS = ("code", "name", "coefficient", "value", "source", "as_of")


@dataclass(frozen=True)
class Line:
    """One line of a table's file."""

    code: int
    name: str
    coefficient: str
    value: float
    source: str
    as_of: date


@transaction.atomic
def bring(
    city: City, name: str, file: bytes, actor: Actor, *, simulated: bool = False
) -> ClassTable:
    """Take file as the city's newest class table; Refusal names the line or class that is wrong."""
    lines = list(_lines(file))
    _engine_table(lines)
    table = ClassTable.objects.create(city=city, name=name, simulated=simulated)
    ClassRow.objects.bulk_create(ClassRow(table=table, **vars(line)) for line in lines)
    detail = {"name": name, "rows": len(lines)}
    record(
        actor, Act("climate.table_brought", city.pk, ("class_table", str(table.pk)), detail=detail)
    )
    return table


def newest(city: City) -> ClassTable:
    """The class table in force."""
    table = ClassTable.objects.filter(city=city).order_by("-brought", "-id").first()
    if table is None:
        raise Refusal("no-table")
    return table


def read(file: bytes) -> tables.Table:
    """The table that a file holds, without keeping it."""
    return _engine_table(list(_lines(file)))


def engine_table(table: ClassTable) -> tables.Table:
    """What the engine computes with."""
    return _engine_table([Line(*row) for row in table.rows.values_list(*COLUMNS)])


def digest(table: ClassTable) -> str:
    """SHA-256 of its rows in their order."""
    rows = table.rows.order_by("code", "coefficient").values_list(*COLUMNS)
    return hashlib.sha256(json.dumps(list(rows), default=str).encode()).hexdigest()


def _engine_table(lines: list[Line]) -> tables.Table:
    classes: dict[int, dict[str, tables.Coefficient]] = {}
    names: dict[int, str] = {}
    for line in lines:
        figures = classes.setdefault(line.code, {})
        if line.coefficient in figures:
            raise Refusal("class-twice", code=line.code, name=line.coefficient)
        figures[line.coefficient] = tables.Coefficient(line.value, line.source, line.as_of)
        names.setdefault(line.code, line.name)
    return tables.Table(tables.LandClass(code, names[code], classes[code]) for code in classes)


def _lines(file: bytes) -> Iterator[Line]:
    reader = csv.DictReader(io.StringIO(file.decode("utf-8-sig", errors="replace")))
    found = tuple(reader.fieldnames or ())
    if not set(COLUMNS) <= set(found):
        raise Refusal("table-columns", found=", ".join(found) or "-", needed=", ".join(COLUMNS))
    for number, row in enumerate(reader, start=2):
        yield Line(
            _cell(row, "code", int, number),
            (row["name"] or "").strip(),
            (row["coefficient"] or "").strip(),
            _cell(row, "value", float, number),
            (row["source"] or "").strip(),
            _cell(row, "as_of", date.fromisoformat, number),
        )


def _cell(row: dict[str, str], column: str, kind: Callable[[str], Value], number: int) -> Value:
    try:
        return kind((row[column] or "").strip())
    except ValueError as error:
        raise Refusal("table-cell", line=number, value=row[column], column=column) from error


def sources(table: UUID) -> list[tuple[str, str]]:
    """Who says a table's coefficients, and of which day."""
    rows = ClassRow.objects.filter(table=table).values_list("source", "as_of").distinct()
    return sorted((source, f"{day:%Y-%m-%d}") for source, day in rows)
