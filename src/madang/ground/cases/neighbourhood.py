"""The ground around a case as a small drawing without script, or the districts that it is about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from madang.ground.city.models import City, District, RoadLink, Shape
from madang.ground.city.public import overlapping

METRES = 260.0  # from the middle to an edge
EDGE = 1.12  # of districts, how much farther one sees
DEGREE = 111_320.0  # metres of a degree of latitude
WIDE = ("motorway", "expressway", "national", "metropolitan", "provincial")
GROUND = {"water": "water", "park": "green", "green": "green", "building": "building"}
MOST = 600


@dataclass(frozen=True)
class Stroke:
    """One path: its look (a class of the style sheet) and SVG's own words for its way."""

    look: str
    way: str


@dataclass(frozen=True)
class Name:
    """What is written at a place of the drawing."""

    text: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    """Strokes, lowest first, within METRES of the middle; x goes right, y down. half: metres of the city."""

    strokes: list[Stroke]
    half: float = METRES
    names: tuple[Name, ...] = ()

    @property
    def across(self) -> int:
        return round(2 * self.half)


def around(city: City, lon: float, lat: float) -> Drawing:
    """What lies within METRES of a point."""
    place = _Place(lon, lat)
    box = place.box(METRES)
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
    return Drawing([stroke for stroke in (*grounds, *roads) if stroke.way])


def of_districts(city: City, ids: list[str], language: str) -> Drawing | None:
    """Districts among those around them; None where the city has none of them any more."""
    rows = [row for row in District.objects.filter(city=city) if str(row.pk) in ids]
    if not rows:
        return None
    shapes = {row.pk: shapely.from_wkb(bytes(row.geometry)) for row in rows}
    west, south, east, north = shapely.total_bounds(list(shapes.values()))
    lon, lat = (west + east) / 2, (south + north) / 2
    tall, wide = (north - south) * DEGREE, (east - west) * DEGREE * math.cos(math.radians(lat))
    half = max(tall, wide) / 2 * EDGE
    place = _Place(lon, lat, METRES / half)
    box = place.box(half)
    others = [row for row in overlapping(District, city, box) if row.pk not in shapes]
    strokes = [Stroke("border", place.way(row.geometry, box)) for row in others]
    strokes += [Stroke("chosen", place.way(row.geometry, box)) for row in rows]
    names = tuple(Name(row.name(language), *place.at(row.lon, row.lat)) for row in rows)
    return Drawing([stroke for stroke in strokes if stroke.way], half, names)


@dataclass(frozen=True)
class _Place:
    lon: float
    lat: float
    scale: float = 1.0

    def box(self, half: float) -> list[float]:
        """half metres around it, in degrees."""
        east, north = half / (DEGREE * math.cos(math.radians(self.lat))), half / DEGREE
        return [self.lon - east, self.lat - north, self.lon + east, self.lat + north]

    def at(self, lon: float, lat: float) -> tuple[int, int]:
        """A point in degrees on the drawing."""
        x, y = self._drawn(np.array([[lon, lat]]))[0]
        return int(x), int(y)

    def way(self, wkb: bytes | memoryview, box: list[float]) -> str:
        """A geometry's lines and rings, cut to the box."""
        seen = shapely.clip_by_rect(shapely.from_wkb(bytes(wkb)), *box)
        lines = [line for part in shapely.get_parts(seen) for line in _lines(part)]
        return " ".join(self._line(shapely.get_coordinates(line)) for line in lines)

    def _drawn(self, points: Any) -> Any:
        x = (points[:, 0] - self.lon) * DEGREE * math.cos(math.radians(self.lat))
        y = (self.lat - points[:, 1]) * DEGREE
        return (np.column_stack([x, y]) * self.scale).round().astype(int)

    def _line(self, points: Any) -> str:
        pairs = self._drawn(points)
        return "M" + "L".join(f"{a} {b}" for a, b in pairs.tolist())


def _lines(part: Any) -> list[Any]:
    if part.geom_type == "Polygon":
        return [part.exterior, *part.interiors]
    return [part] if part.geom_type == "LineString" else []
