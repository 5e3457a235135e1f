"""What follows from a record's geometry: point, outline, box, length and area, many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely

from madang.ground.city.models import FromDataSet
from madang.ground.city.projection import reproject, to_metres
from madang.ground.city.records import Record

POINT = shapely.GeometryType.POINT


def has(model: type[FromDataSet], column: str) -> bool:
    return any(field.column == column for field in model._meta.concrete_fields)


def by_model(records: Iterable[Record]) -> dict[type[FromDataSet], list[Record]]:
    groups: dict[type[FromDataSet], list[Record]] = defaultdict(list)
    for record in records:
        groups[record.model].append(record)
    return groups


def measure(records: Iterable[Record], crs: str) -> None:
    """Fill the columns of each record's table that its geometry gives; crs is the city's."""
    shaped = (record for record in records if record.geometry is not None)
    for model, group in by_model(shaped).items():
        geometries = np.array([record.geometry for record in group], dtype=object)
        if has(model, "lon"):
            _points(group, geometries, crs)
        if has(model, "geometry"):
            drawn = shapely.get_type_id(geometries) != POINT
            outlined = [record for record, is_drawn in zip(group, drawn, strict=True) if is_drawn]
            _outlines(model, outlined, geometries[drawn], crs)


def _points(records: list[Record], geometries: Any, crs: str) -> None:
    inner = shapely.get_type_id(geometries) != POINT
    points = geometries.copy()
    points[inner] = shapely.point_on_surface(geometries[inner])
    lon, lat = np.round(shapely.get_x(points), 7), np.round(shapely.get_y(points), 7)
    x, y = to_metres(lon, lat, crs)
    columns = (lon.tolist(), lat.tolist(), x.tolist(), y.tolist())
    for record, a, b, c, d in zip(records, *columns, strict=True):
        record.values.update(lon=a, lat=b, x=c, y=d)


def _outlines(model: type[FromDataSet], records: list[Record], geometries: Any, crs: str) -> None:
    if not records:
        return
    metric = reproject(geometries, "EPSG:4326", crs)
    west, south, east, north = shapely.bounds(geometries).T.tolist()
    columns = {"geometry": shapely.to_wkb(geometries, output_dimension=2).tolist()}
    columns |= {"west": west, "south": south, "east": east, "north": north}
    if has(model, "length_m"):
        columns["length_m"] = np.round(shapely.length(metric), 2).tolist()
    if has(model, "area_m2"):
        columns["area_m2"] = np.round(shapely.area(metric), 1).tolist()
    for record, *values in zip(records, *columns.values(), strict=True):
        record.values.update(zip(columns, values, strict=True))
