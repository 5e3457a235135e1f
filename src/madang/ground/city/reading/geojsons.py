"""GeoJSON, streamed: a file of any size in the memory of a few features."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import ijson
import shapely.geometry
from shapely.errors import ShapelyError

from madang.ground.city.reading.sheets import Sheet, SourceRow
from madang.ground.city.reasons import Refused, Rejected

SAMPLE = 200
HEAD = 1 << 16
LARGEST_FEATURE = 24 << 20
MOST_BRACKETS = 1_000_000
"""As many points, lists and objects one feature may have: each takes a hundred bytes while it is read."""
NAMED_CRS = re.compile(rb'"crs"\s*:\s*\{[^{}]*"properties"\s*:\s*\{\s*"name"\s*:\s*"([^"]+)"')


@dataclass
class GeoJsonSheet(Sheet):
    def rows(self) -> Iterator[SourceRow]:
        size = max(self.path.stat().st_size, 1)
        with self.path.open("rb") as file:
            measured = Measured(file)
            for number, feature in enumerate(_features(measured), 1):
                self.fraction = min(file.tell() / size, 1.0)
                yield _row(number, feature, measured.next_feature())


class Measured:
    """A file that is not read further than the largest feature may reach."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._read = self._brackets = 0

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._read += len(piece)
        self._brackets += piece.count(b"[") + piece.count(b"{")
        if self._read > LARGEST_FEATURE or self._brackets > MOST_BRACKETS:
            raise Refused("endless-feature", limit=f"{LARGEST_FEATURE >> 20} MiB")
        return piece

    def next_feature(self) -> int:
        """A feature has been read: about how many bytes it had."""
        read, self._read, self._brackets = self._read, 0, 0
        return read


def open_geojson(path: Path, name: str) -> GeoJsonSheet:
    """The features of a GeoJSON file as one layer; columns are those of its first features."""
    with path.open("rb") as file:
        named = NAMED_CRS.search(file.read(HEAD))
    sheet = GeoJsonSheet(
        path, name, kind="map", crs=_crs(named.group(1).decode()) if named else None
    )
    columns: dict[str, None] = {}
    for row in sheet.rows():
        columns.update(dict.fromkeys(row.values))
        if row.number >= SAMPLE:
            break
    else:
        if not columns and sheet.fraction == 0:
            raise Refused("not-data")
    sheet.columns = tuple(columns)
    return sheet


def _features(file: Measured) -> Iterator[Any]:
    try:
        yield from ijson.items(file, "features.item", use_float=True)
    except ijson.JSONError as error:
        words = str(error).splitlines()[0]
        if "premature EOF" in words or "ncomplete" in words:
            raise Refused("truncated") from error
        raise Refused("broken", detail=words) from error


def _row(number: int, feature: Any, weight: int) -> SourceRow:
    if not isinstance(feature, dict):
        return SourceRow(number, {}, problem=Rejected("no-shape"))
    values = feature.get("properties") or {}
    try:
        geometry = shapely.geometry.shape(feature["geometry"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ShapelyError):
        return SourceRow(number, values, problem=Rejected("no-shape"))
    return SourceRow(number, values, geometry, weight=weight)


def _crs(name: str) -> str:
    """EPSG:5186 of urn:ogc:def:crs:EPSG::5186; CRS84 is lon/lat as EPSG:4326 is here."""
    code = name.rsplit(":", 1)[-1]
    return "EPSG:4326" if code == "CRS84" else f"EPSG:{code}"
