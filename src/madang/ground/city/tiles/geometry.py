"""Geometry of many features at once as the integer commands of a vector tile (specification 2.1, 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from madang.ground.city.tiles.grid import BUFFER, EXTENT, Tile

Ints = NDArray[np.int64]
POINT, LINE, POLYGON = 1, 2, 3
MOVE_TO, CLOSE_PATH = 9, 15
LEAST_POINTS = {LINE: 2, POLYGON: 3}
TOLERANCE = 1.5
BASIC = {0: POINT, 1: LINE, 3: POLYGON}


@dataclass(frozen=True)
class Drawn:
    """Encoded geometry: commands[starts[i]:starts[i + 1]] are the bytes of the feature rows[i]."""

    kind: int
    rows: Ints
    commands: bytes
    starts: Ints


def draw(shapes: Any, tile: Tile, least_size: float = 0.0, simplify: bool = True) -> list[Drawn]:
    """Shapes in degrees, cut to the tile and simplified to its units; one Drawn for each kind."""
    moved = shapely.transform(shapes, tile.units)
    if simplify:
        moved = shapely.simplify(moved, TOLERANCE, preserve_topology=False)
    moved = _clipped(moved)
    parts, rows = shapely.get_parts(moved, return_index=True)
    parts, rows = _flat(parts, rows)
    kinds = shapely.get_type_id(parts)
    return [
        drawn
        for basic, kind in BASIC.items()
        if (chosen := kinds == basic).any()
        and (drawn := _draw(kind, parts[chosen], rows[chosen], least_size)) is not None
    ]


def _clipped(shapes: Any) -> Any:
    """Cut to the tile and its margin; what lies within it wholly is left alone."""
    west, south, east, north = shapely.bounds(shapes).T
    low, high = -BUFFER, EXTENT + BUFFER
    with np.errstate(invalid="ignore"):
        sticks_out = (west < low) | (south < low) | (east > high) | (north > high)
    shapes[sticks_out] = shapely.clip_by_rect(shapes[sticks_out], low, low, high, high)
    return shapes


def _flat(parts: Any, rows: Any) -> tuple[Any, Any]:
    """Parts of parts: clipping gives collections that hold multi-geometries."""
    while (nested := shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        inner, of = shapely.get_parts(parts[nested], return_index=True)
        parts = np.concatenate([parts[~nested], inner])
        rows = np.concatenate([rows[~nested], rows[nested][of]])
    order = np.argsort(rows, kind="stable")
    return parts[order], rows[order]


def _draw(kind: int, parts: Any, rows: Ints, least_size: float) -> Drawn | None:
    if kind == POLYGON:
        large = shapely.area(parts) >= max(least_size, 1.0)
        parts, rows = shapely.orient_polygons(parts[large]), rows[large]
        parts, rows = _rings(parts, rows)
    points, part_of = shapely.get_coordinates(parts, return_index=True)
    units = np.rint(points).astype(np.int64)
    if kind == POINT:
        inside = ((units >= -BUFFER) & (units <= EXTENT + BUFFER)).all(axis=1)
        return _points(units[inside], rows[part_of[inside]])
    return _paths(kind, units, part_of, rows)


def _rings(polygons: Any, rows: Ints) -> tuple[Any, Ints]:
    """The rings of polygons, row by row; one without a hole is its own ring, as nearly all are."""
    holed = shapely.get_num_interior_rings(polygons) > 0
    if not holed.any():
        return polygons, rows
    rings, of = shapely.get_rings(polygons[holed], return_index=True)
    parts = np.concatenate([polygons[~holed], rings])
    rows = np.concatenate([rows[~holed], rows[holed][of]])
    order = np.argsort(rows, kind="stable")
    return parts[order], rows[order]


def _points(units: Ints, rows: Ints) -> Drawn | None:
    if not len(rows):
        return None
    numbers = np.empty((len(rows), 3), dtype=np.int64)
    numbers[:, 0] = MOVE_TO
    numbers[:, 1:] = zigzag(units)
    return _packed(POINT, rows, numbers.ravel(), np.arange(0, 3 * len(rows) + 1, 3))


def _paths(kind: int, units: Ints, part_of: Ints, rows: Ints) -> Drawn | None:
    """Lines and rings: a move to the first point, lines to the others, and for rings a close."""
    units, part_of = _without_repeats(kind, units, part_of)
    if not len(units):
        return None
    first = np.flatnonzero(np.r_[True, part_of[1:] != part_of[:-1]])
    sizes = np.diff(np.r_[first, len(units)])
    owners = rows[part_of[first]]
    begins = np.r_[True, owners[1:] != owners[:-1]]

    steps = np.diff(units, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    feature_starts = first[begins]
    steps[feature_starts] = units[feature_starts]

    closing = 1 if kind == POLYGON else 0
    lengths = 2 * sizes + 2 + closing
    offsets = np.r_[0, np.cumsum(lengths)]
    numbers = np.empty(offsets[-1], dtype=np.int64)
    starts = offsets[:-1]
    numbers[starts] = MOVE_TO
    numbers[starts + 3] = ((sizes - 1) << 3) | 2
    if closing:
        numbers[offsets[1:] - 1] = CLOSE_PATH
    within = np.arange(len(units)) - np.repeat(first, sizes)
    at = np.repeat(starts, sizes) + 1 + 2 * within + (within > 0)
    numbers[at], numbers[at + 1] = zigzag(steps).T
    return _packed(kind, owners[begins], numbers, np.r_[starts[begins], offsets[-1]])


def _without_repeats(kind: int, units: Ints, part_of: Ints) -> tuple[Ints, Ints]:
    """Points that rounding made equal to the one before go; parts that this makes too short, too."""
    same_part = part_of[1:] == part_of[:-1]
    moved = (units[1:] != units[:-1]).any(axis=1)
    kept = np.r_[True, moved | ~same_part] if len(units) else np.empty(0, dtype=bool)
    if kind == POLYGON and len(units):
        last = np.r_[part_of[1:] != part_of[:-1], True]
        first = np.r_[True, part_of[1:] != part_of[:-1]]
        start = np.flatnonzero(first)[np.cumsum(first) - 1]
        kept &= ~(last & (units == units[start]).all(axis=1))
        units, part_of, kept = units[kept], part_of[kept], None
    else:
        units, part_of = units[kept], part_of[kept]
    counts = np.bincount(part_of, minlength=1) if len(part_of) else np.zeros(1, dtype=np.int64)
    enough = counts[part_of] >= LEAST_POINTS[kind] if len(part_of) else np.empty(0, dtype=bool)
    return units[enough], part_of[enough]


def zigzag(numbers: Ints) -> Ints:
    """Signed to unsigned: 0, -1, 1, -2 become 0, 1, 2, 3."""
    return (numbers << 1) ^ (numbers >> 63)


def _packed(kind: int, rows: Ints, numbers: Ints, starts: Ints) -> Drawn:
    commands, ends = varints(numbers)
    byte_starts = np.r_[0, ends][starts]
    return Drawn(kind, rows, commands, byte_starts)


def varints(numbers: Ints) -> tuple[bytes, Ints]:
    """Numbers below 2^35 as protobuf varints, one after the other, and where each ends."""
    sizes = np.ones(len(numbers), dtype=np.int64)
    for bits in (7, 14, 21, 28):
        sizes += numbers >= (1 << bits)
    ends = np.cumsum(sizes)
    encoded = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    begins = ends - sizes
    for place in range(int(sizes.max(initial=0))):
        longer = sizes > place
        piece = (numbers[longer] >> (7 * place)) & 0x7F
        more = (sizes[longer] > place + 1).astype(np.int64) << 7
        encoded[begins[longer] + place] = piece | more
    return encoded.tobytes(), ends
