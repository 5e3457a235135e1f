"""One tile of a set: rows of each layer that touch it, drawn, tagged and packed."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from madang.ground.city.layers import Layer, TileSet, layer
from madang.ground.city.models import City
from madang.ground.city.queries.features import tile_rows
from madang.ground.city.spelling import SPELL, spelled
from madang.ground.city.tiles.geometry import draw
from madang.ground.city.tiles.grid import Tile
from madang.ground.city.tiles.message import layer_message

COMPRESSION = 5
FULL_DETAIL = 16
SPELLED = ("districts", "roads")  # layers whose names are read in every language


def make(city: City, tiles: TileSet, tile: Tile) -> bytes:
    """The tile, gzipped; empty bytes where nothing of the set lies in it."""
    if not _in_city(city, tile):
        return b""
    content = b"".join(_layer(city, layer(key), tile) for key in tiles.layers)
    return gzip.compress(content, COMPRESSION, mtime=0) if content else b""


def _layer(city: City, drawn_layer: Layer, tile: Tile) -> bytes:
    zoom = drawn_layer.zoom
    values = zoom.values(tile.z)
    if tile.z < zoom.least or values == []:
        return b""
    equal = {} if values is None else {zoom.column: values}
    rows = tile_rows(drawn_layer, city, tile.bounds(), equal)
    if not rows:
        return b""
    shapes, properties = _split(drawn_layer, rows)
    simplify = drawn_layer.drawn == "outline" and tile.z < FULL_DETAIL
    drawn = draw(shapes, tile, zoom.least_size, simplify)
    names = [name for name, _ in drawn_layer.properties if name in drawn_layer.tiled]
    if drawn_layer.key in SPELLED:
        names, properties = _spelled(names, properties)
    return layer_message(drawn_layer.key, drawn, names, properties) if drawn else b""


def _spelled(
    names: list[str], rows: Sequence[tuple[Any, ...]]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Rows with a name in each language: what the data do not give is spelled."""
    columns = {f"name_{language}": language for language in SPELL}
    more = [*names, *(column for column in columns if column not in names)]
    found = []
    for row in rows:
        said = dict(zip(names, row, strict=True))
        for column, language in columns.items():
            said[column] = said.get(column) or spelled(said["name"] or "", language) or None
        found.append(tuple(said[name] for name in more))
    return more, found


def _split(
    drawn_layer: Layer, rows: Sequence[tuple[Any, ...]]
) -> tuple[Any, list[tuple[Any, ...]]]:
    """Shapes and properties of rows, which begin with lon and lat or with WKB."""
    if drawn_layer.drawn == "point":
        points = shapely.points(np.array([row[:2] for row in rows], dtype=float))
        return points, [row[2:] for row in rows]
    wkb = np.array([bytes(row[0]) for row in rows], dtype=object)
    return shapely.from_wkb(wkb), [row[1:] for row in rows]


def _in_city(city: City, tile: Tile) -> bool:
    """Whether the tile touches the city's box, somewhat widened: what a city holds may stick out."""
    if None in (city.west, city.south, city.east, city.north):
        return False
    west, south, east, north = tile.bounds()
    margin = 0.05
    return bool(
        west <= (city.east or 0) + margin
        and east >= (city.west or 0) - margin
        and south <= (city.north or 0) + margin
        and north >= (city.south or 0) - margin
    )
