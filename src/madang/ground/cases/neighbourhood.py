"""The ground around a case as a small drawing: water, parks, buildings and roads, without script."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from madang.ground.city.models import City, RoadLink, Shape
from madang.ground.city.public import overlapping

METRES = 260.0  # from the middle to an edge
DEGREE = 111_320.0  # metres of a degree of latitude
WIDE = ("motorway", "expressway", "national", "metropolitan", "provincial")
GROUND = {"water": "water", "park": "green", "green": "green", "building": "building"}
MOST = 600


@dataclass(frozen=True)
class Stroke:
    """One path: its look (a class of the style sheet) and SVG's own words for its way."""

    look: str
    way: str


def around(city: City, lon: float, lat: float) -> list[Stroke]:
    """What lies within METRES of a point, lowest first; x goes right and y down, in metres."""
    east, north = METRES / (DEGREE * math.cos(math.radians(lat))), METRES / DEGREE
    box = [lon - east, lat - north, lon + east, lat + north]
    place = _Place(lon, lat)
    grounds = [
        Stroke(GROUND[shape.kind], place.way(shape.geometry, box))
        for shape in overlapping(Shape, city, box)[:MOST]
        if shape.kind in GROUND
    ]
    roads = [
        Stroke("road wide" if road.rank in WIDE else "road", place.way(road.geometry, box))
        for road in overlapping(RoadLink, city, box)[:MOST]
    ]
    order = ["green", "water", "building"]
    grounds.sort(key=lambda stroke: order.index(stroke.look))
    return [stroke for stroke in (*grounds, *roads) if stroke.way]


@dataclass(frozen=True)
class _Place:
    lon: float
    lat: float

    def way(self, wkb: bytes | memoryview, box: list[float]) -> str:
        """A geometry's lines and rings, cut to the box."""
        seen = shapely.clip_by_rect(shapely.from_wkb(bytes(wkb)), *box)
        lines = [line for part in shapely.get_parts(seen) for line in _lines(part)]
        return " ".join(self._line(shapely.get_coordinates(line)) for line in lines)

    def _line(self, points: Any) -> str:
        x = (points[:, 0] - self.lon) * DEGREE * math.cos(math.radians(self.lat))
        y = (self.lat - points[:, 1]) * DEGREE
        pairs = np.column_stack([x, y]).round().astype(int)
        return "M" + "L".join(f"{a} {b}" for a, b in pairs.tolist())


def _lines(part: Any) -> list[Any]:
    if part.geom_type == "Polygon":
        return [part.exterior, *part.interiors]
    return [part] if part.geom_type == "LineString" else []
