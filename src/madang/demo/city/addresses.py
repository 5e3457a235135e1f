"""Road addresses: the gu, the nearest street, and a number that grows along it."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from madang.demo.city.grades import Grade
from madang.demo.city.outline import Outline
from madang.demo.city.roads import Roads

CITY = "마당시"
ADDRESSED = (Grade.TRUNK, Grade.BOULEVARD, Grade.MAIN, Grade.SIDE, Grade.LOCAL)
STEP = 20.0  # metres of street a number stands for; odd left, even right, as the law has it


class Addresses:
    """Gives the address of any point in the city."""

    def __init__(self, outline: Outline, roads: Roads) -> None:
        self._outline = outline
        self._roads = roads
        named = (roads.structure == "ground") & np.isin(roads.grade, ADDRESSED)
        self._links = np.flatnonzero(named)
        self._lines: NDArray[np.object_] = np.array(
            [shapely.LineString(roads.lines[link]) for link in self._links]
        )
        self._tree = shapely.STRtree(self._lines)
        self._dongs = shapely.STRtree([dong.polygon for dong in outline.dongs])

    def of(self, x: float, y: float) -> str:
        """마당시 장안구 달빛로12번길 7"""
        near = int(self._tree.nearest(shapely.Point(x, y)))
        dong = self._outline.dongs[int(self._dongs.nearest(shapely.Point(x, y)))]
        name = self._roads.name[int(self._links[near])]
        return f"{CITY} {dong.gu_name} {name} {self._number(near, x, y)}"

    def street(self, x: float, y: float) -> str:
        """The name of the nearest street."""
        return self._roads.name[int(self._links[self._tree.nearest(shapely.Point(x, y))])]

    def _number(self, near: int, x: float, y: float) -> int:
        at = self._lines[near].project(shapely.Point(x, y))
        side = (int(x) + int(y)) % 2
        block = int(self._links[near]) * 7 % 40
        return 2 * (int(at / STEP) + block) + 1 + side
