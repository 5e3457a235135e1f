"""The net view (투망감시): the cameras around a point, by the way along the road and by where they look.

Distances go along the road both ways, since whoever flees on foot minds no one-way street; where no road
is known they are as the crow flies. Reckoned from the roads in a square around the point, which the
database finds by its index.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.db.models import Q

from madang.ground.city.models import City, RoadLink
from madang.ground.city.projection import reproject
from madang.ground.city.public import overlapping, to_degrees, to_metres, within_distance
from madang.systems.cameras.models import Camera, LifeState, Site

AROUND = 600.0  # metres
FARTHEST = 900.0  # … along the road
UNKNOWN, AWAY = (
    40.0,
    150.0,
)  # metres that a camera stands back whose look is not known, or elsewhere
BEHIND, PASSED = 400.0, 30.0  # … that what moves has passed, and from how far on
MOST_ALONG = 64
USUAL_ANGLE, USUAL_RANGE = 70.0, 80.0


@dataclass(frozen=True)
class Caught:
    """A camera of the net: metres to it along the road, and whether it looks at the point (None: unknown)."""

    camera: Camera
    metres: float
    sees: bool | None

    @property
    def rank(self) -> float:
        return self.metres + (0.0 if self.sees else UNKNOWN if self.sees is None else AWAY)


def cast_net(city: City, lon: float, lat: float, limit: int) -> list[Caught]:
    """The cameras around a place, best first, at most limit. Those planned or removed are left out."""
    x, y = _metres(city, lon, lat)
    near = within_distance(Site, city, x, y, AROUND)
    sites = [one.row for one in near]
    ways = along_road(city, (x, y), np.array([(one.x, one.y) for one in sites]).reshape(-1, 2))
    metres = dict(zip((one.pk for one in sites), ways, strict=True))
    found = [
        Caught(camera, metres[camera.site_id], looks_at(camera, x, y))
        for camera in _cameras(city, [one.pk for one in sites])
        if metres[camera.site_id] <= FARTHEST
    ]
    return sorted(found, key=lambda one: one.rank)[:limit]


def cast_ahead(
    city: City, lon: float, lat: float, heading: float | None, limit: int
) -> list[Caught]:
    """The cameras along the way of what moves there towards heading (degrees from north; None: unknown):
    first that which looks at it or is nearest, then those ahead of it by the road."""
    x, y = _metres(city, lon, lat)
    caught = cast_net(city, lon, lat, MOST_ALONG)
    ranks = {one.camera.pk: one.rank + _passed(one, x, y, heading) for one in caught}
    return sorted(caught, key=lambda one: ranks[one.camera.pk])[:limit]


def _passed(caught: Caught, x: float, y: float, heading: float | None) -> float:
    """Metres that a camera stands back because what moves has passed it, and it does not look after it."""
    east, north = caught.camera.site.x - x, caught.camera.site.y - y
    if heading is None or caught.sees or math.hypot(east, north) < PASSED:
        return 0.0
    aside = abs((math.degrees(math.atan2(east, north)) - heading + 180) % 360 - 180)
    return BEHIND if aside > 90 else 0.0


def _cameras(city: City, sites: Sequence[UUID]) -> Iterable[Camera]:
    rows = Camera.objects.filter(city=city, site__in=sites).select_related("site__data_set")
    return rows.filter(~Q(state__in=(LifeState.PLANNED, LifeState.REMOVED)))


def looks_at(camera: Camera, x: float, y: float) -> bool | None:
    """Whether the camera looks at a place (metres); None where its bearing is not known, or it turns."""
    if camera.bearing is None or camera.kind == "turning":
        return None
    east, north = x - camera.site.x, y - camera.site.y
    away = math.hypot(east, north)
    if away > (camera.range or USUAL_RANGE):
        return False
    aside = abs((math.degrees(math.atan2(east, north)) - camera.bearing + 180) % 360 - 180)
    return away < 2 or aside <= (camera.angle or USUAL_ANGLE) / 2


def bearing_to(camera: Camera, lon: float, lat: float) -> float:
    """Degrees from north from the camera to a place."""
    x, y = _metres(camera.city, lon, lat)
    east, north = x - camera.site.x, y - camera.site.y
    return round(math.degrees(math.atan2(east, north)), 1) % 360


def metres_to(camera: Camera, lon: float, lat: float) -> float:
    """How far a place is from the camera."""
    x, y = _metres(camera.city, lon, lat)
    return math.hypot(x - camera.site.x, y - camera.site.y)


def along_road(city: City, at: tuple[float, float], points: Any) -> list[float]:
    """Metres from `at` to each of points (n × 2, metres of the city's CRS) along the road, both ways."""
    straight = np.hypot(*(points - at).T) if len(points) else np.zeros(0)
    links = overlapping(RoadLink, city, _box(city, at))
    if not links or not len(points):
        return [float(one) for one in straight]
    raw = reproject(shapely.from_wkb([bytes(one.geometry) for one in links]), "EPSG:4326", city.crs)
    lines: Any = np.array(raw)
    ends = [(one.from_node, one.to_node) for one in links]
    tree = shapely.STRtree(lines)
    dots = shapely.points(np.vstack([[at], points]))
    link = tree.nearest(dots)
    foot = shapely.line_locate_point(lines[link], dots)
    off = shapely.distance(lines[link], dots)
    length = shapely.length(lines)
    reach = _reach(ends, length, int(link[0]), float(foot[0]))
    found = []
    for number in range(1, len(dots)):
        one = int(link[number])
        begin, end = ends[one]
        way = min(
            reach.get(begin, math.inf) + foot[number],
            reach.get(end, math.inf) + length[one] - foot[number],
        )
        if ends[one] in (ends[link[0]], ends[link[0]][::-1]):
            same = shapely.distance(
                shapely.line_interpolate_point(lines[one], foot[number]),
                shapely.line_interpolate_point(lines[link[0]], foot[0]),
            )
            way = min(way, float(same))
        found.append(max(float(way + off[0] + off[number]), float(straight[number - 1])))
    return found


def _reach(
    ends: Sequence[tuple[str, str]], length: Any, first: int, foot: float
) -> dict[str, float]:
    """Metres to each node within FARTHEST of a place on a link (Dijkstra's)."""
    beside: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (begin, end), long in zip(ends, length.tolist(), strict=True):
        beside[begin].append((end, long))
        beside[end].append((begin, long))
    begin, end = ends[first]
    heap = [(foot, begin), (float(length[first]) - foot, end)]
    heapq.heapify(heap)
    reach: dict[str, float] = {}
    while heap:
        way, node = heapq.heappop(heap)
        if node in reach or way > FARTHEST:
            continue
        reach[node] = way
        for other, long in beside[node]:
            if other not in reach:
                heapq.heappush(heap, (way + long, other))
    return reach


def _box(city: City, at: tuple[float, float]) -> tuple[float, float, float, float]:
    x, y = at
    lon, lat = to_degrees([x - AROUND, x + AROUND], [y - AROUND, y + AROUND], city.crs)
    return float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])


def _metres(city: City, lon: float, lat: float) -> tuple[float, float]:
    x, y = to_metres([lon], [lat], city.crs)
    return float(x[0]), float(y[0])
