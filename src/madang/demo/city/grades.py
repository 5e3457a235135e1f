"""Grades of roads, the better first, and what follows from a grade."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Grade(IntEnum):
    MOTORWAY = 0
    EXPRESSWAY = 1
    TRUNK = 2
    BOULEVARD = 3
    MAIN = 4
    SIDE = 5
    RAMP = 6
    LOCAL = 7


@dataclass(frozen=True)
class Build:
    """How a grade is built: rank in the city's words, lanes a direction (few to many), km/h, half width."""

    rank: str
    lanes: tuple[int, int]
    speed_kmh: int
    half_width: float


BUILDS: dict[Grade, Build] = {
    Grade.MOTORWAY: Build("motorway", (4, 5), 100, 18),
    Grade.EXPRESSWAY: Build("expressway", (2, 3), 80, 14),
    Grade.TRUNK: Build("national", (3, 5), 60, 16),
    Grade.BOULEVARD: Build("provincial", (3, 4), 60, 14),
    Grade.MAIN: Build("city", (2, 3), 50, 10),
    Grade.SIDE: Build("city", (1, 2), 50, 7),
    Grade.RAMP: Build("ramp", (1, 1), 40, 4),
    Grade.LOCAL: Build("local", (1, 1), 30, 3.5),
}
LANE = 3.2  # metres
