"""Cells seen as pixels: which cell lies under each, and the place of its value on a scale of colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.compiled import compiled
from madang.systems.climate.engine.grid import Doubles, Flags, Floats

At = NDArray[np.intp]


@compiled
def look_up(
    rows_at: Doubles,
    columns_at: Doubles,
    shape: tuple[int, int],
    rows: At,
    columns: At,
    inside: Flags,
    size: tuple[int, int],
    corner: tuple[int, int],
    first: int,
    end: int,
) -> None:
    """Of each pixel its cell, drawn straight between nodes (n, n) that hold rows and columns of cells.

    The pixels are those of a part, which begins at corner, of a picture of that size. A pixel without a
    cell gets 0, 0 and is not inside.
    """
    height, width = size
    steps = len(rows_at) - 1
    for line in range(first, end):
        down = (line + corner[0] + 0.5) / height * steps
        top = min(int(down), steps - 1)
        part_y = down - top
        for pixel in range(rows.shape[1]):
            across = (pixel + corner[1] + 0.5) / width * steps
            left = min(int(across), steps - 1)
            part_x = across - left
            row = _between(rows_at, top, left, part_y, part_x)
            column = _between(columns_at, top, left, part_y, part_x)
            found = 0 <= row < shape[0] and 0 <= column < shape[1]  # no number is neither
            inside[line, pixel] = found
            rows[line, pixel] = int(row) if found else 0
            columns[line, pixel] = int(column) if found else 0


@compiled
def gather(
    values: NDArray[np.generic],
    rows: At,
    columns: At,
    out: NDArray[np.generic],
    first: int,
    end: int,
) -> None:
    """What the cell under each pixel holds."""
    for line in range(first, end):
        for pixel in range(rows.shape[1]):
            out[line, pixel] = values[rows[line, pixel], columns[line, pixel]]


@compiled
def _between(nodes: Doubles, top: int, left: int, part_y: float, part_x: float) -> float:
    before = nodes[top, left] * (1 - part_y) + nodes[top + 1, left] * part_y
    behind = nodes[top, left + 1] * (1 - part_y) + nodes[top + 1, left + 1] * part_y
    return float(before * (1 - part_x) + behind * part_x)


@compiled
def place(
    values: Floats,
    low: float,
    high: float,
    bent: bool,
    nothing: float,
    out: NDArray[np.uint8],
    first: int,
    end: int,
) -> None:
    """1..255 by value between low and high; 0 for what is no number or nearer to 0 than nothing."""
    for line in range(first, end):
        for pixel in range(values.shape[1]):
            value = float(values[line, pixel])
            if not np.isfinite(value) or abs(value) < nothing:
                out[line, pixel] = 0
                continue
            if bent:
                at = np.sign(value) * np.sqrt(abs(value) / high) / 2 + 0.5
            else:
                at = (value - low) / (high - low)
            out[line, pixel] = np.uint8(min(max(at, 0.0), 1.0) * 254 + 1)
