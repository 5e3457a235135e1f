"""What a change in a window does around it: spread at a coarser pace, and drawn straight between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.compiled import compiled
from madang.systems.climate.engine.grid import Floats, Window
from madang.systems.climate.engine.mixing import Ripple


def together_of(blocks: Window, change: Floats, pace: int) -> Floats:
    """change, which lies in blocks, taken together by pace x pace blocks."""
    together = np.zeros(middles(blocks, pace).shape, np.float32)
    _take_together(change, blocks.top % pace, blocks.left % pace, pace, together)
    return together


def middles(blocks: Window, pace: int) -> Window:
    """The middles whose pace x pace blocks these lie in."""
    return Window(
        blocks.top // pace, -(-blocks.bottom // pace),
        blocks.left // pace, -(-blocks.right // pace),
    )  # fmt: skip


def rippled(ripple: Ripple, blocks: Window, together: Floats) -> tuple[Floats, tuple[int, int]]:
    """What was taken together of blocks, spread: sums at middles, and the first of these."""
    first = middles(blocks, ripple.pace)
    return ripple.of(together), (first.top - ripple.reach, first.left - ripple.reach)


@compiled
def _take_together(change: Floats, top: int, left: int, pace: int, out: Floats) -> None:
    """Add up change, which begins `top` and `left` cells within out, by pace x pace cells."""
    for row in range(change.shape[0]):
        line = out[(row + top) // pace]
        for column in range(change.shape[1]):
            line[(column + left) // pace] += change[row, column]


@compiled
def add_ripple(
    sums: Floats,
    corner: tuple[int, int],
    pace: int,
    top: int,
    left: int,
    right: int,
    inverse: Floats,
    out: Floats,
    first: int,
    end: int,
) -> None:
    """Add sums, drawn straight between their middles, by inverse to the rows top+first..top+end."""
    line, across = np.empty(right - left, np.float32), np.empty(sums.shape[1], np.float32)
    middles, shares = np.empty(right - left, np.int32), np.empty(right - left, np.float32)
    _columns(corner[1], pace, left, middles, shares)
    for row in range(top + first, top + end):
        _between(sums, corner[0], pace, row, middles, shares, across, line)
        into, by = out[row, left:right], inverse[row, left:right]
        for column in range(len(line)):
            into[column] += line[column] * by[column]


@compiled
def _columns(corner: int, pace: int, left: int, middles: NDArray[np.int32], shares: Floats) -> None:
    """Between which two middles each column from left on lies, and how far from the first."""
    for column in range(len(middles)):
        at = (left + column + 0.5) / pace - 0.5 - corner
        middles[column] = int(at)
        shares[column] = np.float32(at - int(at))


@compiled
def _between(
    sums: Floats,
    corner: int,
    pace: int,
    row: int,
    middles: NDArray[np.int32],
    shares: Floats,
    across: Floats,
    line: Floats,
) -> None:
    """A row's sums, drawn straight between four middles each; across is room for a row of middles."""
    at = (row + 0.5) / pace - 0.5 - corner
    whole = int(at)
    part = np.float32(at - whole)
    upper, lower = sums[whole], sums[whole + 1]
    for middle in range(len(across)):
        across[middle] = upper[middle] + (lower[middle] - upper[middle]) * part
    last = len(across) - 1
    for column in range(len(line)):
        middle = middles[column]
        here = across[middle]
        line[column] = here + (across[min(middle + 1, last)] - here) * shares[column]
