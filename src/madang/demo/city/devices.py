"""Things that measure and call for help: weather, air and water gauges, emergency bells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from madang.demo.city.cameras import Spots
from madang.demo.city.chance import chance
from madang.demo.city.field import field_devices
from madang.demo.city.grades import Grade
from madang.demo.city.places import Ground, some, spread
from madang.demo.city.raster import Floats
from madang.demo.city.signals import signalled
from madang.demo.city.terrain import Terrain
from madang.demo.city.things import Device, Place

WEATHER, AIR, STREAM_GAUGES, BELLS, DETECTORS = 6, 8, 14, 74, 240
BEFORE_LINE = 60.0  # metres before the stop line at which a detector stands, or halfway


def devices(ground: Ground, terrain: Terrain, places: Sequence[Place]) -> list[Device]:
    return [
        *_weather(ground, places),
        *_air(ground, places),
        *_underpass_gauges(ground, places),
        *_stream_gauges(ground, terrain),
        *_bells(ground, terrain, places),
        *_detectors(ground),
        *field_devices(ground),
    ]


def _weather(ground: Ground, places: Sequence[Place]) -> list[Device]:
    """Weather is measured in parks, away from walls."""
    parks = [place for place in places if place.kind == "park" and place.details["area_m2"] > 5000]
    return _at(ground, "WEATHER", "weather_station", "기상관측소", parks, WEATHER)


def _air(ground: Ground, places: Sequence[Place]) -> list[Device]:
    offices = [place for place in places if place.details.get("level") == "dong"]
    return _at(ground, "AIR", "air_quality_station", "대기측정소", offices, AIR)


def _at(
    ground: Ground, prefix: str, kind: str, ending: str, places: list[Place], count: int
) -> list[Device]:
    points = np.array([(place.x, place.y) for place in places])
    chosen = spread(chance(ground.seed, prefix), points, some(count, ground.scale))
    return [
        Device(
            f"{prefix}-{number:03}", kind, f"{places[at].name} {ending}", places[at].x, places[at].y,
            of=places[at].key,
        )
        for number, at in enumerate(chosen, 1)
    ]  # fmt: skip


def _underpass_gauges(ground: Ground, places: Sequence[Place]) -> list[Device]:
    """Every underpass has a gauge at its lowest point."""
    roads = ground.roads
    found = []
    for number, place in enumerate([p for p in places if p.kind == "underpass"], 1):
        middles = (roads.nodes[roads.begin] + roads.nodes[roads.end]) / 2
        away = np.hypot(*(middles - (place.x, place.y)).T)
        away[roads.structure != "underpass"] = np.inf
        found.append(
            Device(
                f"UPLEVEL-{number:03}", "underpass_gauge", f"{place.name} 수위계", place.x, place.y,
                of=place.key, link=int(np.argmin(away)),
            )
        )  # fmt: skip
    return found


def _stream_gauges(ground: Ground, terrain: Terrain) -> list[Device]:
    """Where roads cross streams, in order down each stream."""
    random = chance(ground.seed, "stream gauges")
    roads = ground.roads
    bridges = np.flatnonzero(
        (roads.structure == "bridge") & (np.arange(len(roads.begin)) < roads.main)
    )
    points = (roads.nodes[roads.begin[bridges]] + roads.nodes[roads.end[bridges]]) / 2
    wet = shapely.distance(terrain.water, shapely.points(points)) < 30
    bridges, points = bridges[wet], points[wet]
    chosen = spread(random, points, some(STREAM_GAUGES, ground.scale))
    return [
        Device(
            f"STLEVEL-{number:03}", "stream_gauge", f"{roads.name[bridges[at]]} 하천 수위계",
            round(float(points[at][0]), 2), round(float(points[at][1]), 2), link=int(bridges[at]),
        )
        for number, at in enumerate(chosen, 1)
    ]  # fmt: skip


def _detectors(ground: Ground) -> list[Device]:
    """Radars over the approaches of signalled crossings, those of the greatest streets first."""
    roads = ground.roads
    approach = signalled(roads)[roads.end[: roads.main]]
    links = np.flatnonzero(approach & (roads.grade[: roads.main] <= int(Grade.MAIN)))
    ends = roads.nodes[roads.end[links]]
    chosen = spread(chance(ground.seed, "detectors"), ends, some(DETECTORS, ground.scale))
    found = []
    for number, link in enumerate(sorted({int(links[at]) for at in chosen}), 1):
        line = shapely.LineString(roads.lines[link])
        point = shapely.line_interpolate_point(
            line, max(line.length - BEFORE_LINE, line.length / 2)
        )
        name = roads.node_name[int(roads.end[link])]
        found.append(
            Device(
                f"VDS-{number:04}", "vehicle_detector",
                " ".join(filter(None, (roads.name[link], name, "검지기"))),
                round(float(point.x), 2), round(float(point.y), 2), link=link,
            )
        )  # fmt: skip
    return found


def _bells(ground: Ground, terrain: Terrain, places: Sequence[Place]) -> list[Device]:
    """Emergency bells: neighbourhoods, parks and school zones, in the proportions of 2018."""
    spots = Spots(ground, terrain, places)
    found: list[Device] = []
    for use, share in (("neighbourhood", 0.32), ("park", 0.43), ("school", 0.25)):
        points: Floats = spots.of(use)
        wanted = some(round(BELLS * share), ground.scale)
        for at in spread(chance(ground.seed, f"bells {use}"), points, wanted):
            x, y = (round(float(value), 2) for value in points[at] + 2.0)
            number = len(found) + 1
            name = f"안심비상벨 {ground.addresses.of(x, y)}"
            found.append(Device(f"BELL-{number:04}", "bell", name, x, y))
    return found
