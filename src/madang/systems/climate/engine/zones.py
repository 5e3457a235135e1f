"""Statistics by zone: dong, gu, parcels, polygons of one's own or a grid, as a number for each cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.compiled import compiled, over_rows
from madang.systems.climate.engine.grid import Doubles, Flags, Floats
from madang.systems.climate.engine.refusal import Refusal

Zones = NDArray[np.int32]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Statistics:
    """For each zone: its known cells (exact), their sum, lowest and highest (NaN where there is none)."""

    cells: Whole
    sums: Doubles
    lowest: Doubles
    highest: Doubles

    @property
    def means(self) -> Doubles:
        """NaN where a zone has no known cell: unknown, not 0."""
        means: Doubles = np.divide(
            self.sums, self.cells, out=np.full(len(self.cells), np.nan), where=self.cells > 0
        )
        return means


def statistics(values: Floats, mask: Flags, zones: Zones, count: int) -> Statistics:
    """Of values over the cells of mask, for zones 0..count-1; negative zones are nobody's."""
    if not values.shape == mask.shape == zones.shape:
        raise Refusal("other-shape", layer="zones", found=zones.shape, expected=values.shape)
    found: list[tuple[int, Whole, Doubles, Doubles, Doubles]] = []

    def work(first: int, end: int) -> None:
        cells, sums = np.zeros(count, np.int64), np.zeros(count)
        lowest, highest = np.full(count, np.inf), np.full(count, -np.inf)
        _gather(values, mask, zones, cells, sums, lowest, highest, first, end)
        found.append((first, cells, sums, lowest, highest))

    over_rows(len(zones), work)
    found.sort(key=lambda part: part[0])  # the same order each time: the same sum each time
    _, cells, sums, lowest, highest = zip(*found, strict=True)
    counts = np.sum(cells, axis=0)
    some = counts > 0
    return Statistics(
        counts,
        np.sum(sums, axis=0),
        np.where(some, np.min(lowest, axis=0), np.nan),
        np.where(some, np.max(highest, axis=0), np.nan),
    )


def histogram(codes: NDArray[np.uint8], zones: Zones, count: int) -> Whole:
    """How many cells of each code (0..255) each zone has: (count, 256), exact."""
    if codes.shape != zones.shape:
        raise Refusal("other-shape", layer="zones", found=zones.shape, expected=codes.shape)
    found: list[Whole] = []

    def work(first: int, end: int) -> None:
        cells = np.zeros((count, 256), np.int64)
        _count(codes, zones, cells, first, end)
        found.append(cells)

    over_rows(len(zones), work)
    return np.asarray(np.sum(found, axis=0), np.int64)


@compiled
def _gather(
    values: Floats,
    mask: Flags,
    zones: Zones,
    cells: Whole,
    sums: Doubles,
    lowest: Doubles,
    highest: Doubles,
    first: int,
    end: int,
) -> None:
    for row in range(first, end):
        for column in range(values.shape[1]):
            zone = zones[row, column]
            if zone >= 0 and mask[row, column]:
                value = np.float64(values[row, column])
                cells[zone] += 1
                sums[zone] += value
                lowest[zone] = min(lowest[zone], value)
                highest[zone] = max(highest[zone], value)


@compiled
def _count(codes: NDArray[np.uint8], zones: Zones, cells: Whole, first: int, end: int) -> None:
    for row in range(first, end):
        for column in range(codes.shape[1]):
            zone = zones[row, column]
            if zone >= 0:
                cells[zone, codes[row, column]] += 1
