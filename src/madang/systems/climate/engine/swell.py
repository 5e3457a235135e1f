"""What edits do to a whole city, held at the middles of a ripple until somebody wants it of cells.

A ripple reaches millions of cells with what hundreds of thousands of middles say: who asks for a picture or
for the sums of zones need not wait until each cell has been written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine import rippling
from madang.systems.climate.engine.compiled import compiled, over_rows
from madang.systems.climate.engine.grid import Doubles, Floats, Window

Corner = tuple[int, int]
At = NDArray[np.intp]
FIRST = (-1, -1)  # the middle a swell begins with: the city's edge lies between it and the next


class Swell:
    """Sums of ripples at their middles over all of a city, and the cells they reach (none: None)."""

    def __init__(self, shape: tuple[int, int], pace: int) -> None:
        self.shape, self.pace = shape, pace
        self.sums = np.zeros(middles_of(shape, pace), np.float32)
        self.reached: Window | None = None

    def copy(self) -> Swell:
        """Another that goes its own way."""
        other = Swell(self.shape, self.pace)
        other.sums, other.reached = self.sums.copy(), self.reached
        return other

    def add(self, sums: Floats, corner: Corner, reached: Window) -> tuple[Floats, Corner]:
        """Take the sums of a ripple, which begin with middle corner; those in the city, and where here."""
        top, left = (at - first for at, first in zip(corner, FIRST, strict=True))
        inner = sums[max(0, -top) :, max(0, -left) :]
        top, left = max(0, top), max(0, left)
        inner = inner[: self.sums.shape[0] - top, : self.sums.shape[1] - left]
        self.sums[top : top + inner.shape[0], left : left + inner.shape[1]] += inner
        self.reached = reached if self.reached is None else self.reached.joined(reached)
        return inner, (top, left)

    def write(self, inverse: Floats, out: Floats) -> None:
        """Add to each cell of out what it gets, by its inverse; nothing is held afterwards."""
        if self.reached is None:
            return
        window = self.reached
        over_rows(
            window.shape[0],
            lambda a, b: rippling.add_ripple(
                self.sums, FIRST, self.pace, window.top, window.left, window.right,
                inverse, out, a, b,
            ),
        )  # fmt: skip
        self.sums[:] = 0
        self.reached = None

    def under(self, values: Floats, inverse: Floats, rows: At, columns: At) -> Floats:
        """values of single cells with what these get."""
        found = np.empty(rows.shape, np.float32)
        over_rows(len(rows), lambda a, b: look(
            values, inverse, self.sums, self.pace, rows, columns, found, a, b))  # fmt: skip
        return found


def middles_of(shape: tuple[int, int], pace: int) -> tuple[int, int]:
    """How many middles a swell has: one more beyond each edge."""
    rows, columns = (-(-side // pace) + 2 for side in shape)
    return rows, columns


@compiled
def look(
    values: Floats,
    inverse: Floats,
    sums: Floats,
    pace: int,
    rows: At,
    columns: At,
    out: Floats,
    first: int,
    end: int,
) -> None:
    """The value under each pixel, and by its inverse what is drawn straight between four middles."""
    for line in range(first, end):
        for pixel in range(rows.shape[1]):
            row, column = rows[line, pixel], columns[line, pixel]
            down, across = (row + 0.5) / pace + 0.5, (column + 0.5) / pace + 0.5
            top, left = int(down), int(across)
            lower, right = down - top, across - left
            upper = sums[top, left] * (1 - right) + sums[top, left + 1] * right
            under = sums[top + 1, left] * (1 - right) + sums[top + 1, left + 1] * right
            gained = upper * (1 - lower) + under * lower
            out[line, pixel] = values[row, column] + np.float32(gained) * inverse[row, column]


class Tally(NamedTuple):
    """What one degree at each middle of a swell comes to in each of zone_count zones.

    The entries of middle m (row by row) are at[m]..at[m + 1], each with its zone, the sum of the degree's
    share over the zone's cells, and that of people times it.
    """

    zone_count: int
    columns: int
    at: NDArray[np.int64]
    zones: NDArray[np.int32]
    cells: Doubles
    people: Doubles

    def of(self, sums: Floats, corner: Corner) -> tuple[Doubles, Doubles]:
        """By zone what sums at middles that begin with corner come to, and people times it."""
        of_cells, of_people = np.zeros((2, self.zone_count))
        _add_up(sums, corner, self, of_cells, of_people)
        return of_cells, of_people


def tally(
    inverse: Floats, pace: int, zones: NDArray[np.int32], count: int, people: Floats | None = None
) -> Tally:
    """Of zones (a number for each cell, -1 for none), each cell with its inverse and people."""
    rows, columns = middles_of(zones.shape, pace)
    living = np.zeros((1, 1), np.float32) if people is None else people
    found: list[list[NDArray[np.generic]]] = [[] for _ in range(rows)]

    def work(first: int, end: int) -> None:
        most = columns * min(count, (2 * pace + 1) ** 2)
        room = np.empty(most, np.int32), np.empty(most), np.empty(most)
        for row in range(first, end):
            lengths = np.zeros(columns, np.int64)
            used = _entries(inverse, pace, zones, living, row, np.zeros((3, count)), lengths, room)
            found[row] = [lengths, *(each[:used].copy() for each in room)]

    over_rows(rows, work)
    lengths, *entries = (np.concatenate(each) for each in zip(*found, strict=True))
    return Tally(count, columns, np.concatenate(([0], np.cumsum(lengths))), *entries)


@compiled
def _entries(
    inverse: Floats,
    pace: int,
    zones: NDArray[np.int32],
    people: Floats,
    row: int,
    by_zone: Doubles,
    lengths: NDArray[np.int64],
    room: tuple[NDArray[np.int32], Doubles, Doubles],
) -> int:
    """The entries of a row of middles into room; how many. by_zone: room of zeros, and zeros afterwards."""
    used = 0
    for column in range(len(lengths)):
        end = _around(inverse, pace, zones, people, (row, column), by_zone, room[0], used)
        for entry in range(used, end):
            zone = room[0][entry]
            room[1][entry], room[2][entry] = by_zone[1, zone], by_zone[2, zone]
            by_zone[:, zone] = 0
        lengths[column], used = end - used, end
    return used


@compiled
def _around(
    inverse: Floats,
    pace: int,
    zones: NDArray[np.int32],
    people: Floats,
    middle: Corner,
    by_zone: Doubles,
    found: NDArray[np.int32],
    used: int,
) -> int:
    """Sum up the cells around a middle by zone; the zones that are found come behind those used."""
    peopled, (row, column) = people.shape == zones.shape, middle
    for line in range(max(0, (row - 2) * pace), min(zones.shape[0], (row + 1) * pace)):
        down = max(0.0, 1 - abs((line + 0.5) / pace + 0.5 - row))
        for cell in range(max(0, (column - 2) * pace), min(zones.shape[1], (column + 1) * pace)):
            across = max(0.0, 1 - abs((cell + 0.5) / pace + 0.5 - column))
            zone, share = zones[line, cell], down * across * inverse[line, cell]
            if zone < 0 or share == 0:
                continue
            if by_zone[0, zone] == 0:
                by_zone[0, zone] = 1
                found[used] = zone
                used += 1
            by_zone[1, zone] += share
            if peopled:
                by_zone[2, zone] += share * people[line, cell]
    return used


@compiled
def _add_up(sums: Floats, corner: Corner, by: Tally, of_cells: Doubles, of_people: Doubles) -> None:
    for row in range(sums.shape[0]):
        first = (row + corner[0]) * by.columns + corner[1]
        for column in range(sums.shape[1]):
            value = np.float64(sums[row, column])
            for entry in range(by.at[first + column], by.at[first + column + 1]):
                of_cells[by.zones[entry]] += value * by.cells[entry]
                of_people[by.zones[entry]] += value * by.people[entry]
