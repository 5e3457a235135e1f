"""Layers of the city as pictures over the map: cells to pixels of Web Mercator, colours by a scale."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from madang.systems.climate.engine import sampling
from madang.systems.climate.engine.compiled import over_rows
from madang.systems.climate.engine.grid import Floats, Grid, Window
from madang.systems.climate.engine.refusal import Refusal

MOST_SIDE = 2_048  # pixels
AROUND = 3  # pixels: what the straight drawing of the map's bend may be off, rounding included
STEPS = 16  # between two of which the map's bend is drawn straight: less than a metre over a city
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Scale:
    """Colours from low to high; bent: equal steps of the square root, for changes that are small
    nearly everywhere. Nearer to 0 than nothing is not drawn.
    """

    unit: str
    low: float
    high: float
    colours: tuple[str, ...]
    bent: bool = False
    nothing: float = 0.0

    def places(self, values: Floats) -> Bytes:
        """1..255 by value, 0 where nothing is drawn."""
        found = np.zeros(values.shape, np.uint8)
        seen = np.ascontiguousarray(values, np.float32)
        over_rows(len(found), lambda a, b: sampling.place(
            seen, float(self.low), float(self.high), self.bent, self.nothing, found, a, b))  # fmt: skip
        return found

    def palette(self) -> Bytes:
        """The colour of each place, (256, 3)."""
        stops = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in self.colours])
        at = np.linspace(0, len(stops) - 1, 255)
        inner = [np.interp(at, np.arange(len(stops)), stops[:, part]) for part in range(3)]
        return np.vstack([np.zeros(3), np.stack(inner, axis=1)]).astype(np.uint8)


HEAT = ("#2c5aa0", "#5fa8c8", "#d9e6c3", "#f6c667", "#e3703b", "#a8203a")
CARBON = ("#f3ead2", "#c9d99a", "#7fb46a", "#37864f", "#0d4f3c")
COOLER = ("#08519c", "#3f8fc9", "#a6d3e8", "#ffffff", "#f9c29b", "#e0703a", "#9c1f1f")
GAIN = ("#8e2a7c", "#c469b0", "#ecc3e2", "#ffffff", "#bfe0a8", "#5ca859", "#15653a")
MITIGATION = ("#f7f0dc", "#bcdcc0", "#5fb3a1", "#2a7f8e", "#1d4a72")


def scales(
    day: tuple[float, float], night: tuple[float, float], most_carbon: float
) -> dict[str, Scale]:
    """The scale of each layer in a city whose air lies between two temperatures by day and by night."""
    return {
        "temperature": Scale("°C", *day, HEAT),
        "night": Scale("°C", *night, HEAT),
        "night_change": Scale("°C", -1, 1, COOLER, bent=True, nothing=0.0005),
        "temperature_change": Scale("°C", -1, 1, COOLER, bent=True, nothing=0.0005),
        "mitigation": Scale("", 0, 1, MITIGATION),
        "carbon": Scale("t C/ha", 0, most_carbon, CARBON),
        "carbon_change": Scale("t C/ha", -200, 200, GAIN, bent=True, nothing=0.01),
    }


Box = tuple[float, float, float, float]  # west, south, east, north in metres of EPSG:3857
At = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]


def whole(box: Box, width: int, height: int) -> Window:
    """All pixels of a picture; Refusal where there can be none."""
    west, south, east, north = box
    if not (0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE and east > west and north > south):
        raise Refusal("bad-view", width=width, height=height, limit=MOST_SIDE)
    return Window(0, height, 0, width)


def showing(grid: Grid, cells: Window, box: Box, width: int, height: int) -> Window | None:
    """The pixels of a picture under which these cells lie, and a few around; None: none does."""
    whole(box, width, height)
    sides = np.linspace(0, 1, STEPS + 1)
    columns, rows = np.meshgrid(
        cells.left + sides * cells.shape[1], cells.top + sides * cells.shape[0]
    )
    x, y = _transformer(grid.crs).transform(
        grid.west + columns * grid.cell, grid.north - rows * grid.cell, direction="INVERSE"
    )
    west, south, east, north = box
    across, down = (x - west) / (east - west) * width, (north - y) / (north - south) * height
    found = Window(
        max(0, int(down.min()) - AROUND), min(height, int(down.max()) + AROUND),
        max(0, int(across.min()) - AROUND), min(width, int(across.max()) + AROUND),
    )  # fmt: skip
    return found if found.top < found.bottom and found.left < found.right else None


def sampled(grid: Grid, box: Box, width: int, height: int, part: Window) -> At:
    """The row and column of the cell under each pixel of part of a picture, and whether one is."""
    west, south, east, north = box
    nodes_x, nodes_y = np.linspace(west, east, STEPS + 1), np.linspace(north, south, STEPS + 1)
    x, y = _transformer(grid.crs).transform(*np.meshgrid(nodes_x, nodes_y))
    columns_at, rows_at = (x - grid.west) / grid.cell, (grid.north - y) / grid.cell
    rows, columns = np.empty((2, *part.shape), np.intp)
    inside = np.empty(part.shape, np.bool_)
    over_rows(len(rows), lambda a, b: sampling.look_up(
        rows_at, columns_at, grid.shape, rows, columns, inside, (height, width),
        (part.top, part.left), a, b))  # fmt: skip
    return rows, columns, inside


def under(values: NDArray[Any], at: At) -> NDArray[Any]:
    """What the cell under each pixel holds."""
    rows, columns, _ = at
    found = np.empty(rows.shape, values.dtype)
    over_rows(len(rows), lambda a, b: sampling.gather(values, rows, columns, found, a, b))
    return found


@lru_cache(maxsize=4)
def _transformer(crs: int) -> Transformer:
    return Transformer.from_crs("EPSG:3857", f"EPSG:{crs}", always_xy=True)


def png(places: Bytes, palette: Bytes) -> bytes:
    """A picture of one byte a pixel; place 0 is clear."""
    height, width = places.shape
    lines = np.zeros((height, width + 1), np.uint8)
    lines[:, 1:] = places
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette.tobytes()),
        (b"tRNS", b"\0"),
        (b"IDAT", _packed(lines)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _packed(lines: Bytes) -> bytes:
    """Cells are many pixels wide: runs are most of what there is to be found, and quickest found."""
    packer = zlib.compressobj(1, strategy=zlib.Z_RLE)
    return packer.compress(lines.tobytes()) + packer.flush()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
