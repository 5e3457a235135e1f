"""The city's surface as square cells in metres, north up, and which of them a polygon covers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.compiled import compiled
from madang.systems.climate.engine.refusal import Refusal

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.unsignedinteger | np.signedinteger]

MOST_CELLS = 250_000_000  # 1 m over Suwon's box is 182 million
ALIGNED = 1e-3  # cells: two corners closer than that are the same corner


@dataclass(frozen=True)
class Window:
    """Rows top..bottom and columns left..right of a grid, ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.bottom - self.top, self.right - self.left

    @property
    def of(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def joined(self, other: Window) -> Window:
        """The smallest window around both."""
        return Window(
            min(self.top, other.top), max(self.bottom, other.bottom),
            min(self.left, other.left), max(self.right, other.right),
        )  # fmt: skip

    def grown(self, by: int, shape: tuple[int, int]) -> Window:
        """This window and `by` cells around it, as far as shape reaches."""
        return Window(
            max(0, self.top - by),
            min(shape[0], self.bottom + by),
            max(0, self.left - by),
            min(shape[1], self.right + by),
        )


@dataclass(frozen=True)
class Grid:
    """Cells of `cell` metres from the north-west corner (west, north) in the system EPSG:crs."""

    rows: int
    columns: int
    cell: float
    west: float
    north: float
    crs: int

    def __post_init__(self) -> None:
        if self.rows < 1 or self.columns < 1:
            raise Refusal("no-cells", rows=self.rows, columns=self.columns)
        if not (np.isfinite([self.cell, self.west, self.north]).all() and self.cell > 0):
            raise Refusal("bad-cell", cell=self.cell)
        if self.rows * self.columns > MOST_CELLS:
            raise Refusal("too-many-cells", cells=self.rows * self.columns, limit=MOST_CELLS)

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    @property
    def cell_area(self) -> float:
        """Square metres of a cell."""
        return self.cell * self.cell

    @property
    def hectares(self) -> float:
        return self.cell_area / 10_000

    def agree(self, other: Grid, name: str) -> None:
        """Refuse other, the grid of the layer called name, where it is not this very grid."""
        if other.crs != self.crs:
            raise Refusal("other-crs", layer=name, found=other.crs, expected=self.crs)
        if abs(other.cell - self.cell) > ALIGNED * self.cell / max(self.shape):
            raise Refusal("other-cell", layer=name, found=other.cell, expected=self.cell)
        moved = max(abs(other.west - self.west), abs(other.north - self.north)) / self.cell
        if other.shape != self.shape or moved > ALIGNED:
            raise Refusal(
                "other-extent", layer=name, found=other.described(), expected=self.described()
            )

    def described(self) -> str:
        return f"{self.rows} x {self.columns} @ {self.west:g}, {self.north:g}"

    def within(self, rings: Sequence[Doubles]) -> tuple[Window, Flags]:
        """The cells whose middle lies in a polygon of rings (n, 2) in metres: their window, and which.

        Even-odd rule, so that a ring in a ring is a hole. A middle on an edge belongs to the polygon
        on its south and east, so that of two polygons that share an edge one has it, never both.
        Raises Refusal where the polygon has no cell here.
        """
        points, starts = _joined(rings)
        columns = (points[:, 0] - self.west) / self.cell - 0.5
        rows = (self.north - points[:, 1]) / self.cell - 0.5
        window = self._around(rows, columns)
        flags = np.zeros(window.shape, np.bool_)
        _fill(rows - window.top, columns - window.left, starts, flags)
        if not flags.any():
            raise Refusal("no-cell-inside", cell=self.cell)
        return window, flags

    def _around(self, rows: Doubles, columns: Doubles) -> Window:
        top, left = max(0, int(np.floor(rows.min()))), max(0, int(np.floor(columns.min())))
        bottom = min(self.rows, int(np.floor(rows.max())) + 2)
        right = min(self.columns, int(np.floor(columns.max())) + 2)
        if bottom <= top or right <= left:
            raise Refusal("outside-grid", extent=self.described())
        return Window(top, bottom, left, right)


def _joined(rings: Sequence[Doubles]) -> tuple[Doubles, NDArray[np.int64]]:
    if not rings or any(len(ring) < 3 for ring in rings):
        raise Refusal("no-polygon")
    points = np.concatenate([np.asarray(ring, np.float64) for ring in rings])
    if not np.isfinite(points).all():
        raise Refusal("no-polygon")
    return points, np.cumsum([0, *(len(ring) for ring in rings)])


def checked(
    name: str, values: NDArray[np.generic], grid: Grid, least: float, most: float, mask: Flags
) -> Floats:
    """values as a layer of grid: finite and within least..most in every cell of mask, else Refusal."""
    if values.shape != grid.shape:
        raise Refusal("other-shape", layer=name, found=values.shape, expected=grid.shape)
    layer = np.asarray(values, np.float32)
    inside = layer[mask]
    for code, wrong in (
        ("not-finite", ~np.isfinite(inside)),
        ("out-of-range", (inside < least) | (inside > most)),
    ):
        if wrong.any():
            row, column = np.argwhere(mask)[int(np.argmax(wrong))].tolist()
            raise Refusal(
                code, layer=name, cells=int(wrong.sum()), row=row, column=column,
                value=float(layer[row, column]), least=least, most=most,
            )  # fmt: skip
    return layer


def labels(
    grid: Grid, zones: Mapping[str, Sequence[Doubles]]
) -> tuple[NDArray[np.int32], list[str]]:
    """Which zone each cell lies in, as a number into the returned names; -1 where it lies in none.

    A cell in two zones belongs to the later one. A zone too small to hold a cell's middle has none.
    """
    found = np.full(grid.shape, -1, np.int32)
    for number, rings in enumerate(zones.values()):
        try:
            window, flags = grid.within(rings)
        except Refusal as refusal:
            if refusal.code == "no-polygon":
                raise
            continue
        found[window.of][flags] = number
    return found, list(zones)


@compiled
def _fill(rows: Doubles, columns: Doubles, starts: NDArray[np.int64], flags: Flags) -> None:
    """Mark where each row crosses an edge; between an odd and an even crossing lies the inside."""
    for ring in range(len(starts) - 1):
        first, end = starts[ring], starts[ring + 1]
        for n in range(first, end):
            following = n + 1 if n + 1 < end else first
            cross(rows[n], columns[n], rows[following], columns[following], flags)
    for row in range(flags.shape[0]):
        for column in range(1, flags.shape[1]):
            flags[row, column] ^= flags[row, column - 1]


@compiled
def cross(y0: float, x0: float, y1: float, x1: float, flags: Flags) -> None:
    height, width = flags.shape
    if y0 > y1:
        x0, x1, y0, y1 = x1, x0, y1, y0
    for row in range(max(0, int(np.ceil(y0))), min(height, int(np.ceil(y1)))):
        x = x0 + (x1 - x0) * (row - y0) / (y1 - y0)
        column = max(0, int(np.ceil(x)))
        if column < width:
            flags[row, column] = not flags[row, column]
