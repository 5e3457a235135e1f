"""What a change in a window does around it: spread at a coarser pace, and drawn straight between."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.compiled import compiled
from madang.systems.climate.engine.grid import Doubles, Floats, Window
from madang.systems.climate.engine.mixing import Ripple


class Runs(NamedTuple):
    """Zones by row: the runs of row r are at[r]..at[r + 1], each with the column behind it and its zone."""

    at: NDArray[np.int64]
    ends: NDArray[np.int32]
    zones: NDArray[np.int32]


def runs_of(zones: NDArray[np.int32]) -> Runs:
    """Neighbours are mostly of one zone: what is summed by zone is summed a run at a time."""
    last = np.ones(zones.shape, np.bool_)
    np.not_equal(zones[:, 1:], zones[:, :-1], out=last[:, :-1])
    rows, columns = np.nonzero(last)
    at = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=len(zones)))))
    return Runs(at, (columns + 1).astype(np.int32), zones[rows, columns].astype(np.int32))


def rippled(
    ripple: Ripple, blocks: Window, change: Floats, shape: tuple[int, int]
) -> tuple[Floats, tuple[int, int], Window]:
    """change taken together by the ripple's pace and spread: sums, their first middle, their reach."""
    pace = ripple.pace
    top, left = blocks.top // pace, blocks.left // pace
    rows, columns = -(-blocks.bottom // pace) - top, -(-blocks.right // pace) - left
    together = np.zeros((rows, columns), np.float32)
    _take_together(change, blocks.top - top * pace, blocks.left - left * pace, pace, together)
    reached = blocks.grown(ripple.reach * pace - pace, shape)
    return ripple.of(together), (top - ripple.reach, left - ripple.reach), reached


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
def add_heat(
    sums: Floats,
    corner: tuple[int, int],
    pace: int,
    top: int,
    left: int,
    right: int,
    inverse: Floats,
    out: Floats,
    runs: Runs,
    people: Floats,
    of_zones: Doubles,
    of_people: Doubles,
    first: int,
    end: int,
) -> None:
    """add_ripple that also sums the change, and people times it, by zone."""
    line, across = np.empty(right - left, np.float32), np.empty(sums.shape[1], np.float32)
    middles, shares = np.empty(right - left, np.int32), np.empty(right - left, np.float32)
    _columns(corner[1], pace, left, middles, shares)
    peopled = people.shape == out.shape
    for row in range(top + first, top + end):
        _between(sums, corner[0], pace, row, middles, shares, across, line)
        into, by = out[row, left:right], inverse[row, left:right]
        for column in range(len(line)):
            line[column] *= by[column]
            into[column] += line[column]
        living = people[row, left:right] if peopled else line[:0]
        _sum_runs(line, living, runs, row, left, of_zones, of_people)


@compiled
def _sum_runs(
    line: Floats,
    living: Floats,
    runs: Runs,
    row: int,
    left: int,
    of_zones: Doubles,
    of_people: Doubles,
) -> None:
    """Add a row's cells to their zones; living is empty where nobody asks for people."""
    begin = 0
    for run in range(runs.at[row], runs.at[row + 1]):
        end, zone = min(max(runs.ends[run] - left, 0), len(line)), runs.zones[run]
        if zone >= 0 and end > begin:
            of_zones[zone] += _sum(line, begin, end)
            if len(living):
                of_people[zone] += _sum_times(line, living, begin, end)
        begin = max(begin, end)


@compiled
def _sum(line: Floats, begin: int, end: int) -> float:
    """Four sums side by side: one after the other each waits for the one before."""
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    whole = begin + (end - begin) // 4 * 4
    for at in range(begin, whole, 4):
        one += line[at]
        two += line[at + 1]
        three += line[at + 2]
        four += line[at + 3]
    for at in range(whole, end):
        one += line[at]
    return (one + two) + (three + four)


@compiled
def _sum_times(line: Floats, by: Floats, begin: int, end: int) -> float:
    """As _sum, of line times by."""
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    whole = begin + (end - begin) // 4 * 4
    for at in range(begin, whole, 4):
        one += np.float64(line[at]) * by[at]
        two += np.float64(line[at + 1]) * by[at + 1]
        three += np.float64(line[at + 2]) * by[at + 2]
        four += np.float64(line[at + 3]) * by[at + 3]
    for at in range(whole, end):
        one += np.float64(line[at]) * by[at]
    return (one + two) + (three + four)


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
