"""What a change in a window does around it: spread at a coarser pace, and drawn straight between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.compiled import compiled
from madang.systems.climate.engine.grid import Doubles, Floats, Window
from madang.systems.climate.engine.mixing import Ripple


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
    line = np.empty(right - left, np.float32)
    for row in range(top + first, top + end):
        _between(sums, corner, pace, row, left, line)
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
    zones: NDArray[np.int32],
    people: Floats,
    of_zones: Doubles,
    of_people: Doubles,
    first: int,
    end: int,
) -> None:
    """add_ripple that also sums the change by zone."""
    line = np.empty(right - left, np.float32)
    for row in range(top + first, top + end):
        _between(sums, corner, pace, row, left, line)
        into, by = out[row, left:right], inverse[row, left:right]
        for column in range(len(line)):
            line[column] *= by[column]
            into[column] += line[column]
        if len(of_zones):
            _sum_runs(line, zones[row, left:right], of_zones)
        if len(of_people) and people.shape == zones.shape:
            living = people[row, left:right]
            for column in range(len(line)):
                line[column] *= living[column]
            _sum_runs(line, zones[row, left:right], of_people)


@compiled
def _sum_runs(line: Floats, zones: NDArray[np.int32], sums: Doubles) -> None:
    """Add each cell to its zone; neighbours are mostly of one zone, so a zone's run is summed first."""
    begin = 0
    while begin < len(line):
        zone, end = zones[begin], begin + 1
        while end < len(line) and zones[end] == zone:
            end += 1
        if zone >= 0:
            total = 0.0
            for column in range(begin, end):
                total += line[column]
            sums[zone] += total
        begin = end


@compiled
def _between(
    sums: Floats, corner: tuple[int, int], pace: int, row: int, left: int, line: Floats
) -> None:
    """A row's sums from column left on, drawn straight between the four middles around each."""
    at = (row + 0.5) / pace - 0.5 - corner[0]
    whole = int(at)
    part = np.float32(at - whole)
    upper, lower = sums[whole], sums[whole + 1]
    step = np.float32(1 / pace)
    begin = (left + 0.5) / pace - 0.5 - corner[1]
    middle = int(begin)
    share = np.float32(begin - middle)
    here = upper[middle] + (lower[middle] - upper[middle]) * part
    following = upper[middle + 1] + (lower[middle + 1] - upper[middle + 1]) * part
    for column in range(len(line)):
        line[column] = here + (following - here) * share
        share += step
        if share >= np.float32(1) - step / 4:
            share -= np.float32(1)
            middle += 1
            here = following
            if middle + 1 < len(upper):
                following = upper[middle + 1] + (lower[middle + 1] - upper[middle + 1]) * part
