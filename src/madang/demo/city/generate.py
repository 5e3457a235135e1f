"""A whole city from a seed: the same seed and scale give the same city to the byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from madang.demo.city.access import apart, reachable
from madang.demo.city.addresses import Addresses
from madang.demo.city.blocks import Blocks, blocks
from madang.demo.city.buildings import Buildings, buildings
from madang.demo.city.cameras import camera_sites
from madang.demo.city.devices import devices
from madang.demo.city.fingerprint import digest
from madang.demo.city.local import local_streets
from madang.demo.city.names import Names
from madang.demo.city.outline import Outline, outline
from madang.demo.city.pattern import pattern
from madang.demo.city.people import households, residents_by_dong
from madang.demo.city.places import Ground, places
from madang.demo.city.roads import Roads, roads
from madang.demo.city.skeleton import Skeleton, skeleton
from madang.demo.city.streets import main_roads
from madang.demo.city.terrain import Terrain, terrain
from madang.demo.city.things import CameraSite, Device, Place, Vehicle
from madang.demo.city.vehicles import emergency_vehicles, other_vehicles

SMALLEST, LARGEST = 0.05, 20.0


@dataclass(frozen=True)
class DemoCity:
    """Everything in the city, in metres of EPSG:5186. residents and households go by outline.dongs."""

    seed: int
    scale: float
    outline: Outline
    skeleton: Skeleton
    terrain: Terrain
    roads: Roads
    blocks: Blocks
    buildings: Buildings
    water_names: tuple[str, ...]
    hill_names: tuple[str, ...]
    residents: np.ndarray[Any, np.dtype[np.intp]]
    households: np.ndarray[Any, np.dtype[np.intp]]
    places: tuple[Place, ...]
    cameras: tuple[CameraSite, ...]
    devices: tuple[Device, ...]
    emergency: tuple[Vehicle, ...]
    others: tuple[Vehicle, ...]

    def digest(self) -> str:
        """SHA-256 over all that the city is made of."""
        return digest(self)


def generate(
    seed: int = 1, scale: float = 1.0, say: Callable[[str], None] = lambda text: None
) -> DemoCity:
    """The city of that seed. scale multiplies its streets, things and people.

    A scale above 1 needs room: the ground is stretched until it is scale times as large. A smaller city
    stands on Suwon's own ground, with fewer streets and houses on it.
    say is told what is made now. ValueError where scale is not between 0.05 and 20.
    """
    if not SMALLEST <= scale <= LARGEST:
        raise ValueError(f"The scale must lie between {SMALLEST} and {LARGEST}, not {scale}.")
    say("land and water")
    border = outline(float(np.sqrt(max(scale, 1.0))))
    bones = skeleton(seed, border)
    land = terrain(seed, border, bones)
    say("roads")
    way = pattern(seed, border, bones, land)
    net = main_roads(seed, min(scale, 1.0), border, bones, land, way)
    say("blocks and buildings")
    pieces = blocks(seed, scale, border, bones, land, way, net)
    built = buildings(seed, scale, pieces, bones)
    names = Names(seed)
    local = apart(net, reachable(local_streets(pieces.cuts, net)))
    streets = roads(seed, net, local, names)
    say("people and places")
    addresses = Addresses(border, streets)
    ground = Ground(seed, scale, border, bones, pieces, built, streets, names, addresses)
    found = places(ground)
    slow_down(streets, found)
    residents = residents_by_dong(seed, scale, border, built)
    say("cameras, devices and vehicles")
    return DemoCity(
        seed=seed,
        scale=scale,
        outline=border,
        skeleton=bones,
        terrain=land,
        roads=streets,
        blocks=pieces,
        buildings=built,
        water_names=_water_names(names, land),
        hill_names=tuple(names.root("hill") + "산" for _ in land.hills),
        residents=residents,
        households=households(residents),
        places=tuple(found),
        cameras=tuple(camera_sites(ground, land, found)),
        devices=tuple(devices(ground, land, found)),
        emergency=tuple(emergency_vehicles(scale, found)),
        others=tuple(other_vehicles(seed, scale)),
    )


def slow_down(streets: Roads, found: list[Place]) -> None:
    """Side streets in school zones are driven at 30 km/h."""
    zones = [place.ground for place in found if place.kind == "child-zone"]
    slow = np.flatnonzero(
        (streets.lanes[: streets.main] <= 2) & (streets.speed_kmh[: streets.main] == 50)
    )
    middles = shapely.line_interpolate_point(
        [shapely.LineString(streets.lines[link]) for link in slow], 0.5, normalized=True
    )
    tree = shapely.STRtree(middles)
    streets.speed_kmh[slow[np.unique(tree.query(zones, predicate="contains")[1])]] = 30


def _water_names(names: Names, land: Terrain) -> tuple[str, ...]:
    """Streams first, then lakes."""
    streams = [names.root("stream") + "천" for _ in land.streams]
    return (*streams, *(names.root("lake") + "저수지" for _ in land.lakes))
