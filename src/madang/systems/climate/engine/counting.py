"""How many cells of a kind lie within a distance of every cell: whole numbers, exact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.compiled import compiled, over_rows
from madang.systems.climate.engine.grid import Flags

Counts = NDArray[np.int32]
Packed = NDArray[np.integer]
Widths = NDArray[np.int64]
Shares = NDArray[np.int16]
PACKED: dict[int, type[np.integer]] = {8: np.uint16, 16: np.int32, 32: np.int64}


def half_widths(reach: int) -> Widths:
    """For each row of a disk, how many cells it goes to either side of the middle."""
    steps = np.arange(-reach, reach + 1)
    across = np.arange(reach + 1)
    inside = np.hypot(steps[:, None], across[None, :]) <= reach
    return np.asarray(inside.sum(axis=1) - 1, np.int64)


def disk_cells(reach: int) -> int:
    return int((2 * half_widths(reach) + 1).sum())


def within(
    reach: int, first: Flags | Shares, second: Flags | Shares, most: int = 1
) -> tuple[Counts, Counts]:
    """How much of first, and of second, lies within `reach` cells of each cell.

    A cell holds 0 to `most`. Both are summed at once as the halves of one number: running sums along
    the rows, then one difference for each row of the disk. Running sums may overflow: their differences
    are right as long as they fit, and the narrower the number, the more of them are summed at once.
    """
    rows, columns = first.shape
    few = disk_cells(reach) * most < 1 << 16
    half = 8 if few and (2 * reach + 1) * most < 1 << 8 else 16 if few else 32
    running = np.empty((rows, columns + 2 * reach + 1), PACKED[half])
    over_rows(rows, lambda a, b: _run(first, second, half, reach, running, a, b))
    widths = half_widths(reach)
    counts = np.empty((2, rows, columns), np.int32)
    if half == 8:
        over_rows(rows, lambda a, b: _sum_bytes(running, widths, counts[0], counts[1], a, b))
    else:
        over_rows(rows, lambda a, b: _sum_disks(running, widths, half, counts[0], counts[1], a, b))
    return counts[0], counts[1]


@compiled
def _run(
    first: Flags | Shares,
    second: Flags | Shares,
    half: int,
    reach: int,
    running: Packed,
    top: int,
    bottom: int,
) -> None:
    """Running sums of each row, with `reach` cells of nothing on either side."""
    columns = first.shape[1]
    for row in range(top, bottom):
        running[row, : reach + 1] = 0
        total = np.int64(0)
        for column in range(columns):
            total += np.int64(first[row, column]) + (np.int64(second[row, column]) << half)
            running[row, column + reach + 1] = total
        running[row, columns + reach + 1 :] = total


@compiled
def _sum_disks(
    running: Packed,
    widths: Widths,
    half: int,
    first: Counts,
    second: Counts,
    top: int,
    bottom: int,
) -> None:
    rows, columns = first.shape
    reach = len(widths) // 2
    mask = (1 << half) - 1
    total = np.zeros(columns, running.dtype)
    for row in range(top, bottom):
        total[:] = 0
        for step in range(max(-reach, -row), min(reach, rows - 1 - row) + 1):
            wide = widths[step + reach]
            upper = running[row + step, reach + wide + 1 :]
            lower = running[row + step, reach - wide :]
            for column in range(columns):
                total[column] += upper[column] - lower[column]
        for column in range(columns):
            first[row, column] = total[column] & mask
            second[row, column] = (total[column] >> half) & mask


@compiled
def _sum_bytes(
    running: Packed, widths: Widths, first: Counts, second: Counts, top: int, bottom: int
) -> None:
    """As _sum_disks, of pairs of bytes; two rows of the disk at once, so that sums are fetched less often."""
    rows, columns = first.shape
    reach = len(widths) // 2
    low, high = np.zeros(columns, np.uint16), np.zeros(columns, np.uint16)
    for row in range(top, bottom):
        low[:] = 0
        high[:] = 0
        step, last = max(-reach, -row), min(reach, rows - 1 - row)
        while step < last:
            here, there = widths[step + reach], widths[step + 1 + reach]
            upper, lower = (
                running[row + step, reach + here + 1 :],
                running[row + step, reach - here :],
            )
            above, below = (
                running[row + step + 1, reach + there + 1 :],
                running[row + step + 1, reach - there :],
            )
            for column in range(columns):
                one = np.uint16(upper[column] - lower[column])
                other = np.uint16(above[column] - below[column])
                low[column] += (one & np.uint16(255)) + (other & np.uint16(255))
                high[column] += (one >> np.uint16(8)) + (other >> np.uint16(8))
            step += 2
        if step == last:
            here = widths[step + reach]
            upper, lower = (
                running[row + step, reach + here + 1 :],
                running[row + step, reach - here :],
            )
            for column in range(columns):
                one = np.uint16(upper[column] - lower[column])
                low[column] += one & np.uint16(255)
                high[column] += one >> np.uint16(8)
        for column in range(columns):
            first[row, column] = low[column]
            second[row, column] = high[column]


def spread(reach: int, change: Shares, rows: tuple[int, int], columns: tuple[int, int]) -> Counts:
    """What a change of some cells adds to the sums of `within` around them.

    change holds what each cell gained or lost; the result covers as many rows and columns more as
    `rows` (above, below) and `columns` (left, right) say, each at most `reach`.
    """
    height, width = change.shape
    shape = (height + sum(rows), width + sum(columns))
    running = np.zeros((height, width + 1), np.int64)
    running[:, 1:] = np.cumsum(change, axis=1)
    widths, out = half_widths(reach), np.zeros(shape, np.int32)
    above, left = rows[0], columns[0]
    over_rows(shape[0], lambda a, b: _spread(running, widths, above, left, out, a, b))
    return out


@compiled
def _spread(
    running: Packed, widths: Widths, above: int, left: int, out: Counts, top: int, bottom: int
) -> None:
    height, width = running.shape[0], running.shape[1] - 1
    reach = len(widths) // 2
    for row in range(top, bottom):
        middle = row - above
        for source in range(max(0, middle - reach), min(height, middle + reach + 1)):
            wide = widths[source - middle + reach]
            for column in range(out.shape[1]):
                first = min(width, max(0, column - left - wide))
                end = min(width, max(0, column - left + wide + 1))
                out[row, column] += running[source, end] - running[source, first]
