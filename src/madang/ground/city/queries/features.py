"""Rows of a layer: geometry and properties, for tiles, exports and the API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import sql

from madang.ground.city.layers import Layer
from madang.ground.city.models import City
from madang.ground.city.projection import transformer

Box = tuple[float, float, float, float]
OVERLAPS = "box(point(west, south), point(east, north)) && box(point(%s, %s), point(%s, %s))"
INSIDE = (
    "point(x, y) <@ box(point(%s, %s), point(%s, %s))"
    " AND lon BETWEEN %s AND %s AND lat BETWEEN %s AND %s"
)
CHUNK = 2_000


def tile_rows(
    layer: Layer, city: City, box: Box, equal: Mapping[str, Sequence[str]]
) -> list[tuple[Any, ...]]:
    """(geometry, tiled properties…) of every row that touches box; geometry is WKB or (lon, lat)."""
    chosen = [pair for pair in layer.properties if pair[0] in layer.tiled]
    wanted = [sql.SQL("{}").format(sql.SQL(expression)) for _, expression in chosen]
    query, values = _select(layer, city, [*_place(layer), *wanted], box, equal)
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def export_rows(
    layer: Layer,
    city: City,
    box: Box | None = None,
    equal: Mapping[str, Sequence[str]] | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Iterator[tuple[Any, ...]]:
    """(id, data set's id, geometry…, properties…) by id, a chunk at a time."""
    after, left = None, limit
    while left is None or left > 0:
        size = CHUNK if left is None else min(CHUNK, left)
        rows = _chunk(layer, city, box, equal or {}, after, size, offset)
        yield from rows
        if len(rows) < size:
            return
        after, offset = rows[-1][0], 0
        left = None if left is None else left - size


def count(layer: Layer, city: City, box: Box | None, equal: Mapping[str, Sequence[str]]) -> int:
    query, values = _select(layer, city, [sql.SQL("count(*)")], box, equal)
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])


def read(layer: Layer, city: City, id: UUID) -> tuple[Any, ...] | None:
    """One row as export_rows gives it, or None."""
    query, values = _select(layer, city, _all_columns(layer), None, {}, "AND one.id = %s", [id])
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _chunk(
    layer: Layer,
    city: City,
    box: Box | None,
    equal: Mapping[str, Sequence[str]],
    after: UUID | None,
    size: int,
    offset: int,
) -> list[tuple[Any, ...]]:
    more = "AND (%s::uuid IS NULL OR one.id > %s) ORDER BY one.id LIMIT %s OFFSET %s"
    values = [after, after, size, offset]
    query, values = _select(layer, city, _all_columns(layer), box, equal, more, values)
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _all_columns(layer: Layer) -> list[sql.Composable]:
    properties = [sql.SQL("{}").format(sql.SQL(expression)) for _, expression in layer.properties]
    return [sql.SQL("id"), sql.SQL("data_set_id"), *_place(layer), *properties]


def _place(layer: Layer) -> list[sql.Composable]:
    names = ("lon", "lat") if layer.drawn == "point" else ("geometry",)
    return [sql.Identifier(name) for name in names]


def _select(
    layer: Layer,
    city: City,
    columns: Sequence[sql.Composable],
    box: Box | None,
    equal: Mapping[str, Sequence[str]],
    more: str = "",
    more_values: Sequence[Any] = (),
) -> tuple[sql.Composed, list[Any]]:
    filters = _both(layer, equal)
    parts: list[sql.Composable] = [
        sql.SQL("{} = ANY(%s)").format(sql.Identifier(name)) for name in filters
    ]
    values: list[Any] = [city.id, *(list(value) for value in filters.values())]
    if box:
        parts.append(sql.SQL(INSIDE if layer.drawn == "point" else OVERLAPS))
        values += _corners(city, box) if layer.drawn == "point" else box
    query = sql.SQL("SELECT {} FROM {} one WHERE {} {}").format(
        sql.SQL(", ").join(columns),
        sql.Identifier(layer.model._meta.db_table),
        sql.SQL(" AND ").join([sql.SQL("city_id = %s"), *parts]),
        sql.SQL(more),
    )
    return query, [*values, *more_values]


def _corners(city: City, box: Box) -> list[float]:
    """The box in metres, for the index, and in degrees, for the edges."""
    west, south, east, north = box
    metres = transformer("EPSG:4326", city.crs).transform_bounds(*box)
    return [*metres, west, east, south, north]


def _both(layer: Layer, equal: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The layer's own narrowing and the asked one together."""
    both = {name: list(values) for name, values in layer.equal.items()}
    for name, values in equal.items():
        allowed = both.get(name)
        both[name] = [value for value in values if allowed is None or value in allowed]
    return both
