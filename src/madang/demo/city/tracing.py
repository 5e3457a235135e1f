"""Streets drawn through the pattern, one after the other, each keeping its distance from those beside it.

After Chen, Esch, Wonka, Müller and Zhang, "Interactive procedural street modeling" (2008), with
Jobard and Lefer's even spacing of streamlines (1997); railways, expressways and streams are barriers
that are crossed only now and then.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from madang.demo.city import lines
from madang.demo.city.grades import Grade
from madang.demo.city.pattern import Pattern
from madang.demo.city.raster import Floats

STEP = 20.0
BINS = 4  # directions of 45 degrees: a street keeps its distance from those that run its way
FAR = 5000.0
CLOSER = 0.52  # a street ends where another one comes nearer than this share of their spacing


@dataclass(frozen=True)
class Barrier:
    """Lines that a street may cross only every `gap` metres."""

    drawn: Sequence[Floats]
    gap: float


@dataclass
class Street:
    """A line that a street follows, and its grade."""

    line: Floats
    grade: Grade


@dataclass
class Tracer:
    """Draws streets into pattern. What it has drawn is in streets."""

    pattern: Pattern
    barriers: Sequence[Barrier]
    random: np.random.Generator
    streets: list[Street] = field(default_factory=list)

    def __post_init__(self) -> None:
        raster = self.pattern.raster
        self._near = np.full((BINS, *raster.shape), FAR, dtype=np.float32)
        self._cross = self.pattern.angle.tolist()
        self._stop = np.full(raster.shape, False)
        self._barrier = np.zeros(raster.shape, dtype=np.int8)
        for number, barrier in enumerate(self.barriers, 1):
            for line in barrier.drawn:
                self._barrier[raster.cells(lines.resample(line, raster.cell / 3))] = number
        self._crossings: list[list[tuple[float, float]]] = [[] for _ in self.barriers]
        self._main = np.zeros(raster.shape, dtype=bool)
        self._spacing: list[list[float]] = []
        self._reach = 0.0

    def keep(self, line: Floats, grade: Grade) -> None:
        """Take line as a street as it is."""
        points = lines.resample(line, STEP)
        self.streets.append(Street(points, grade))
        self._stamp(points, FAR)
        if grade <= Grade.BOULEVARD:
            self._main[self.pattern.raster.cells(lines.resample(line, 8))] = True

    def fill(
        self,
        spacing: Floats,
        closed: NDArray[np.bool_],
        grade: Grade,
        shortest: float,
        stops: float,
    ) -> None:
        """Draw streets of a grade everywhere at about spacing (metres, per cell).

        stops is the chance that a street ends where it meets a trunk road.
        """
        self._spacing, self._closed = spacing.tolist(), closed.tolist()
        self._largest = float(spacing[~closed].max(initial=STEP))
        self._stops = stops
        waiting = deque(street.line for street in self.streets)
        while waiting:
            for x, y, heading in self._beside(waiting.popleft()):
                self._try(x, y, heading, grade, shortest, waiting)
        for x, y in self._anywhere(closed):
            heading = self._cross[self._row(y)][self._column(x)]
            for turn in (0.0, math.pi / 2):
                self._try(x, y, heading + turn, grade, shortest, waiting)

    def _beside(self, line: Floats) -> Iterator[tuple[float, float, float]]:
        """Beginnings left and right of a street, and across it."""
        for at in range(2, len(line) - 1, 5):
            x, y = line[at]
            dx, dy = line[at + 1] - line[at - 1]
            heading = math.atan2(dy, dx)
            wide = self._spacing[self._row(y)][self._column(x)]
            for side in (math.pi / 2, -math.pi / 2):
                turn = heading + side
                yield x + wide * math.cos(turn), y + wide * math.sin(turn), heading
            yield x, y, heading + math.pi / 2

    def _anywhere(self, closed: NDArray[np.bool_]) -> Iterable[tuple[float, float]]:
        raster = self.pattern.raster
        x, y = raster.centres()
        free = np.flatnonzero(~closed.ravel())
        chosen = self.random.permutation(free)[: len(free) // 12]
        return zip(x.ravel()[chosen].tolist(), y.ravel()[chosen].tolist(), strict=True)

    def _try(
        self,
        x: float,
        y: float,
        heading: float,
        grade: Grade,
        shortest: float,
        waiting: deque[Floats],
    ) -> None:
        if self._blocked(x, y, heading, 0.97):
            return
        crossed: list[tuple[int, float, float]] = []
        ahead = self._run(x, y, heading, crossed)
        back = self._run(x, y, heading + math.pi, crossed)
        line = np.array(back[:0:-1] + ahead)
        if len(line) < 3 or lines.length(line) < shortest:
            return
        self.streets.append(Street(line, grade))
        for barrier, *where in crossed:
            self._crossings[barrier].append((where[0], where[1]))
        self._stamp(line, self._largest)
        waiting.append(line)

    def _run(
        self, x: float, y: float, heading: float, crossed: list[tuple[int, float, float]]
    ) -> list[tuple[float, float]]:
        found = [(x, y)]
        inside = self._barrier[self._row(y), self._column(x)]
        for _ in range(700):
            heading = self._turned(x, y, heading)
            x, y = x + STEP * math.cos(heading), y + STEP * math.sin(heading)
            if self._blocked(x, y, heading, CLOSER):
                break
            row, column = self._row(y), self._column(x)
            barrier = int(self._barrier[row, column])
            if barrier and barrier != inside and not self._cross_here(barrier, x, y, crossed):
                break
            inside = barrier
            found.append((x, y))
            if self._main[row, column] and len(found) > 8 and self.random.random() < self._stops:
                found.append((x + STEP * math.cos(heading), y + STEP * math.sin(heading)))
                break
        return found

    def _turned(self, x: float, y: float, heading: float) -> float:
        """The pattern's direction nearest to heading; half the turn is taken at a step."""
        cross: float = self._cross[self._row(y)][self._column(x)]
        turn = (cross - heading + math.pi / 4) % (math.pi / 2) - math.pi / 4
        return heading + max(-0.25, min(0.25, 0.6 * turn))

    def _blocked(self, x: float, y: float, heading: float, share: float) -> bool:
        raster = self.pattern.raster
        row, column = int((y - raster.south) / raster.cell), int((x - raster.west) / raster.cell)
        if not (0 <= row < raster.rows and 0 <= column < raster.columns):
            return True
        if self._closed[row][column]:
            return True
        way = round(heading / (math.pi / BINS)) % BINS
        return bool(self._near[way, row, column] < share * self._spacing[row][column])

    def _cross_here(
        self, barrier: int, x: float, y: float, crossed: list[tuple[int, float, float]]
    ) -> bool:
        gap = self.barriers[barrier - 1].gap
        known = self._crossings[barrier - 1] + [(a, b) for n, a, b in crossed if n == barrier - 1]
        if any(math.hypot(x - a, y - b) < gap for a, b in known):
            return False
        crossed.append((barrier - 1, x, y))
        return True

    def _stamp(self, line: Floats, reach: float) -> None:
        """Note how far every cell around is from this street, in the directions it runs."""
        raster = self.pattern.raster
        reach = min(reach, 1300.0)
        cells = int(reach / raster.cell)
        offset = np.arange(-cells, cells + 1) * raster.cell
        disc = np.hypot(offset[:, None], offset[None, :]).astype(np.float32)
        ahead = np.gradient(line, axis=0)
        ways = np.arctan2(ahead[:, 1], ahead[:, 0]) / (math.pi / BINS)
        rows, columns = raster.cells(line)
        for row, column, way in zip(rows[::2], columns[::2], ways[::2], strict=True):
            for near in {math.floor(way) % BINS, math.ceil(way) % BINS}:
                self._lower(near, int(row), int(column), cells, disc)

    def _lower(
        self, way: int, row: int, column: int, cells: int, disc: NDArray[np.float32]
    ) -> None:
        top, bottom = max(0, row - cells), min(self._near.shape[1], row + cells + 1)
        left, right = max(0, column - cells), min(self._near.shape[2], column + cells + 1)
        window = self._near[way, top:bottom, left:right]
        piece = disc[
            top - row + cells : bottom - row + cells, left - column + cells : right - column + cells
        ]
        np.minimum(window, piece, out=window)

    def _row(self, y: float) -> int:
        return min(
            max(int((y - self.pattern.raster.south) / self.pattern.raster.cell), 0),
            self.pattern.raster.rows - 1,
        )

    def _column(self, x: float) -> int:
        return min(
            max(int((x - self.pattern.raster.west) / self.pattern.raster.cell), 0),
            self.pattern.raster.columns - 1,
        )
