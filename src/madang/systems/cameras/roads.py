"""How far it is along the road: a city's roads, held by the process and read again when they change.

Distances go along the road both ways, since whoever flees on foot minds no one-way street; where no road
is known they are as the crow flies.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from functools import lru_cache
from typing import Any
from uuid import UUID

import numpy as np
import shapely

from madang.ground.city.models import City, DataSet, RoadLink
from madang.ground.city.projection import reproject

KEPT_CITIES = 4
OFF = 600.0  # metres: whatever has no road this near is reached as the crow flies


class Roads:
    """The links of a city as lines in metres, with what lies beside each node."""

    def __init__(self, lines: Any, ends: list[tuple[int, int]]) -> None:
        self._lines, self._ends = lines, ends
        self._lengths = shapely.length(lines)
        self._tree = shapely.STRtree(lines)
        self._beside: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for (begin, end), long in zip(ends, self._lengths.tolist(), strict=True):
            self._beside[begin].append((end, long))
            self._beside[end].append((begin, long))

    def along(self, at: tuple[float, float], points: Any, farthest: float) -> list[float]:
        """Metres from `at` to each of points (n × 2, metres) along the road; infinite beyond farthest."""
        straight = np.hypot(*(points - at).T) if len(points) else np.zeros(0)
        dots = shapely.points(np.vstack([[at], points]))
        if not len(points) or not self._ends:
            return [float(one) for one in straight]
        link = self._tree.nearest(dots)
        off = shapely.distance(self._lines[link], dots)
        if off[0] > OFF:
            return [float(one) for one in straight]
        foot = shapely.line_locate_point(self._lines[link], dots)
        reach = self._reach(int(link[0]), float(foot[0]), farthest)
        ways = [
            self._way(reach, link, foot, number) + off[0] + off[number]
            for number in range(1, len(dots))
        ]
        return [max(float(way), float(least)) for way, least in zip(ways, straight, strict=True)]

    def _way(self, reach: dict[int, float], link: Any, foot: Any, number: int) -> float:
        """Metres to the foot of a place on its link, by either end or along the link itself."""
        one, first = int(link[number]), int(link[0])
        begin, end = self._ends[one]
        way = min(
            reach.get(begin, math.inf) + foot[number],
            reach.get(end, math.inf) + self._lengths[one] - foot[number],
        )
        if self._ends[one] in (self._ends[first], self._ends[first][::-1]):
            here = shapely.line_interpolate_point(self._lines[one], foot[number])
            there = shapely.line_interpolate_point(self._lines[first], foot[0])
            way = min(way, float(shapely.distance(here, there)))
        return float(way)

    def _reach(self, first: int, foot: float, farthest: float) -> dict[int, float]:
        """Metres to each node within farthest of a place on a link (Dijkstra's)."""
        begin, end = self._ends[first]
        heap = [(foot, begin), (float(self._lengths[first]) - foot, end)]
        heapq.heapify(heap)
        reach: dict[int, float] = {}
        while heap:
            way, node = heapq.heappop(heap)
            if node in reach or way > farthest:
                continue
            reach[node] = way
            for other, long in self._beside[node]:
                if other not in reach:
                    heapq.heappush(heap, (way + long, other))
        return reach


def roads_of(city: City) -> Roads:
    """The city's roads, of the data sets as they are now."""
    sets = DataSet.objects.filter(city=city).order_by("id").values_list("id", "version")
    return _held(city.pk, city.crs, tuple(sets))


@lru_cache(maxsize=KEPT_CITIES)
def _held(city: UUID, crs: str, _versions: tuple[Any, ...]) -> Roads:
    rows = RoadLink.objects.filter(city=city).values_list("geometry", "from_node", "to_node")
    shapes: list[bytes] = []
    ends: list[tuple[int, int]] = []
    numbers: dict[str, int] = {}
    for geometry, begin, end in rows.iterator(2000):
        shapes.append(bytes(geometry))
        both = [numbers.setdefault(node, len(numbers)) for node in (begin, end)]
        ends.append((both[0], both[1]))
    if not shapes:
        return Roads(np.array([], dtype=object), [])
    degrees = shapely.from_wkb(np.array(shapes, dtype=object))
    return Roads(np.asarray(reproject(degrees, "EPSG:4326", crs)), ends)
