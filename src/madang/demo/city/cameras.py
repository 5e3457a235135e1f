"""Camera sites in the proportions of Suwon's register (4,934 sites with 15,939 cameras in October 2025).

Uses within a purpose follow the safety centre's own counts of 2018-2020: most poles watch
neighbourhoods, then parks, school zones, parking, the gates of the city, rivers, hills.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from madang.demo.city.chance import chance
from madang.demo.city.grades import LANE, Grade
from madang.demo.city.lines import middle, right_of
from madang.demo.city.places import Ground, some, spread
from madang.demo.city.raster import Floats
from madang.demo.city.terrain import Terrain
from madang.demo.city.things import CameraSite, Place

MONTHS = (2009, 2025)
NEAR_STREET, LOOK = 25.0, 30.0  # metres from a pole; along a street to what a camera is aimed at


@dataclass(frozen=True)
class Pole:
    """How a use is equipped: purpose in the register, sites, and (fixed, turning) with their chances."""

    use: str
    purpose: str
    sites: int
    heads: tuple[tuple[int, int, float], ...]


# A crime prevention pole is two fixed cameras and one that turns; larger crossings have more fixed ones.
POLES: tuple[Pole, ...] = (
    Pole("neighbourhood", "crime", 3165, ((2, 1, 0.56), (3, 1, 0.26), (4, 1, 0.15), (6, 1, 0.03))),
    Pole("road", "crime", 75, ((2, 0, 0.5), (3, 0, 0.5))),
    Pole("park", "park", 620, ((2, 1, 0.5), (3, 1, 0.35), (4, 1, 0.15))),
    Pole("school", "school-zone", 310, ((2, 1, 0.62), (3, 1, 0.3), (4, 1, 0.08))),
    Pole("parking", "enforcement", 410, ((0, 1, 1.0),)),
    Pole("signal", "enforcement", 120, ((1, 0, 1.0),)),
    Pole("traffic", "traffic", 113, ((0, 1, 1.0),)),
    Pole("river", "disaster", 58, ((1, 1, 0.5), (0, 1, 0.5))),
    Pole("wildfire", "disaster", 22, ((0, 1, 1.0),)),
    Pole("facility", "facility", 16, ((2, 0, 0.7), (3, 0, 0.3))),
)


def camera_sites(ground: Ground, terrain: Terrain, places: Sequence[Place]) -> list[CameraSite]:
    random = chance(ground.seed, "cameras")
    where = Spots(ground, terrain, places)
    found: list[CameraSite] = []
    for pole in POLES:
        spots = where.of(pole.use)
        wanted = some(pole.sites, ground.scale)
        chosen = spread(random, spots, wanted)
        points = spots[chosen] + random.uniform(-3.5, 3.5, (len(chosen), 2))
        if len(chosen) < wanted:
            points = np.vstack([points, _more(random, spots, wanted - len(chosen))])
        found += [_site(random, pole, point, len(found) + at) for at, point in enumerate(points, 1)]
    return _addressed(_aimed(found, ground), ground)


def _aimed(sites: list[CameraSite], ground: Ground) -> list[CameraSite]:
    """Fixed cameras look along the streets at their pole, as those who put them there would have them.

    Of a pole without a street within NEAR_STREET (in a park, at a hill) the bearings stay as they fell.
    """
    lines = np.array([shapely.LineString(line) for line in ground.roads.lines])
    tree = shapely.STRtree(lines)
    points = shapely.points([(site.x, site.y) for site in sites])
    poles, links = tree.query(points, predicate="dwithin", distance=NEAR_STREET)
    near: dict[int, list[int]] = {}
    for pole, link in zip(poles.tolist(), links.tolist(), strict=True):
        near.setdefault(pole, []).append(link)
    return [
        replace(site, azimuths=_along(site, points[at], lines[near[at]])) if at in near else site
        for at, site in enumerate(sites)
    ]


def _along(site: CameraSite, pole: Any, streets: Any) -> tuple[int, ...]:
    """As many bearings as the site has fixed cameras: down each street, then beside the first."""
    aims: list[int] = []
    for street in streets[np.argsort(shapely.distance(streets, pole), kind="stable")]:
        foot = shapely.line_locate_point(street, pole)
        for ahead in (foot + LOOK, foot - LOOK):
            seen = shapely.line_interpolate_point(street, min(max(ahead, 0.0), street.length))
            east, north = seen.x - site.x, seen.y - site.y
            aim = round(math.degrees(math.atan2(east, north))) % 360
            if math.hypot(east, north) > LOOK / 3 and all(_apart(aim, one) > 30 for one in aims):
                aims.append(aim)
    aims = aims or list(site.azimuths[:1])
    return tuple((aims[at % len(aims)] + 40 * (at // len(aims))) % 360 for at in range(site.fixed))


def _apart(one: int, other: int) -> int:
    return abs((one - other + 180) % 360 - 180)


def _more(random: np.random.Generator, spots: Floats, count: int) -> Floats:
    """Where there are fewer spots than poles, poles stand side by side."""
    return np.asarray(
        spots[random.integers(0, len(spots), count)] + random.uniform(-14, 14, (count, 2))
    )


def _site(random: np.random.Generator, pole: Pole, point: Floats, number: int) -> CameraSite:
    chances = np.array([share for *_, share in pole.heads])
    fixed, turning, _ = pole.heads[int(random.choice(len(pole.heads), p=chances / chances.sum()))]
    first = int(random.integers(0, 360))
    around = 360 / max(fixed, 1)
    return CameraSite(
        key=f"CCTV-{number:05}",
        purpose=pole.purpose,
        use=pole.use,
        x=round(float(point[0]), 2),
        y=round(float(point[1]), 2),
        fixed=fixed,
        turning=turning,
        azimuths=tuple(
            int(first + around * at + random.integers(-15, 16)) % 360 for at in range(fixed)
        ),
        megapixels=float(random.choice([2.0, 2.0, 2.0, 4.0, 1.3])),
        installed=(int(random.integers(*MONTHS)), int(random.integers(1, 13))),
    )


def _addressed(sites: list[CameraSite], ground: Ground) -> list[CameraSite]:
    return [replace(site, address=ground.addresses.of(site.x, site.y)) for site in sites]


class Spots:
    """Where poles of each use can stand."""

    def __init__(self, ground: Ground, terrain: Terrain, places: Sequence[Place]) -> None:
        self.ground, self.terrain, self.places = ground, terrain, places
        self._wet = terrain.water.buffer(6)
        shapely.prepare(self._wet)

    def of(self, use: str) -> Floats:
        ways: dict[str, Callable[[], Floats]] = {
            "neighbourhood": self._corners,
            "road": self._gates,
            "park": self._parks,
            "school": self._school_zones,
            "parking": self._curbs,
            "signal": self._crossings,
            "traffic": self._large_crossings,
            "river": self._by_water,
            "wildfire": self._by_forest,
            "facility": self._offices,
        }
        spots = ways[use]()
        return np.asarray(spots[~shapely.intersects_xy(self._wet, spots)])

    def _corners(self) -> Floats:
        """Corners of local streets."""
        roads = self.ground.roads
        return np.asarray(roads.nodes[np.isin(roads.node_kind, ("local", "access"))])

    def _gates(self) -> Floats:
        """Main roads near the border, where cars come into the city and leave it."""
        large = self._beside((Grade.TRUNK, Grade.BOULEVARD, Grade.MAIN, Grade.SIDE))
        edge = self.ground.outline.border.boundary
        return large[np.argsort(shapely.distance(edge, shapely.points(large)), kind="stable")[:220]]

    def _parks(self) -> Floats:
        areas = [place.ground for place in self.places if place.kind == "park"]
        rims = shapely.get_exterior_ring(shapely.buffer([area for area in areas if area], -2))
        points = [
            shapely.get_coordinates(
                shapely.line_interpolate_point(rim, np.arange(0, rim.length, 35))
            )
            for rim in rims
            if rim is not None and not rim.is_empty
        ]
        return np.vstack(points)

    def _school_zones(self) -> Floats:
        zones = [place.ground for place in self.places if place.kind == "child-zone"]
        corners = self._corners()
        tree = shapely.STRtree(shapely.points(corners))
        return np.asarray(corners[np.unique(tree.query(zones, predicate="contains")[1])])

    def _curbs(self) -> Floats:
        return self._beside((Grade.MAIN, Grade.SIDE))

    def _beside(self, grades: tuple[Grade, ...]) -> Floats:
        """The pavement beside the middle of each link of these grades."""
        roads = self.ground.roads
        links = np.flatnonzero(np.isin(roads.grade, grades) & (roads.structure == "ground"))
        return np.array(
            [
                middle(right_of(roads.lines[link], roads.lanes[link] * LANE / 2 + 2))
                for link in links
            ]
        )

    def _crossings(self) -> Floats:
        roads = self.ground.roads
        return np.asarray(roads.nodes[roads.node_kind == "crossing"] + 12.0)

    def _large_crossings(self) -> Floats:
        roads = self.ground.roads
        named = np.array([bool(name) for name in roads.node_name])
        return np.asarray(roads.nodes[named] - 12.0)

    def _by_water(self) -> Floats:
        underpasses = [(p.x + 9, p.y + 9) for p in self.places if p.kind == "underpass"]
        banks = [
            right_of(stream.line, stream.breadth / 2 + 16)[12::14]
            for stream in self.terrain.streams
        ]
        points = np.vstack([np.array(underpasses).reshape(-1, 2), *banks])
        return np.asarray(points[shapely.contains_xy(self.ground.outline.border, points)])

    def _by_forest(self) -> Floats:
        rims = [hill.buffer(-25) for hill in self.terrain.hills]
        points = [
            shapely.get_coordinates(
                shapely.line_interpolate_point(rim.boundary, np.arange(0, rim.length, 260))
            )
            for rim in rims
            if not rim.is_empty
        ]
        return np.vstack(points)

    def _offices(self) -> Floats:
        return np.array([(p.x, p.y) for p in self.places if p.kind in ("office", "library")])
