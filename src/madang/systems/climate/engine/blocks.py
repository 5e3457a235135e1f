"""Cells taken together in blocks: how many are set, what they hold, and between what they lie."""

from __future__ import annotations

import numpy as np

from madang.systems.climate.engine.compiled import compiled, over_rows
from madang.systems.climate.engine.counting import Shares
from madang.systems.climate.engine.grid import Flags, Floats

Levels = tuple[Floats, Floats, Floats]  # lowest, highest and mean capacity of each block


def counted(flags: Flags, block: int) -> Shares:
    """How many cells of each block are set."""
    if block == 1:
        return flags.astype(np.int16)
    out = np.empty((flags.shape[0] // block, flags.shape[1] // block), np.int16)
    over_rows(len(out), lambda a, b: _count_blocks(flags, block, out, a, b))
    return out


def pooled(capacity: Floats, green: Flags, mask: Flags, block: int) -> Floats:
    """The capacity of each block's green cells, over the number of its cells."""
    out = np.empty((mask.shape[0] // block, mask.shape[1] // block), np.float32)
    over_rows(len(out), lambda a, b: _pool(capacity, green, mask, block, out, a, b))
    return out


@compiled
def _count_blocks(flags: Flags, block: int, out: Shares, first: int, end: int) -> None:
    for row in range(first, end):
        out[row] = 0
        for line in range(row * block, (row + 1) * block):
            for column in range(flags.shape[1]):
                out[row, column // block] += flags[line, column]


@compiled
def _pool(
    capacity: Floats, green: Flags, mask: Flags, block: int, out: Floats, first: int, end: int
) -> None:
    share = np.float32(1 / (block * block))
    for row in range(first, end):
        out[row] = 0
        for line in range(row * block, (row + 1) * block):
            for column in range(mask.shape[1]):
                if green[line, column] and mask[line, column]:
                    out[row, column // block] += capacity[line, column] * share


@compiled
def level(
    capacity: Floats,
    mask: Flags,
    block: int,
    out: Levels,
    first: int,
    end: int,
    left: int,
    right: int,
) -> None:
    for row in range(first, end):
        for column in range(left, right):
            low, high, total, known = np.float32(np.inf), np.float32(-np.inf), 0.0, 0
            for line in range(row * block, (row + 1) * block):
                for cell in range(column * block, (column + 1) * block):
                    if mask[line, cell]:
                        value = capacity[line, cell]
                        low, high = min(low, value), max(high, value)
                        total += value
                        known += 1
            if known:
                out[0][row, column], out[1][row, column] = low, high
                out[2][row, column] = total / known
