"""The private feed of cameras: what stands around each, and what moves there now.

Vehicles with devices are the world's own. Cars and walkers without one fill the streets only while a
camera is watched: nobody else would know of them.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
import structlog
from django.db import close_old_connections

from madang.demo.eyes.picture import DEEP, Eye, Mover, Scene
from madang.demo.world import loading
from madang.demo.world.fleet import Fleet
from madang.demo.world.street import Bools, Floats, Links, Street
from madang.demo.world.world import World
from madang.ground.city.models import City, RoadLink, Shape
from madang.ground.city.projection import reproject
from madang.ground.city.public import overlapping, to_degrees

CARS, WALKERS = 9000, 6000
WALKING = 1.3  # m/s
STEP = 0.2  # seconds between two steps of who passes by; between them they go straight on
ASIDE = 1.7  # metres a car drives to the right of its line
PAVEMENT = 4.2  # metres a walker keeps to the right of it
LANE = 3.2
USUAL_HEIGHT = 9.0

log = structlog.get_logger(__name__)


class Passers:
    """Cars and walkers without a device, on every street of the city."""

    def __init__(self, links: Links, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._cars = Fleet(Street(links), CARS, random)
        slow = Links(
            links.begin, links.end, links.lines, np.full(len(links.begin), WALKING), links.lanes,
            links.covered,
        )  # fmt: skip
        self._walkers = Fleet(Street(slow), WALKERS, random)
        self._lock = threading.Lock()
        self._now = 0.0

    def near(self, now: float, eye: Eye) -> list[Mover]:
        """Who is within an eye's sight at now."""
        with self._lock:
            if now - self._now >= STEP:
                step = min(now - self._now, 1.0)
                self._cars.step(step)
                self._walkers.step(step)
                self._now = now
            ahead = now - self._now
            cars = _near(self._cars, ahead, eye, ASIDE)
            walkers = _near(self._walkers, ahead, eye, PAVEMENT)
        return [Mover("car", x, y, heading, number) for number, x, y, heading in cars] + [
            Mover("walker", x, y, heading, number) for number, x, y, heading in walkers
        ]


def _near(
    fleet: Fleet, ahead: float, eye: Eye, aside: float
) -> list[tuple[int, float, float, float]]:
    """Number, x, y and heading of those of fleet in sight, `ahead` seconds further on their way."""
    near = np.flatnonzero(_links_in_sight(fleet.street, eye.x, eye.y)[fleet.link])
    link = fleet.link[near]
    along = np.minimum(fleet.along[near] + fleet.v[near] * ahead, fleet.street.length[link])
    x, y, heading = fleet.street.place(link, along)
    seen = np.hypot(x - eye.x, y - eye.y) < DEEP
    close, x, y, heading = near[seen], x[seen], y[seen], heading[seen]
    turn = np.radians(heading)
    right = aside + (close % 2) * 0.4
    return list(
        zip(
            close.tolist(),
            (x + np.cos(turn) * right).tolist(),
            (y - np.sin(turn) * right).tolist(),
            heading.tolist(),
            strict=True,
        )
    )


@lru_cache(maxsize=64)
def _links_in_sight(street: Street, x: float, y: float) -> Bools:
    """The links that come within DEEP of an eye: of a whole city's movers few are looked at."""
    return street.within(x, y, DEEP)


class Sights:
    """What cameras may look at of a city and its world; safe to ask from their threads."""

    def __init__(self, city: City, world: World, seed: int) -> None:
        self._city, self._world, self._seed = city, world, seed
        self._passers: Passers | None = None
        self._fetching = False
        self._lock = threading.Lock()

    @property
    def rain(self) -> float:
        return self._world.weather.rain

    def movers(self, now: float, eye: Eye) -> list[Mover]:
        """Everything that moves in an eye's sight."""
        others = self._others()
        return self._vehicles(now, eye) + (others.near(now, eye) if others else [])

    def _vehicles(self, now: float, eye: Eye) -> list[Mover]:
        fleet = self._world.fleet
        ahead = float(np.clip(now - self._world.now, 0.0, 2.0))
        kinds = self._world.vehicles
        return [
            Mover(kinds[number].kind, x, y, heading, number)
            for number, x, y, heading in _near(fleet, ahead, eye, ASIDE)
        ]

    def _others(self) -> Passers | None:
        """Who passes by without a device; None while they are fetched, so that no picture waits for them."""
        with self._lock:
            if not self._fetching:
                self._fetching = True
                threading.Thread(target=self._fetch, name="passers", daemon=True).start()
        return self._passers

    def _fetch(self) -> None:
        try:
            self._passers = Passers(loading.links(self._city, everywhere=True), self._seed)
        except Exception:
            log.exception("demo.passers_failed")
        finally:
            close_old_connections()

    def scene(self, eye: Eye) -> Scene:
        """What stands around an eye."""
        try:
            box = self._box(eye)
            links = overlapping(RoadLink, self._city, box)
            shapes = overlapping(Shape, self._city, box, kind="building")
        finally:
            close_old_connections()
        circle = shapely.Point(eye.x, eye.y).buffer(DEEP)
        roads = []
        for row, line in zip(links, shapely.intersection(self._metres(links), circle), strict=True):
            for part in shapely.get_parts(line):
                if part.geom_type == "LineString" and part.length > 1:
                    roads.append((shapely.get_coordinates(part), (row.lanes or 1) * LANE))
        return Scene(tuple(roads), tuple(self._buildings(shapes, eye)))

    def _buildings(self, shapes: list[Shape], eye: Eye) -> list[tuple[Floats, float]]:
        found = []
        grounds = self._metres(shapes)
        away = shapely.distance(grounds, shapely.Point(eye.x, eye.y))
        for row, ground, metres in zip(shapes, grounds, away.tolist(), strict=True):
            # One that the pole would stand in, or lean on, would fill the picture with a wall.
            if ground.geom_type == "Polygon" and 4 < metres < DEEP:
                outline = shapely.get_coordinates(ground.exterior)[:-1]
                found.append((outline, float(row.details.get("height_m") or USUAL_HEIGHT)))
        return found

    def _metres(self, rows: Sequence[Any]) -> Any:
        """Their geometries, all changed at once."""
        known = shapely.from_wkb([bytes(row.geometry) for row in rows])
        return reproject(np.asarray(known, dtype=object), "EPSG:4326", self._city.crs)

    def _box(self, eye: Eye) -> tuple[float, float, float, float]:
        half = DEEP / math.sqrt(2)
        x = [eye.x - half, eye.x + half]
        lon, lat = to_degrees(x, [eye.y - half, eye.y + half], self._city.crs)
        return float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])
