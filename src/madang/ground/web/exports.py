"""Every list as a file: CSV that Excel opens in Korean, GeoJSON where rows have a place.

Numbers keep their source: a measure becomes columns for value, unit, uncertainty, provenance and time.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.measure import Measure

if TYPE_CHECKING:
    from madang.ground.web.tables import Table

ROWS_AT_ONCE = 2000
MARK = "\ufeff"  # by which Excel knows UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def download(table: Table[Any], form: str) -> HttpResponseBase | None:
    """The table's rows in form ("csv", "geojson"), streamed; None for no form of ours."""
    if not table.listing.exports:
        return None
    if form == "csv":
        return _file(table, "csv", "text/csv; charset=utf-8", _csv(table))
    if form == "geojson" and table.listing.point:
        return _file(table, "geojson", "application/geo+json", _geojson(table, table.listing.point))
    return None


def _file(table: Table[Any], ending: str, kind: str, parts: Iterator[str]) -> HttpResponseBase:
    response = StreamingHttpResponse((part.encode() for part in parts), content_type=kind)
    day = timezone.localdate().isoformat()
    name = f"{table.listing.key}-{day}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(table: Table[Any]) -> Iterator[str]:
    pipe = _Pipe()
    writer = csv.writer(pipe)
    titles: list[str] | None = None
    for record in (_record(table, row) for row in table.ordered.iterator(ROWS_AT_ONCE)):
        if titles is None:
            titles = list(record)
            writer.writerow(titles)
            yield MARK + pipe.line
        writer.writerow(_safe(value) for value in record.values())
        yield pipe.line
    if titles is None:
        writer.writerow(str(column.title) for column in table.listing.columns)
        yield MARK + pipe.line


def _geojson(
    table: Table[Any], point: Callable[[Any], tuple[float, float] | None]
) -> Iterator[str]:
    yield '{"type": "FeatureCollection", "features": ['
    mark = "\n"
    for row in table.ordered.iterator(ROWS_AT_ONCE):
        place = point(row)
        feature = {
            "type": "Feature",
            "id": str(row.pk),
            "geometry": {"type": "Point", "coordinates": list(place)} if place else None,
            "properties": _record(table, row),
        }
        yield mark + json.dumps(feature, ensure_ascii=False)
        mark = ",\n"
    yield "\n]}\n"


def _record(table: Table[Any], row: Any) -> dict[str, Any]:
    """Title → plain value of every column of row; a measure fills several."""
    record: dict[str, Any] = {}
    for column in table.listing.columns:
        record.update(_fields(str(column.title), column.cell(row)))
    if table.listing.provenance:
        record[_("provenance")] = table.listing.provenance(row)
    return record


def _fields(title: str, value: object) -> dict[str, Any]:
    if isinstance(value, Measure):
        return {
            title: value.value,
            f"{title} ({_('unit')})": value.unit,
            f"{title} ({_('uncertainty')})": value.uncertainty,
            f"{title} ({_('provenance')})": value.provenance,
            f"{title} ({_('time')})": _plain(value.time),
        }
    return {title: _plain(value)}


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if value is None or isinstance(value, int | float | str):
        return value
    return str(getattr(value, "text", value))


def _safe(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


class _Pipe:
    """Where csv.writer writes: it keeps the last line."""

    line = ""

    def write(self, text: str) -> None:
        self.line = text
