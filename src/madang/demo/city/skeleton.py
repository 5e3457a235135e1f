"""The lines that everything else follows: railway, expressways, trunk roads and rings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import Polygon

from madang.demo.city import lines
from madang.demo.city.chance import chance
from madang.demo.city.outline import Outline
from madang.demo.city.raster import Floats

Points = list[tuple[float, float]]

RAIL: Points = [
    (196.4, 524.0), (197.4, 522.8), (198.5, 521.6), (199.3, 520.4), (199.75, 519.2),
    (200.35, 518.0), (201.1, 516.7), (201.7, 515.4), (202.2, 513.4),
]  # fmt: skip
METRO: Points = [
    (199.75, 519.2), (200.9, 518.9), (202.1, 519.3), (203.2, 518.7), (204.0, 517.3),
    (205.2, 516.6), (206.3, 517.3), (206.8, 518.6), (207.9, 519.6),
]  # fmt: skip
MOTORWAYS: tuple[Points, ...] = (
    [(196.3, 524.7), (197.9, 524.3), (199.2, 524.2), (200.7, 523.6), (202.0, 523.3),
     (203.3, 523.5), (204.5, 522.7), (205.6, 522.6), (206.7, 522.0), (208.4, 521.6)],
    [(193.4, 523.1), (194.9, 521.9), (195.6, 520.6), (195.5, 519.0), (195.4, 517.0), (195.3, 516.0)],
)  # fmt: skip
TRUNKS: tuple[Points, ...] = (
    [(198.4, 526.3), (198.9, 524.7), (199.4, 523.3), (200.7, 522.3), (201.8, 521.2),
     (202.7, 519.9), (202.6, 518.5), (202.1, 517.0), (201.95, 515.6), (202.3, 513.4)],
    [(193.4, 521.4), (195.3, 521.5), (197.0, 520.8), (198.2, 519.7), (199.4, 518.9),
     (200.5, 518.6), (201.6, 519.2), (202.7, 519.9), (204.3, 519.3), (206.0, 518.8), (208.2, 518.9)],
    [(200.5, 518.6), (199.8, 517.7), (198.6, 517.0), (197.2, 516.5), (196.2, 516.0), (195.6, 514.7)],
    [(201.8, 521.2), (203.1, 521.6), (204.3, 521.7), (205.3, 522.2), (206.2, 523.2), (206.4, 524.5)],
    [(202.7, 519.9), (203.9, 518.3), (205.1, 517.2), (206.3, 516.5), (208.3, 515.6)],
)  # fmt: skip
BOULEVARDS: tuple[Points, ...] = (
    [(197.2, 526.0), (197.6, 524.6), (197.5, 522.9), (197.35, 521.6), (197.5, 520.2),
     (197.5, 518.6), (197.2, 516.5)],
    [(194.2, 518.7), (195.9, 518.5), (197.5, 518.0), (199.1, 517.8), (200.6, 517.5),
     (202.1, 517.0), (203.7, 516.4), (205.1, 516.1), (206.3, 516.5)],
    [(197.4, 522.6), (198.9, 522.6), (200.0, 522.9), (201.4, 522.9), (202.6, 522.3), (203.1, 521.6)],
    [(203.1, 521.6), (203.5, 520.6), (203.9, 519.6), (204.3, 518.6), (204.6, 517.7), (204.4, 516.2),
     (204.2, 514.6), (204.1, 513.8)],
    [(206.2, 523.2), (206.3, 521.9), (206.5, 520.8), (206.1, 519.4), (206.0, 518.8)],
    [(197.2, 516.5), (198.0, 515.8), (199.4, 515.6), (200.7, 515.7), (201.95, 515.6), (203.0, 515.3),
     (204.3, 515.2), (205.4, 515.5)],
    [(198.2, 519.7), (198.4, 520.7), (199.0, 521.7), (200.0, 522.9)],
)  # fmt: skip
OLD_TOWN = (201_450.0, 520_000.0)
INNER_RING = 980.0


@dataclass(frozen=True)
class Skeleton:
    """Lines in metres, cut at the border. railways: the first is on the ground, the second below it."""

    centre: tuple[float, float]
    stretch: float
    railways: tuple[Floats, ...]
    motorways: tuple[Floats, ...]
    trunks: tuple[Floats, ...]
    boulevards: tuple[Floats, ...]

    def far(self, points: Floats) -> Floats:
        """Metres of Suwon's own ground from the old town to each of points (…, 2)."""
        return np.asarray(
            np.hypot(*np.moveaxis(points - np.array(self.centre), -1, 0)) / self.stretch
        )

    @property
    def all(self) -> list[Floats]:
        return [self.railways[0], *self.motorways, *self.trunks, *self.boulevards]


def skeleton(seed: int, outline: Outline) -> Skeleton:
    random = chance(seed, "skeleton")
    shift = Shift(random, outline)
    x, y = OLD_TOWN
    centre = shift.of(x / 1000, y / 1000)
    rail, metro = shift.line(RAIL), shift.line(METRO)
    motorways = [shift.line(points) for points in MOTORWAYS]
    trunks = [shift.line(points) for points in TRUNKS]
    boulevards = [shift.line(points) for points in BOULEVARDS]
    boulevards.append(_ring(random, centre, outline.stretch))
    return Skeleton(
        centre,
        outline.stretch,
        _within([rail, metro], outline.border),
        _within(motorways, outline.border),
        _within(trunks, outline.border),
        _within(boulevards, outline.border),
    )


class Shift:
    """Moves every named point by chance, the same point always by the same: roads still meet there."""

    def __init__(self, random: np.random.Generator, outline: Outline) -> None:
        self._random = random
        self._outline = outline
        self._moved: dict[tuple[float, float], tuple[float, float]] = {}

    def of(self, east: float, north: float) -> tuple[float, float]:
        if (east, north) not in self._moved:
            dx, dy = self._random.normal(0, 95, 2)
            x, y = self._outline.placed([(east, north)])[0].tolist()
            self._moved[east, north] = (x + dx, y + dy)
        return self._moved[east, north]

    def line(self, points: Points) -> Floats:
        return lines.stretched(lines.curve([self.of(*point) for point in points]), 45)


def _ring(random: np.random.Generator, centre: tuple[float, float], stretch: float) -> Floats:
    """The road where the old town's wall stood: round, but not a circle."""
    angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    far = INNER_RING * stretch * (1 + random.normal(0, 0.06, 14) + 0.12 * np.cos(2 * angle + 1.2))
    points = np.array(centre) + np.column_stack([far * np.cos(angle) * 0.86, far * np.sin(angle)])
    return lines.curve(points, closed=True)


def _within(drawn: list[Floats], border: Polygon) -> tuple[Floats, ...]:
    """Each line's longest piece within the border."""
    return tuple(max(lines.inside([line], border), key=lines.length) for line in drawn)
