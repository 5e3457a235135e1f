"""Weights by distance, as InVEST's pygeoprocessing 2.4.11 makes them, to the last bit.

It keeps kernels as float32 rasters in blocks of 256 and normalises by a sum of the blocks' float32
sums, so that what should be 1 is 1 to seven digits only; results carry that factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from madang.systems.climate.engine.grid import Floats
from madang.systems.climate.engine.refusal import Refusal

BLOCK = 256
REACH = 5  # an exponential kernel is cut at this many of its distances
LONGEST = 2_500  # cells: farther than that no kernel reaches


@dataclass(frozen=True)
class Kernel:
    """Weights around a middle cell, odd in size, and their sum as InVEST adds it up."""

    weights: Floats
    total: float

    @property
    def reach(self) -> int:
        return len(self.weights) // 2


def cells(metres: float, cell: float) -> int:
    """A distance as whole cells, rounded as InVEST rounds it; Refusal where that is none."""
    if not np.isfinite(metres) or metres < 0:
        raise Refusal("bad-distance", metres=metres)
    found = int(np.round(metres / cell))
    if found < 1:
        raise Refusal("distance-below-cell", metres=metres, cell=cell)
    if found * REACH > LONGEST:
        raise Refusal("distance-too-long", metres=metres, limit=LONGEST // REACH * cell)
    return found


def disk(reach: int) -> Kernel:
    """One within `reach` cells of the middle, its edge included."""
    weights = (_distances(reach) <= reach).astype(np.float32)
    return Kernel(weights, _sum_by_blocks(weights))


def exponential(distance: int) -> Kernel:
    """exp(-d / distance) as far as 5 distances, normalised."""
    steps = np.arange(distance * REACH + 1)
    apart = np.hypot(steps[:, None], steps[None, :])  # one quarter says all
    quarter = np.where(apart <= distance * REACH, np.exp(-apart / distance), 0).astype(np.float32)
    half = np.concatenate([quarter[:0:-1], quarter])
    weights = np.concatenate([half[:, :0:-1], half], axis=1)
    weights /= _float32_sum_by_blocks(weights)
    return Kernel(weights, _sum_by_blocks(weights))


def _distances(reach: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    steps = np.arange(-reach, reach + 1)
    return np.hypot(steps[:, None], steps[None, :])


def _blocks(weights: Floats) -> list[Floats]:
    size = weights.shape[0]
    corners = range(0, size, BLOCK)
    return [weights[y : y + BLOCK, x : x + BLOCK] for y in corners for x in corners]


def _sum_by_blocks(weights: Floats) -> float:
    total = 0.0
    for block in _blocks(weights):
        total += float(np.sum(np.ascontiguousarray(block)))
    return total


def _float32_sum_by_blocks(weights: Floats) -> np.float32:
    total = np.float32(0)
    for block in _blocks(weights):
        total += np.ascontiguousarray(block).sum()
    return np.float32(total)
