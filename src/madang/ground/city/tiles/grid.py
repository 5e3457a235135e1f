"""The square grid of web maps (EPSG:3857): which degrees a tile covers, and degrees to its units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from madang.ground.city.projection import Floats

EXTENT = 4096
BUFFER = 64
DEEPEST = 22


@dataclass(frozen=True)
class Tile:
    """Tile x, y of zoom z; x grows to the east and y to the south from the top left of the world."""

    z: int
    x: int
    y: int

    def exists(self) -> bool:
        return 0 <= self.z <= DEEPEST and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z

    def bounds(self, buffer: float = BUFFER) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, with a margin of buffer units on each side."""
        edge = buffer / EXTENT
        west, east = (_lon(self.x - edge, self.z), _lon(self.x + 1 + edge, self.z))
        south, north = (_lat(self.y + 1 + edge, self.z), _lat(self.y - edge, self.z))
        return west, south, east, north

    def units(self, points: Floats) -> Floats:
        """Points in degrees (n x 2) in the tile's units: (0, 0) top left, (EXTENT, EXTENT) below right."""
        size = EXTENT * 2**self.z
        x = (points[:, 0] + 180.0) / 360.0 * size - self.x * EXTENT
        sine = np.sin(np.radians(points[:, 1]))
        y = (0.5 - np.arctanh(sine) / (2 * np.pi)) * size - self.y * EXTENT
        return np.column_stack([x, y])


def _lon(x: float, z: int) -> float:
    return float(x / 2**z * 360.0 - 180.0)


def _lat(y: float, z: int) -> float:
    return float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y / 2**z)))))
