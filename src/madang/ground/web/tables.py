"""Lists of rows as every page shows them: sorted, filtered, paged and exported by the server.

    CAMERAS = Listing("cameras", _("Cameras"), columns=(…), filters=(…), order="name")

    def index(request: CityRequest, city: str) -> HttpResponse:
        table = CAMERAS.read(request, Camera.objects.filter(city=request.city))
        return table.answer or render(request, "cameras/index.html", {"table": table})

and in the page {% include "web/table.html" %}. Without script every header, filter and page is a link or
a form; htmx only swaps the table in place.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from madang.ground.web.keyset import beyond
from madang.ground.web.registry import Text

Row = TypeVar("Row", bound=Model)
LAST = "last"  # instead of the row that a page ends before: the end of the list
ASKED = "asked"  # where an address says which private words it means; the session keeps them
MOST_ASKED = 20  # of one session; the oldest are forgotten
Choices = Callable[[], Iterable[tuple[str, Text]]]
NOTHING = _("Nothing here yet.")
# Rows are counted up to here, and pages have numbers; a longer list is leafed through (web.keyset).
COUNTED = 20_000  # a city's 16,000 devices or cameras are counted whole


@dataclass(frozen=True)
class Link:
    """A cell that leads somewhere."""

    text: Text
    url: str


@dataclass(frozen=True)
class Badge:
    """A cell that is a state: level is ok, attention, down, info or empty."""

    text: Text
    level: str = "empty"


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column. cell gives a str, number, datetime, Measure, Link, Badge or None (unknown).

    sort is the field (or path, or annotation) to order by; number sets figures to the right. under is the
    key of the column in whose cell it stands on a page, smaller; a file has it as a column of its own.
    """

    key: str
    title: Text
    cell: Callable[[Row], object]
    sort: str | None = None
    number: bool = False
    under: str = ""


@dataclass(frozen=True)
class Filter:
    """One filter above the table: free text, a choice when choices are given, or a day of a calendar.

    What is asked of a private one (a name, an address) travels in the body of a form and stays in the
    session: no address, and so no history, log or bookmark, has it.
    """

    key: str
    title: Text
    narrow: Callable[[QuerySet[Any], str], QuerySet[Any]]
    choices: Choices | None = None
    private: bool = False
    day: bool = False


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """What a list shows. order is a column's key, "-" before it for the greatest first.

    point gives longitude and latitude (degrees) for the export as GeoJSON. provenance gives a row's word
    ("simulated", "measured", …), which every export carries. dense makes rows low: for long reading.
    """

    key: str
    title: Text
    columns: tuple[Column[Row], ...]
    filters: tuple[Filter, ...] = ()
    order: str = ""
    per_page: int = 50
    empty: Text = NOTHING
    point: Callable[[Row], tuple[float, float] | None] | None = None
    provenance: Callable[[Row], str] | None = None
    exports: bool = True
    dense: bool = False

    def read(self, request: HttpRequest, rows: QuerySet[Row]) -> Table[Row]:
        """The page of rows that request asks for."""
        return Table(self, request, rows)


@dataclass(frozen=True)
class Heading:
    """A column's head: the link that sorts by it, and how it is sorted now (aria-sort)."""

    title: Text
    number: bool
    url: str = ""
    sorted: str = ""


@dataclass(frozen=True)
class Chosen:
    """A filter with what is chosen in it."""

    filter: Filter
    value: str

    @cached_property
    def choices(self) -> list[tuple[str, Text]]:
        return list(self.filter.choices()) if self.filter.choices else []


@dataclass(frozen=True)
class Part(Generic[Row]):
    """The rows of one page, and whether there are pages before and after it."""

    rows: list[Row]
    before: bool
    after: bool


