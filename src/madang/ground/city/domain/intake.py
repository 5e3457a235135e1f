"""From the rows of a sheet to staged records and rejected rows, a bounded batch at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import shapely
from django.db import connection

from madang.ground.city.domain.measuring import measure
from madang.ground.city.domain.outline import CityOutline
from madang.ground.city.domain.staging import Staging
from madang.ground.city.models import Import
from madang.ground.city.projection import Floats
from madang.ground.city.reading import crs as coordinate_systems
from madang.ground.city.reading import values
from madang.ground.city.reading.shapes import prepare
from madang.ground.city.reading.sheets import Sheet, SourceRow
from madang.ground.city.reasons import Because, Note, Refused, Rejected, note, storable
from madang.ground.city.recognisers.registry import Reading, Recogniser, Row
from madang.ground.city.records import Record

BATCH = 2_000
HEAVY = 8 << 20
"""Bytes of the file in one batch; with the batch's rows this bounds what an import holds in memory."""
LONGEST_CELL = 2_000
LONGEST_KEY = 500
Progress = Callable[[float, int], None]


@dataclass(frozen=True)
class Options:
    """What the person says of a file that it does not say itself."""

    crs: str | None = None
    date: date | None = None


@dataclass
class Intake:
    """One sheet on its way into the staging tables of one import."""

    sheet: Sheet
    recogniser: Recogniser
    brought: Import
    stage: Staging
    options: Options
    progress: Progress
    rejected: int = 0
    seen: int = 0
    mended: int = 0
    near: tuple[int, float] = (0, 0.0)
    notes: list[Note] = field(default_factory=list)

    def run(self) -> None:
        """Stage every row that can be taken and keep the others with their reasons."""
        self.recogniser.begin(self.reading)
        rows = _batches(self._located(self.sheet.rows()))
        head = next(rows, None)
        if head is None:
            raise Refused("no-rows")
        crs, said = coordinate_systems.decide(
            self.sheet.crs, self.options.crs, _points(head), self.brought.city
        )
        for batch in chain([head], rows):
            self._take(batch, crs)
        self._stage(list(self.recogniser.finish(self.reading)))
        self._reject_repeated(crs)
        self.brought.crs = crs if self._has_geometry else ""
        self.notes = [*self.sheet.notes, *(said if self._has_geometry else []), *self._noticed()]

    @cached_property
    def reading(self) -> Reading:
        columns = self.recogniser.columns(self.sheet)
        city, headers = self.brought.city, self.sheet.columns
        return Reading(city, columns, headers, self.options.date, sheet=self.sheet)

    @cached_property
    def outline(self) -> CityOutline:
        return CityOutline(self.brought.city)

    @property
    def as_of(self) -> date | None:
        """The latest day the rows speak of, else the one the person says."""
        return self.reading.days.last or self.options.date

    @property
    def _has_geometry(self) -> bool:
        drawn = self.sheet.kind in ("map", "osm")
        return drawn or (self.sheet.kind == "table" and self.recogniser.point is not None)

    def _located(self, rows: Iterable[SourceRow]) -> Iterator[SourceRow]:
        """Rows of a table with the point that their two columns name."""
        point = self.recogniser.point if self.sheet.kind == "table" else None
        if point is None:
            yield from rows
            return
        x, y = (self.reading.columns[name] for name in point)
        for row in rows:
            try:
                east, north = (
                    values.number(row.values.get(x), x),
                    values.number(row.values.get(y), y),
                )
                if east and north:
                    row.geometry = shapely.Point(east, north)
            except Rejected as reason:
                row.problem = row.problem or reason
            yield row

    def _take(self, rows: list[SourceRow], crs: str) -> None:
        self.seen += len(rows)
        whole = [row for row in rows if row.problem is None]
        self.mended += prepare(whole, crs)
        records: list[Record] = []
        refused: list[tuple[SourceRow, Because]] = []
        for row in rows:
            try:
                records += self._records(row)
            except Rejected as reason:
                refused.append((row, reason))
        self._stage(records, {row.number: row for row in rows}, refused)
        self.progress(self.sheet.fraction, self.seen)

    def _records(self, row: SourceRow) -> list[Record]:
        if row.problem:
            raise row.problem
        records = list(self.recogniser.records(Row(row, self.reading)))
        for record in records:
            record.number = row.number
            if len(record.key) > LONGEST_KEY:
                raise Rejected("long-key", limit=LONGEST_KEY)
        return records

    def _stage(
        self,
        records: list[Record],
        rows: dict[int, SourceRow] | None = None,
        refused: Iterable[tuple[SourceRow, Because]] = (),
    ) -> None:
        measure(records, self.brought.city.crs)
        far = self.outline.far(records) if rows and self.recogniser.within else {}
        self.stage.add(record for record in records if record.number not in far)
        outside = [(rows[number], reason) for number, reason in far.items()] if rows else []
        self._reject([*refused, *outside])

    def _reject(self, refused: list[tuple[SourceRow, Because]]) -> None:
        if not refused:
            return
        self.rejected += len(refused)
        names = "of_id, number, reason, figures, content"
        statement = f"COPY city_rejection ({names}) FROM STDIN"
        with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
            for row, why in refused:
                figures = json.dumps(why.figures, ensure_ascii=False, default=str)
                copy.write_row([self.brought.id, row.number, why.code, figures, content(row)])

    def _reject_repeated(self, crs: str) -> None:
        """Rows whose key another row had: their content is fetched by reading the file once more."""
        if not self.stage.drop_repeated():
            return
        for batch in _batches(self._repeated_rows()):
            prepare(batch, crs)
            self._reject([(row, row.problem) for row in batch if row.problem])

    def _repeated_rows(self) -> Iterator[SourceRow]:
        """Rows of the file that `stage.repeated` names, both being in the order of their numbers."""
        repeated = self.stage.repeated()
        wanted = next(repeated, None)
        for row in self.sheet.rows():
            if wanted and row.number == wanted.number:
                row.problem = Rejected("repeated", key=wanted.key, first=wanted.first)
                yield row
                wanted = next(repeated, None)

    def _noticed(self) -> list[Note]:
        found = self.reading.notes()
        if self.mended:
            found.append(note("repaired", count=self.mended))
        if self.outline.near:
            found.append(
                note("near-outside", count=self.outline.near, metres=round(self.outline.furthest))
            )
        if self._has_geometry and (same := self.stage.same_places()):
            found.append(note("same-place", count=same))
        days = self.reading.days
        if days.first != days.last:
            found.append(note("as-of-many", first=str(days.first), last=str(days.last)))
        if self.as_of is None:
            found.append(note("no-date"))
        return found


def content(row: SourceRow) -> str:
    """The row as the file had it, as JSON; geometry as GeoJSON in degrees."""
    cells = {key: _cell(value) for key, value in row.values.items()}
    if row.geometry is not None and not set(map(str.lower, cells)) & {"lat", "위도", "wgs84위도"}:
        cells["geometry"] = json.loads(shapely.to_geojson(row.geometry))
    return json.dumps(storable(cells), ensure_ascii=False, default=str)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value[:LONGEST_CELL]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def _points(rows: list[SourceRow]) -> Floats:
    shapes = [row.geometry for row in rows if row.geometry is not None]
    points: Floats = shapely.get_coordinates(shapes)
    return points[np.isfinite(points).all(axis=1)]


def _batches(rows: Iterable[SourceRow]) -> Iterator[list[SourceRow]]:
    """rows in lists that are bounded by their number and by what they weigh."""
    batch: list[SourceRow] = []
    weight = 0
    for row in rows:
        batch.append(row)
        weight += row.weight
        if len(batch) >= BATCH or weight >= HEAVY:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch
