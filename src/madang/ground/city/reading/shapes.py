"""Geometry as it comes to geometry as the city keeps it: lon/lat, flat, single points, no crossings."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from madang.ground.city.projection import DEGREE_DIGITS, reproject
from madang.ground.city.reading.sheets import SourceRow
from madang.ground.city.reasons import Rejected

POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def prepare(rows: list[SourceRow], crs: str) -> int:
    """Bring the geometry of rows to lon/lat and mend outlines; a row that cannot be gets its problem.

    Gives the number of outlines that were mended.
    """
    drawn = [row for row in rows if row.geometry is not None]
    if not drawn:
        return 0
    shapes = shapely.force_2d(np.array([row.geometry for row in drawn], dtype=object))
    shapes = _single_points(_in_degrees(shapes, crs))
    crossing = np.isin(shapely.get_type_id(shapes), POLYGONS) & ~shapely.is_valid(shapes)
    mended = 0
    for row, shape, crosses in zip(drawn, shapes, crossing, strict=True):
        row.geometry = shape
        if not _on_earth(shape):
            row.geometry, row.problem = None, Rejected("no-shape")
        elif crosses:
            mended += _mend(row)
    return mended


def _on_earth(shape: Any) -> bool:
    west, south, east, north = shape.bounds
    return bool(-180 <= west <= east <= 180 and -90 <= south <= north <= 90)


def _in_degrees(shapes: Any, crs: str) -> Any:
    if crs != "EPSG:4326":
        return reproject(shapes, crs, "EPSG:4326")
    return shapely.transform(shapes, lambda points: np.round(points, DEGREE_DIGITS))


def _single_points(shapes: Any) -> Any:
    """A multipoint of one point, as 표준노드링크 writes its nodes, is that point."""
    single = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    return shapes


def _mend(row: SourceRow) -> bool:
    """Replace a crossing outline by the areas it encloses, where there are any."""
    mended = shapely.make_valid(row.geometry, method="structure", keep_collapsed=False)
    if shapely.get_type_id(mended) not in POLYGONS or mended.is_empty:
        row.problem = Rejected("crossing")
        return False
    row.geometry = mended
    return True