@dataclass
class Table(Generic[Row]):
    """One page of a listing, as the template reads it."""

    listing: Listing[Row]
    request: HttpRequest
    rows: QuerySet[Row]

    @cached_property
    def filters(self) -> list[Chosen]:
        open_, private = self.request.GET, self._private
        return [
            Chosen(one, str((private if one.private else open_).get(one.key, "")).strip())
            for one in self.listing.filters
        ]

    @property
    def asked(self) -> str:
        """Everything that is asked, private words too, for whoever writes down what was searched."""
        return urlencode({one.filter.key: one.value for one in self.filters if one.value})

    @property
    def is_private(self) -> bool:
        """Whether its form is sent in a body."""
        return any(one.private for one in self.listing.filters)

    @property
    def _private(self) -> dict[str, str]:
        """What this address asks of private filters, as the session keeps it."""
        kept = self.request.session.get(ASKED, {}) if ASKED in self.request.GET else {}
        found: dict[str, str] = kept.get(self.request.GET.get(ASKED), {})
        return found

    @property
    def answer(self) -> HttpResponseBase | None:
        """What is to be answered instead of the page: the export asked for, or the way to what a form
        asked."""
        return self._keep_asked() if self.request.method == "POST" else self.download

    def _keep_asked(self) -> HttpResponseBase:
        posted = self.request.POST
        words = {
            name: value
            for name in ("sort", *(one.key for one in self.listing.filters if not one.private))
            if (value := posted.get(name, "").strip())
        }
        private = {
            one.key: value
            for one in self.listing.filters
            if one.private and (value := posted.get(one.key, "").strip())
        }
        if private:
            words[ASKED] = secrets.token_urlsafe(6)
            kept = [*self.request.session.get(ASKED, {}).items(), (words[ASKED], private)]
            self.request.session[ASKED] = dict(kept[-MOST_ASKED:])
        return HttpResponseRedirect(f"{self.request.path}?{urlencode(words)}")

    @cached_property
    def filtered(self) -> QuerySet[Row]:
        rows = self.rows
        for one in self.filters:
            if one.value:
                rows = one.filter.narrow(rows, one.value)
        return rows

    @property
    def is_filtered(self) -> bool:
        return any(one.value for one in self.filters)

    @cached_property
    def ordered(self) -> QuerySet[Row]:
        """The rows in the asked order; the primary key last, so that no row is on two pages, and in the
        same direction, so that one index serves both."""
        return self._ordered(self._down)

    def _ordered(self, down: bool, rows: QuerySet[Row] | None = None) -> QuerySet[Row]:
        sign = "-" if down else ""
        fields = dict.fromkeys((f"{sign}{self._sort}", f"{sign}pk"))
        return (self.filtered if rows is None else rows).order_by(*fields)

    @cached_property
    def _sort(self) -> str:
        column = self._column(self.order.lstrip("-"))
        return column.sort if column and column.sort else "pk"

    @property
    def _down(self) -> bool:
        return self.order.startswith("-")

    @cached_property
    def order(self) -> str:
        asked = self.request.GET.get("sort", "")
        column = self._column(asked.lstrip("-"))
        return asked if column and column.sort else self.listing.order

    def _column(self, key: str) -> Column[Row] | None:
        return next((one for one in self.listing.columns if one.key == key), None)

    @cached_property
    def count(self) -> int:
        """How many rows there are, counted up to COUNTED + 1."""
        # Keys alone: the database would work out every column of every row only to count them.
        return self.filtered.order_by().values("pk")[: COUNTED + 1].count()

    @property
    def is_counted(self) -> bool:
        return self.count <= COUNTED

    @property
    def counted(self) -> int:
        return min(self.count, COUNTED)

    @cached_property
    def pages(self) -> int:
        return max(1, -(-self.counted // self.listing.per_page))

    @cached_property
    def number(self) -> int:
        """The page that is shown, from 1; one that is not there is the nearest that is."""
        asked = self.request.GET.get("page", "")
        return min(max(int(asked), 1), self.pages) if asked.isdecimal() else 1

    @cached_property
    def lines(self) -> list[list[tuple[Column[Row], object, list[object]]]]:
        """The cells of each row of this page: the column, its value, and what stands under it."""
        return [[self._cell(column, row) for column in self._columns] for row in self._part.rows]

    @property
    def _columns(self) -> list[Column[Row]]:
        return [column for column in self.listing.columns if not column.under]

    def _cell(self, column: Column[Row], row: Row) -> tuple[Column[Row], object, list[object]]:
        below = [one.cell(row) for one in self.listing.columns if one.under == column.key]
        return column, column.cell(row), [value for value in below if value != ""]

    @cached_property
    def _part(self) -> Part[Row]:
        return self._numbered() if self.is_counted else self._leafed()

    def _numbered(self) -> Part[Row]:
        first = (self.number - 1) * self.listing.per_page
        rows = list(self.ordered[first : first + self.listing.per_page])
        return Part(rows, self.number > 1, self.number < self.pages)

    def _leafed(self) -> Part[Row]:
        """A page of a list that is too long to be counted: from its beginning, its end, or a row on."""
        words, most = self.request.GET, self.listing.per_page
        backward, key = "before" in words, words.get("before") or words.get("after", "")
        down = self._down is not backward
        rows: QuerySet[Row] | None = self.filtered
        if key and key != LAST:
            rows = beyond(self.filtered, self._sort, down, key)
        if rows is None:  # the row is gone: from the beginning
            backward, key, down, rows = False, "", self._down, self.filtered
        found = list(self._ordered(down, rows)[: most + 1])
        more, kept = len(found) > most, found[:most]
        if backward:
            return Part(kept[::-1], more, key != LAST)
        return Part(kept, bool(key), more)

    @property
    def first(self) -> int:
        return (self.number - 1) * self.listing.per_page + 1

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1

    @property
    def headings(self) -> list[Heading]:
        return [self._heading(column) for column in self._columns]

    def _heading(self, column: Column[Row]) -> Heading:
        if column.sort is None:
            return Heading(column.title, column.number)
        now = {column.key: "ascending", f"-{column.key}": "descending"}.get(self.order, "none")
        turned = f"-{column.key}" if now == "ascending" else column.key
        return Heading(column.title, column.number, self._leaf(sort=turned), now)

    @property
    def links(self) -> list[tuple[int | None, str]]:
        """The pages to link to: the first, the last, those around this one; None is a gap."""
        near = {1, self.pages, self.number - 1, self.number, self.number + 1}
        shown = sorted(page for page in near if 1 <= page <= self.pages)
        links: list[tuple[int | None, str]] = []
        for before, page in zip([0, *shown], shown, strict=False):
            if page > before + 1:
                links.append((None, ""))
            links.append((page, self.url(page=str(page))))
        return links

    @property
    def before(self) -> str:
        """The page before this, "" where there is none."""
        if not self._part.before:
            return ""
        if self.is_counted:
            return self.url(page=str(self.number - 1))
        return self._leaf(before=str(self._part.rows[0].pk) if self._part.rows else LAST)

    @property
    def after(self) -> str:
        """The page after this, "" where there is none."""
        if not self._part.after:
            return ""
        if self.is_counted:
            return self.url(page=str(self.number + 1))
        return self._leaf(after=str(self._part.rows[-1].pk)) if self._part.rows else self.beginning

    @property
    def beginning(self) -> str:
        """The first page of a list that is leafed through."""
        return self._leaf()

    @property
    def end(self) -> str:
        """Its last page."""
        return self._leaf(before=LAST)

    def _leaf(self, **where: str) -> str:
        return self.url(**{"page": "", "after": "", "before": "", **where})

    @property
    def csv_url(self) -> str:
        return self._leaf(export="csv")

    @property
    def geojson_url(self) -> str:
        return self._leaf(export="geojson") if self.listing.point else ""

    def url(self, **changes: str) -> str:
        """This page's address with some of its words changed; an empty one is left out."""
        words = {**self.request.GET.dict(), **changes}
        return "?" + urlencode({name: value for name, value in words.items() if value})

    @property
    def download(self) -> HttpResponseBase | None:
        """The export that was asked for, all filtered rows of it, or None."""
        from madang.ground.web import exports

        return exports.download(self, self.request.GET.get("export", ""))
