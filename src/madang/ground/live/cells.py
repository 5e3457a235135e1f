"""The cells of the map that live topics speak of.

A city's ground is cut into squares of three sizes, counted from the city's origin: the cell of a point
is (floor(x / size), floor(y / size)), x metres east and y metres north of the origin, so columns and
rows west and south of it are negative. The sizes are powers of four of each other: sixteen small cells
are one of the next size. A screen takes the size of which a few dozen cover what it shows, and a screen
that shows more than that takes the whole city.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIZES = (512, 2048, 8192)
FURTHEST = 1 << 15  # columns and rows run from -FURTHEST to FURTHEST - 1
NOWHERE = -1  # the code of no cell

Codes = NDArray[np.int64]


def code(column: int, row: int) -> int:
    """One number for a cell, to sort and compare by."""
    return (column + FURTHEST) * 2 * FURTHEST + row + FURTHEST


def codes(x: NDArray[np.float32], y: NDArray[np.float32], size: int) -> Codes:
    """The cell of each point; a point without coordinates, or too far away for any cell, is NOWHERE."""
    columns = np.floor(x.astype(np.float64) / size)
    rows = np.floor(y.astype(np.float64) / size)
    with np.errstate(invalid="ignore"):
        inside = (np.abs(columns) < FURTHEST) & (np.abs(rows) < FURTHEST)
    found = np.full(len(x), NOWHERE, dtype=np.int64)
    where = np.flatnonzero(inside)
    found[where] = (columns[where].astype(np.int64) + FURTHEST) * (2 * FURTHEST) + (
        rows[where].astype(np.int64) + FURTHEST
    )
    return found


def groups(sorted_codes: Codes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each run of equal codes begins and ends."""
    if len(sorted_codes) == 0:
        empty = np.empty(0, dtype=np.intp)
        return empty, empty
    steps = np.flatnonzero(sorted_codes[1:] != sorted_codes[:-1]) + 1
    begins = np.concatenate([[0], steps])
    return begins, np.append(steps, len(sorted_codes))
