"""Shapefiles and GeoPackages, a batch of features at a time, through GDAL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError

from madang.ground.city.reading.sheets import Sheet, SourceRow
from madang.ground.city.reasons import Refused, Rejected

BATCH = 5_000
ERRORS = (DataSourceError, DataLayerError, FieldError, UnicodeDecodeError, RuntimeError)


@dataclass
class LayerSheet(Sheet):
    layer: str = ""
    encoding: str | None = None
    count: int = 0

    def rows(self) -> Iterator[SourceRow]:
        for start in range(0, max(self.count, 0), BATCH):
            yield from self._batch(start)
            self.fraction = min((start + BATCH) / self.count, 1.0)

    def _batch(self, start: int) -> Iterator[SourceRow]:
        try:
            _, _, wkb, columns = pyogrio.raw.read(
                self.path,
                layer=self.layer,
                encoding=self.encoding,
                skip_features=start,
                max_features=BATCH,
                datetime_as_string=True,
            )
        except ERRORS as error:
            raise Refused("broken", detail=str(error)) from error
        geometries = shapely.from_wkb(wkb, on_invalid="ignore")
        if len(geometries) < min(BATCH, self.count - start):
            raise Refused("truncated")
        cells = zip(*(column.tolist() for column in columns), strict=True)
        for number, (geometry, values) in enumerate(zip(geometries, cells, strict=True), start + 1):
            problem = Rejected("no-shape") if geometry is None else None
            yield SourceRow(number, dict(zip(self.columns, values, strict=True)), geometry, problem)


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
    )


def _dbf_encoding(path: Path) -> str | None:
    """cp949 for a shapefile that does not say: Korean offices write that, or UTF-8 with a .cpg."""
    if path.suffix.lower() != ".shp":
        return None
    says = any(path.with_suffix(suffix).exists() for suffix in (".cpg", ".CPG"))
    return None if says else "cp949"
