"""Shapefiles and GeoPackages, a batch of features at a time, through GDAL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError

from madang.ground.city.reading.sheets import Sheet, SourceRow
from madang.ground.city.reasons import Refused, Rejected

BATCH = 1_000
HEAVY = 8 << 20
LARGEST = 24 << 20
CELL = 100  # bytes, about, of a cell that is no shape
INDEX_HEAD, INDEX_ENTRY = 100, 8
ERRORS = (DataSourceError, DataLayerError, FieldError, UnicodeDecodeError, RuntimeError)


@dataclass
class LayerSheet(Sheet):
    layer: str = ""
    encoding: str | None = None
    count: int = 0
    fid: str = ""

    def rows(self) -> Iterator[SourceRow]:
        """A GeoPackage is paged by its key: skipping rows would read them all again each time."""
        _refuse_large(self.path, self.layer)
        start, last, batch = 0, -(2**62), 1
        while start < self.count:
            found, last, heaviest = self._batch(start, last, batch)
            yield from found
            start += batch
            batch = max(1, min(BATCH, 2 * batch, HEAVY // max(heaviest, 1)))
            self.fraction = min(start / self.count, 1.0)

    def _batch(self, start: int, after: int, most: int) -> tuple[list[SourceRow], int, int]:
        """Up to most rows from start on (or after the key), the last key, and the heaviest's bytes."""
        part: dict[str, Any] = {"skip_features": start}
        if self.fid:
            part = {"where": f'"{self.fid}" > {after}'}
        try:
            _, keys, wkb, columns = pyogrio.raw.read(
                self.path,
                layer=self.layer,
                encoding=self.encoding,
                max_features=most,
                datetime_as_string=True,
                return_fids=True,
                **part,
            )
        except ERRORS as error:
            raise Refused("broken", detail=str(error)) from error
        if len(wkb) < min(most, self.count - start):
            raise Refused("truncated")
        rows = list(self._rows(wkb, columns, start + 1))
        last = int(keys.max()) if keys is not None and len(keys) else after
        return rows, last, max((row.weight for row in rows), default=0)

    def _rows(self, wkb: Any, columns: Any, first: int) -> Iterator[SourceRow]:
        geometries = shapely.from_wkb(wkb, on_invalid="ignore")
        cells = zip(*(column.tolist() for column in columns), strict=True)
        for number, (geometry, values, drawn) in enumerate(
            zip(geometries, cells, wkb, strict=True), first
        ):
            problem = Rejected("no-shape") if geometry is None else None
            named = dict(zip(self.columns, values, strict=True))
            weight = CELL * (len(named) + 1) + len(drawn or b"")
            yield SourceRow(number, named, geometry, problem, weight)


def open_layers(path: Path, name: str) -> list[Sheet]:
    """Every layer with a geometry of a GeoPackage, or the one of a shapefile."""
    try:
        layers = pyogrio.list_layers(path)
        return [_layer(path, name, str(title), len(layers)) for title, kind in layers if kind]
    except ERRORS as error:
        raise Refused("broken", detail=str(error)) from error


def _layer(path: Path, name: str, title: str, of: int) -> LayerSheet:
    encoding = _dbf_encoding(path)
    info: dict[str, Any] = pyogrio.read_info(
        path, layer=title, encoding=encoding, force_feature_count=True
    )
    crs = info["crs"]
    return LayerSheet(
        path,
        f"{name}/{title}" if of > 1 else name,
        tuple(str(field) for field in info["fields"]),
        kind="map",
        crs=str(crs) if crs else None,
        layer=title,
        encoding=encoding,
        count=int(info["features"]),
        fid=str(info.get("fid_column") or "") if _is_database(path) else "",
    )


def _is_database(path: Path) -> bool:
    return path.suffix.lower() != ".shp"


def _refuse_large(path: Path, layer: str) -> None:
    """A shape is held whole by whoever reads it: Refused where one is larger than LARGEST."""
    largest = _largest_in_database(path, layer) if _is_database(path) else _largest_in_index(path)
    if largest > LARGEST:
        raise Refused("endless-feature", limit=f"{LARGEST >> 20} MiB")


def _largest_in_index(path: Path) -> int:
    """Bytes of a shapefile's largest shape, by its index: after 100 bytes, offset and length in words."""
    found = next(
        (path.with_suffix(s) for s in (".shx", ".SHX") if path.with_suffix(s).exists()), None
    )
    if found is None or found.stat().st_size < INDEX_HEAD + INDEX_ENTRY:
        return 0
    count = (found.stat().st_size - INDEX_HEAD) // INDEX_ENTRY
    entries = np.fromfile(found, dtype=">i4", offset=INDEX_HEAD, count=2 * count)
    return int(entries[1::2].max()) * 2


def _largest_in_database(path: Path, layer: str) -> int:
    """Bytes of a GeoPackage's largest shape; SQLite knows lengths without reading the shapes."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as database:
        try:
            [[column]] = database.execute(
                "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", [layer]
            )
            names = [str(name).replace('"', '""') for name in (column, layer)]
            query = 'SELECT max(length("{}")) FROM "{}"'.format(*names)  # noqa: S608 - its own names
            [[largest]] = database.execute(query)
        except (sqlite3.Error, ValueError) as error:
            raise Refused("broken", detail=str(error)) from error
    return int(largest or 0)


def _dbf_encoding(path: Path) -> str | None:
    """cp949 for a shapefile that does not say: Korean offices write that, or UTF-8 with a .cpg."""
    if path.suffix.lower() != ".shp":
        return None
    says = any(path.with_suffix(suffix).exists() for suffix in (".cpg", ".CPG"))
    return None if says else "cp949"
