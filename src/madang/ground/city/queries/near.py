"""What lies near: nearest, within a distance, within a polygon, along a road, by PostgreSQL's own GiST.

Each takes any table with points (Place, RoadNode, a system's own) and works in the city's metres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import shapely
from django.db import connection
from django.db.models import Model
from psycopg import sql

from madang.ground.city.models import City, RoadLink
from madang.ground.city.projection import reproject

Point = TypeVar("Point", bound=Model)
Filters = Mapping[str, Any]


@dataclass(frozen=True)
class Near(Generic[Point]):
    """A row with its distance in metres from what was asked about."""

    row: Point
    metres: float


@dataclass(frozen=True)
class Alongside(Generic[Point]):
    """A row by a road: how far along it (metres from its beginning) and how far from its line."""

    row: Point
    along: float
    metres: float


def nearest(
    model: type[Point], city: City, x: float, y: float, k: int = 10, **equal: Any
) -> list[Near[Point]]:
    """The k rows nearest to (x, y) of those that have a place, nearest first.

    equal narrows by column, such as kind="school".
    """
    query = _select(model, equal, "ORDER BY point(x, y) <-> point(%s, %s) LIMIT %s")
    values = [city.id, *_values(equal), x, y, k]
    return _measured(model._default_manager.raw(query, values), x, y)


def within_distance(
    model: type[Point], city: City, x: float, y: float, metres: float, **equal: Any
) -> list[Near[Point]]:
    """Every row at most metres from (x, y), nearest first."""
    query = _select(model, equal, "AND point(x, y) <@ circle(point(%s, %s), %s)")
    values = [city.id, *_values(equal), x, y, metres]
    found = _measured(model._default_manager.raw(query, values), x, y)
    return sorted(found, key=lambda near: near.metres)


def within_polygon(model: type[Point], city: City, polygon: Any, **equal: Any) -> list[Point]:
    """Every row in polygon (shapely, lon/lat degrees), its border included."""
    area = _in_metres(polygon, city)
    rows = _in_box(model, city, area.bounds, equal)
    if not rows:
        return []
    shapely.prepare(area)
    inside = shapely.intersects_xy(area, [row.x for row in rows], [row.y for row in rows])
    return [row for row, is_inside in zip(rows, inside, strict=True) if is_inside]


def overlapping(model: type[Point], city: City, box: Sequence[float], **equal: Any) -> list[Point]:
    """Every line and area whose bounding box touches box: west, south, east, north in degrees."""
    touches = "AND box(point(west, south), point(east, north)) && box(point(%s, %s), point(%s, %s))"
    query = _select(model, equal, touches)
    return list(model._default_manager.raw(query, [city.id, *_values(equal), *box]))


def along_road(
    model: type[Point], city: City, road: str, metres: float = 30.0, **equal: Any
) -> list[Alongside[Point]]:
    """Every row at most metres from the road of that name, in the order in which they lie along it."""
    lines = RoadLink.objects.filter(city=city, name=road).values_list("geometry", flat=True)
    if not lines:
        return []
    line = _one_line(_in_metres(shapely.from_wkb([bytes(wkb) for wkb in lines]), city))
    rows = _in_box(model, city, shapely.buffer(line, metres).bounds, equal)
    if not rows:
        return []
    points = shapely.points([row.x for row in rows], [row.y for row in rows])
    distance, along = shapely.distance(line, points), _along(line, points)
    found = [
        Alongside(row, float(a), float(d))
        for row, a, d in zip(rows, along, distance, strict=True)
        if d <= metres
    ]
    return sorted(found, key=lambda each: each.along)


def _one_line(lines: Any) -> Any:
    """The road without its opposite direction: where two links run side by side, one is kept."""
    merged = shapely.line_merge(shapely.union_all(lines))
    pieces = shapely.get_parts(merged)
    order = np.argsort(-shapely.length(pieces))
    kept: list[Any] = []
    for piece in pieces[order]:
        rest = (
            shapely.difference(piece, shapely.buffer(shapely.union_all(kept), 20))
            if kept
            else piece
        )
        if shapely.length(rest) > 20:
            kept.append(rest)
    return shapely.line_merge(shapely.union_all(kept)) if len(kept) > 1 else kept[0]


def _along(line: Any, points: Any) -> Any:
    """Metres along a line, whose pieces lie one after the other, of the places nearest to points."""
    pieces = shapely.get_parts(line)
    starts = np.concatenate([[0.0], np.cumsum(shapely.length(pieces))[:-1]])
    nearest_piece = shapely.STRtree(pieces).nearest(points)
    return starts[nearest_piece] + shapely.line_locate_point(pieces[nearest_piece], points)


def _in_metres(shape: Any, city: City) -> Any:
    return reproject(shape, "EPSG:4326", city.crs)


def _in_box(model: type[Point], city: City, box: Sequence[float], equal: Filters) -> list[Any]:
    query = _select(model, equal, "AND point(x, y) <@ box(point(%s, %s), point(%s, %s))")
    return list(model._default_manager.raw(query, [city.id, *_values(equal), *box]))


def _select(model: type[Model], equal: Filters, rest: str) -> Any:
    """Rows of a city that are equal in the filters' columns.

    Without a filter the city is asked for in a way that no index of cities answers: the planner, before
    it has counted a table (just after an import), thinks that a city has few rows and sorts them all by
    distance instead of walking the index of points.
    """
    of_city = "city_id = %s" if equal else "CASE WHEN city_id = %s THEN true ELSE false END"
    names = [sql.Identifier(name) for name in equal]
    wanted = sql.SQL("").join(sql.SQL(" AND {} = ANY(%s)").format(name) for name in names)
    query = sql.SQL("SELECT * FROM {} WHERE {}{} {}").format(
        sql.Identifier(model._meta.db_table), sql.SQL(of_city), wanted, sql.SQL(rest)
    )
    return query.as_string(connection.connection)


def _values(equal: Filters) -> list[list[Any]]:
    """Each filter's value as a list, so that one or several may be asked for alike."""
    return [
        list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
        for value in equal.values()
    ]


def _measured(rows: Any, x: float, y: float) -> list[Near[Any]]:
    placed = (
        row for row in rows if row.x is not None
    )  # a device that drives has no place of its own
    return [Near(row, float(np.hypot(row.x - x, row.y - y))) for row in placed]
