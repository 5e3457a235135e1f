"""Polygons by the hundred thousand onto a grid: land cover, parcels, buildings."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from madang.systems.climate.engine.compiled import compiled
from madang.systems.climate.engine.grid import Doubles, Grid, cross

Whole = NDArray[np.int64]


def paint(
    grid: Grid, shapes: NDArray[np.object_], values: NDArray[np.generic], into: NDArray[Any]
) -> None:
    """Write values[n] into the cells of `into` whose middle lies in shapes[n]; later shapes cover
    earlier ones.

    shapes are shapely polygons or multipolygons in the grid's metres; what is empty, None or outside
    paints nothing. A middle on an edge belongs to one of two neighbours, as in `Grid.within`.
    """
    if into.shape != grid.shape:
        raise ValueError(f"{into.shape} cells given for a grid of {grid.shape}")
    points, rings, starts = _flat(shapes)
    columns = (points[:, 0] - grid.west) / grid.cell - 0.5
    rows = (grid.north - points[:, 1]) / grid.cell - 0.5
    _paint(rows, columns, rings, starts, np.asarray(values, into.dtype), into)


def _flat(shapes: NDArray[np.object_]) -> tuple[Doubles, Whole, Whole]:
    """All points, where each ring begins among them, and where each shape begins among the rings."""
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    points, of_point = shapely.get_coordinates(rings, return_index=True)
    counts = np.bincount(of_point, minlength=len(rings))
    per_shape = np.bincount(of_part[of_ring], minlength=len(shapes))
    return points, _starts(counts), _starts(per_shape)


def _starts(counts: NDArray[np.integer[Any]]) -> Whole:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


@compiled
def _paint(
    rows: Doubles,
    columns: Doubles,
    rings: Whole,
    starts: Whole,
    values: NDArray[np.generic],
    into: NDArray[np.generic],
) -> None:
    height, width = into.shape
    for shape in range(len(starts) - 1):
        first, end = rings[starts[shape]], rings[starts[shape + 1]]
        if end - first < 3:
            continue
        top = max(0, int(np.floor(rows[first:end].min())))
        left = max(0, int(np.floor(columns[first:end].min())))
        bottom = min(height, int(np.floor(rows[first:end].max())) + 2)
        right = min(width, int(np.floor(columns[first:end].max())) + 2)
        if bottom <= top or right <= left:
            continue
        flags = np.zeros((bottom - top, right - left), np.bool_)
        for ring in range(starts[shape], starts[shape + 1]):
            for n in range(rings[ring], rings[ring + 1] - 1):
                cross(
                    rows[n] - top,
                    columns[n] - left,
                    rows[n + 1] - top,
                    columns[n + 1] - left,
                    flags,
                )
        _put(flags, values[shape], into[top:bottom, left:right])


@compiled
def _put(flags: NDArray[np.bool_], value: Any, into: NDArray[np.generic]) -> None:
    for row in range(flags.shape[0]):
        inside = False
        for column in range(flags.shape[1]):
            inside ^= flags[row, column]
            if inside:
                into[row, column] = value
