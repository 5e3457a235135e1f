"""The register of what can be imported. A system adds its own recognisers in its AppConfig.ready()."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise

from madang.ground.city.models import City
from madang.ground.city.reading import values
from madang.ground.city.reading.sheets import Kind, Sheet, SourceRow
from madang.ground.city.reasons import Note, Refused, Rejected, note
from madang.ground.city.records import Record, Source


@dataclass(frozen=True)
class Column:
    """A column by our name and by the headers it goes under, space and case aside."""

    name: str
    headers: tuple[str, ...]


@dataclass
class Days:
    """The first and the last of the days that rows speak of."""

    first: date | None = None
    last: date | None = None

    def add(self, day: date) -> None:
        self.first = min(self.first or day, day)
        self.last = max(self.last or day, day)


@dataclass
class Reading:
    """One sheet while it is read for one city: which header is which column, and what was noticed."""

    city: City
    columns: dict[str, str]
    headers: tuple[str, ...]
    day: date | None = None
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    days: Days = field(default_factory=Days)
    kept: dict[str, Any] = field(default_factory=dict)
    sheet: Sheet | None = None

    def notice(self, code: str, column: str = "", count: int = 1) -> None:
        """Count something the report should mention: a code of reasons.SENTENCES."""
        self.counts[code, column] += count

    def notes(self) -> list[Note]:
        return [
            note(code, count=count, **({"column": column} if column else {}))
            for (code, column), count in self.counts.items()
        ]


class Row:
    """A source row, its cells under our columns' names. The geometry is in lon/lat degrees."""

    def __init__(self, source: SourceRow, reading: Reading) -> None:
        self.source = source
        self.reading = reading
        self.geometry = source.geometry

    def cell(self, name: str) -> Any:
        header = self.reading.columns.get(name)
        return None if header is None else self.source.values.get(header)

    def text(self, name: str) -> str:
        return values.text(self.cell(name))

    def needed(self, name: str) -> str:
        found = self.text(name)
        if not found:
            raise Rejected("missing", column=self.header(name))
        return found

    def whole(self, name: str, least: int = 0, most: int = 2_000_000_000) -> int | None:
        return values.whole(self.cell(name), self.header(name), least, most)

    def number(self, name: str) -> float | None:
        return values.number(self.cell(name), self.header(name))

    def known(self, name: str, most: int) -> int | None:
        """A whole number of which 0 means unknown, and is noted."""
        found = self.whole(name, 0, most)
        if found == 0:
            self.reading.notice("unknown-zero", self.header(name))
        return found or None

    def day(self, name: str) -> date | None:
        """A day; it is noted as one the data set speaks of."""
        found = self.plain_day(name)
        if found:
            self.reading.days.add(found)
        return found

    def plain_day(self, name: str) -> date | None:
        """A day that says something of the row, not of the data set."""
        return values.day(self.cell(name), self.header(name))

    def header(self, name: str) -> str:
        return self.reading.columns.get(name, name)

    def others(self, *names: str) -> dict[str, str]:
        """The cells of all columns but these, under the file's own headers, empty ones left out."""
        taken = {self.reading.columns.get(name) for name in names}
        cells = {
            header: values.text(cell)
            for header, cell in self.source.values.items()
            if header not in taken and not header.startswith("_")
        }
        return {header: cell for header, cell in cells.items() if cell}


@dataclass(frozen=True)
class Recogniser(ABC):
    """One kind of file: the columns that show it, and what its rows become.

    needs are the columns a file must have; may are read where they are there; point names the columns
    of x and y (or lon and lat) of a table. Files with a lower order are imported first; within
    asks that rows lie in the city.
    """

    key: str
    title: str | Promise
    source: Source
    needs: tuple[Column, ...]
    may: tuple[Column, ...] = ()
    point: tuple[str, str] | None = None
    kind: Kind = "table"
    order: int = 50
    stable_key: str = ""
    within: bool = True

    def fit(self, sheet: Sheet) -> int:
        """How many needed columns sheet shows; 0 where one is missing."""
        if sheet.kind not in (self.kind, "map" if self.point else self.kind):
            return 0
        found = self.columns(sheet)
        named = [column for column in self.needs if column.name in found]
        points = (self.point or ()) if sheet.kind == "map" else ()
        missing = [c for c in self.needs if c.name not in found and c.name not in points]
        return 0 if missing else len(named)

    def columns(self, sheet: Sheet) -> dict[str, str]:
        """The sheet's header of each of our columns that it has; the first of the accepted ones."""
        headers = {plain(header): header for header in reversed(sheet.columns)}
        return {
            column.name: headers[plain(accepted)]
            for column in (*self.may, *self.needs)
            for accepted in reversed(column.headers)
            if plain(accepted) in headers
        }

    def begin(self, reading: Reading) -> None:  # noqa: B027 - most have nothing to prepare
        """Called once before the rows."""

    @abstractmethod
    def records(self, row: Row) -> Iterable[Record]:
        """What a row becomes; Rejected where it cannot be taken."""

    def finish(self, reading: Reading) -> Iterator[Record]:
        """Records made of all rows together, after the last one."""
        yield from ()


_recognisers: dict[str, Recogniser] = {}


def register(recogniser: Recogniser) -> None:
    """Add a recogniser; the same key again replaces it."""
    _recognisers[recogniser.key] = recogniser


def recognisers() -> list[Recogniser]:
    return sorted(_recognisers.values(), key=lambda each: (each.order, each.key))


def by_key(key: str) -> Recogniser:
    return _recognisers[key]


def recognise(sheet: Sheet) -> Recogniser:
    """The recogniser that sheet shows most columns of; Refused where there is none, or two."""
    fits = [(each.fit(sheet), each) for each in recognisers()]
    best = max((fit for fit, _ in fits), default=0)
    found = [each for fit, each in fits if fit == best and fit > 0]
    if not found:
        raise Refused("unrecognised", columns=", ".join(sheet.columns[:30]), known=known())
    if len(found) > 1:
        raise Refused("ambiguous", known=", ".join(str(each.title) for each in found))
    return found[0]


def known() -> str:
    """What would be recognised, and by which columns, in one sentence."""
    return "; ".join(
        f"{each.title} ({', '.join(column.headers[0] for column in each.needs)})"
        for each in recognisers()
    )


def plain(header: str) -> str:
    return re.sub(r"[\s_]", "", header).lower()
