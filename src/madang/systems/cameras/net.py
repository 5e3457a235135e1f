"""The net view (투망감시): the cameras around a point, by the way along the road and by where they look.

Distances go along the road (cameras/roads.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from django.db.models import Q, QuerySet

from madang.ground.city.models import City
from madang.ground.city.public import to_metres, within_distance
from madang.systems.cameras.models import Camera, LifeState, Site
from madang.systems.cameras.roads import roads_of

AROUND = 600.0  # metres
FARTHEST = 900.0  # … along the road
UNKNOWN, AWAY = (
    40.0,
    150.0,
)  # metres that a camera stands back whose look is not known, or elsewhere
BEHIND, PASSED = 400.0, 30.0  # … that what moves has passed, and from how far on
MOST_ALONG = 64
TELLING = ("id", "site_id", "kind", "bearing", "angle", "range")  # what a rank depends on
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
    places = np.array([(one.x, one.y) for one in sites]).reshape(-1, 2)
    ways = roads_of(city).along((x, y), places, FARTHEST)
    reached = {
        site.pk: (site, metres)
        for site, metres in zip(sites, ways, strict=True)
        if metres <= FARTHEST
    }
    found = []
    for camera in _cameras(city, list(reached)).only(*TELLING):
        camera.site, metres = reached[camera.site_id]
        found.append(Caught(camera, metres, looks_at(camera, x, y)))
    return _whole(city, sorted(found, key=lambda one: one.rank)[:limit])


def _whole(city: City, caught: list[Caught]) -> list[Caught]:
    """The same with all that the register says of these cameras: of the many around it is not read."""
    sites = {one.camera.site_id for one in caught}
    known = {one.pk: one for one in _cameras(city, list(sites)).select_related("site__data_set")}
    return [replace(one, camera=known[one.camera.pk]) for one in caught if one.camera.pk in known]


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


def _cameras(city: City, sites: Sequence[UUID]) -> QuerySet[Camera]:
    rows = Camera.objects.filter(city=city, site__in=sites)
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


def _metres(city: City, lon: float, lat: float) -> tuple[float, float]:
    x, y = to_metres([lon], [lat], city.crs)
    return float(x[0]), float(y[0])
