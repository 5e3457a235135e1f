"""Heat mitigation of each block: its own capacity, or what the parks around it carry to it."""

from __future__ import annotations

import numpy as np

from madang.systems.climate.engine.blocks import Levels
from madang.systems.climate.engine.compiled import compiled
from madang.systems.climate.engine.counting import Counts, Shares
from madang.systems.climate.engine.grid import Flags, Floats


@compiled
def mitigate(
    capacity: Floats,
    mask: Flags,
    known: Shares,
    levels: Levels,
    park: Floats,
    green: Counts,
    around: Counts,
    disk: int,
    needed: int,
    block: int,
    out: Floats,
    first: int,
    end: int,
    left: int,
    right: int,
) -> None:
    """HM = CC_park where that is more and at least 2 ha of green lie around, else CC.

    The part of the disk that is not known is taken to be as green as the part that is:
    green / around >= needed / disk, in whole numbers. Only where the park's cooling lies between a
    block's lowest and highest capacity need its cells be looked at.
    """
    for row in range(first, end):
        for column in range(left, right):
            if not known[row, column]:
                continue
            enough = np.int64(green[row, column]) * disk >= np.int64(around[row, column]) * needed
            cooled = park[row, column]
            if not enough or cooled <= levels[0][row, column]:
                out[row, column] = levels[2][row, column]
            elif cooled >= levels[1][row, column]:
                out[row, column] = cooled
            else:
                total = _cooler(capacity, mask, cooled, row * block, column * block, block)
                out[row, column] = total / np.float32(known[row, column])


@compiled
def mitigate_anew(
    capacity: Floats,
    mask: Flags,
    known: Shares,
    levels: Levels,
    park: Floats,
    green: Counts,
    around: Counts,
    disk: int,
    needed: int,
    block: int,
    out: Floats,
    window: tuple[int, int, int, int],
    pace: int,
    together: Floats,
    first: int,
    end: int,
) -> None:
    """mitigate within window (top, bottom, left, right); together gets what that changed, weighted by the
    known share, summed by pace x pace blocks: its rows first..end.
    """
    top, bottom, left, right = window
    before, share = np.empty(right - left, np.float32), np.float32(1 / (block * block))
    for middle in range(first, end):
        begin = (top // pace + middle) * pace
        for row in range(max(top, begin), min(bottom, begin + pace)):
            before[:] = out[row, left:right]
            mitigate(
                capacity, mask, known, levels, park, green, around, disk, needed, block, out,
                row, row + 1, left, right,
            )  # fmt: skip
            for at in range(together.shape[1]):
                start = (left // pace + at) * pace
                total = np.float32(0)
                for column in range(max(left, start), min(right, start + pace)):
                    changed = out[row, column] - before[column - left]
                    total += changed * known[row, column]
                together[middle, at] += total * share


@compiled
def _cooler(
    capacity: Floats, mask: Flags, cooled: np.float32, top: int, left: int, block: int
) -> np.float32:
    """The sum over a block's known cells of their capacity, or cooled where that is more."""
    total = np.float32(0)
    for line in range(top, top + block):
        for cell in range(left, left + block):
            if mask[line, cell]:
                total += max(capacity[line, cell], cooled)
    return total
