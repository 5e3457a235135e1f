"""The city's surface as square cells: where things are asked often and a few metres do not matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Raster:
    """Cells of `cell` metres from the south-west corner (west, south); arrays are [row, column]."""

    west: float
    south: float
    cell: float
    columns: int
    rows: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    def centres(self) -> tuple[Floats, Floats]:
        """x and y of the cells' middles, each as an array of this raster's shape."""
        x = self.west + (np.arange(self.columns) + 0.5) * self.cell
        y = self.south + (np.arange(self.rows) + 0.5) * self.cell
        columns, rows = np.meshgrid(x, y)
        return columns, rows

    def cells(self, xy: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Row and column of each point (n, 2); points outside get the cell at the edge."""
        column = ((xy[:, 0] - self.west) / self.cell).astype(np.intp)
        row = ((xy[:, 1] - self.south) / self.cell).astype(np.intp)
        return np.clip(row, 0, self.rows - 1), np.clip(column, 0, self.columns - 1)

    def at(self, values: Floats, xy: Floats) -> Floats:
        """What values holds at each point (n, 2)."""
        row, column = self.cells(xy)
        return np.asarray(values[row, column])

    def inside(self, polygon: shapely.Geometry) -> Flags:
        """Which cells have their middle in polygon."""
        x, y = self.centres()
        shapely.prepare(polygon)
        return np.asarray(shapely.contains_xy(polygon, x, y), dtype=np.bool_)


def over(border: Polygon, cell: float, margin: float = 500) -> Raster:
    """A raster that covers border and margin metres around it."""
    west, south, east, north = shapely.bounds(border)
    return Raster(
        west=float(west - margin),
        south=float(south - margin),
        cell=cell,
        columns=int((east - west + 2 * margin) / cell) + 1,
        rows=int((north - south + 2 * margin) / cell) + 1,
    )
