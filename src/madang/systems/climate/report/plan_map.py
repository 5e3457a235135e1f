"""A report's map: what is drawn, over how it changes the air of the hot day, among roads and districts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db.models import Q
from numpy.typing import NDArray

from madang.ground.city.models import City
from madang.ground.city.models.districts import District
from madang.ground.city.models.roads import RoadLink
from madang.ground.city.projection import reproject, transformer
from madang.systems.climate.asking import ask
from madang.systems.climate.messages import Picture, View
from madang.systems.climate.models import Kind, Scenario
from madang.systems.climate.pictures import COOLER, Scale, png

WIDTH, HEIGHT = 178.0, 96.0  # mm
PIXELS = 6  # to a millimetre
AROUND = 600.0  # metres around what is drawn, within which most of the air changes
MOST_ROADS = 20_000
WEIGHTS = {"local": 0.12, "service": 0.12, "city": 0.3, "ramp": 0.3}  # mm; others are main roads
MAIN = 0.55
Box = tuple[float, float, float, float]  # west, south, east, north
Points = NDArray[np.float64]  # (n, 2): mm from the map's upper left


@dataclass(frozen=True)
class PlanMap:
    """All in mm from the upper left; most: °C at both ends of the colours; metres: of the whole width."""

    picture: bytes
    most: float
    metres: float
    roads: list[tuple[float, Points]]
    districts: list[tuple[str, Points]]
    areas: list[Points]
    lines: list[Points]
    names: list[tuple[str, float, float]]


def plan_map(plan: Scenario, edits: list[dict[str, Any]], language: str) -> PlanMap:
    """edits as the climate process tells them: one at least, in metres of the city."""
    city = plan.city
    rings = [(edit["kind"], np.asarray(ring)) for edit in edits for ring in edit["rings"]]
    box, true = _framed(np.vstack([ring for _, ring in rings]), city.crs)
    picture, most = _air(plan, box)
    frame = Frame(box)
    outlines, names = _districts(city, frame, language)
    moved = [(kind, frame.place(_mercator(ring, city.crs))) for kind, ring in rings]
    return PlanMap(
        picture, most, true, _roads(city, frame), outlines,
        [points for kind, points in moved if kind != Kind.TREES],
        [points for kind, points in moved if kind == Kind.TREES], names,
    )  # fmt: skip


@dataclass(frozen=True)
class Frame:
    """The map's box in metres of EPSG:3857, and where on paper a point of it lies."""

    box: Box

    def place(self, points: NDArray[np.float64]) -> Points:
        west, south, east, north = self.box
        x = (points[:, 0] - west) / (east - west) * WIDTH
        return np.column_stack([x, (north - points[:, 1]) / (north - south) * HEIGHT])

    @property
    def degrees(self) -> Box:
        corners = np.array(self.box).reshape(2, 2)
        (west, east), (south, north) = transformer("EPSG:3857", "EPSG:4326").transform(*corners.T)
        return west, south, east, north


def _framed(points: NDArray[np.float64], crs: str) -> tuple[Box, float]:
    """A box of the map's shape around points, and how many true metres it is wide."""
    (west, south), (east, north) = points.min(axis=0) - AROUND, points.max(axis=0) + AROUND
    wide = max(east - west, (north - south) * WIDTH / HEIGHT)
    middle = np.array([(west + east) / 2, (south + north) / 2])
    ends = _mercator(middle + np.array([[-wide / 2, 0], [wide / 2, 0]]), crs)
    (x, y), half = ends.mean(axis=0), float(np.ptp(ends[:, 0])) / 2
    high = half * HEIGHT / WIDTH
    return (float(x) - half, float(y) - high, float(x) + half, float(y) + high), float(wide)


def _mercator(points: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    return np.column_stack(transformer(crs, "EPSG:3857").transform(*points.T))


def _air(plan: Scenario, box: Box) -> tuple[bytes, float]:
    """The change of the air as a picture, its colours as wide as the change is large."""
    wide, high = round(WIDTH * PIXELS), round(HEIGHT * PIXELS)
    view = View(city=plan.city_id, scenario=plan.pk, layer="temperature_change", box=box,
                width=wide, height=high, raw=True)  # fmt: skip
    found = ask(view)
    assert isinstance(found, Picture)
    values = np.frombuffer(found.data, np.float32).reshape(high, wide)
    most = rounded_up(float(np.nanmax(np.abs(values), initial=0.0)))
    scale = Scale("°C", -most, most, COOLER, nothing=most / 50)
    return png(scale.places(values), scale.palette()), most


def rounded_up(value: float) -> float:
    """The next of 1, 2 and 5 times a power of ten; a thousandth at least."""
    value = max(value, 0.001)
    power = 10.0 ** np.floor(np.log10(value))
    return float(power * next(step for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9)))


def _within(frame: Frame) -> Q:
    west, south, east, north = frame.degrees
    return Q(west__lte=east, east__gte=west, south__lte=north, north__gte=south)


def _roads(city: City, frame: Frame) -> list[tuple[float, Points]]:
    rows = RoadLink.objects.filter(_within(frame), city=city)[:MOST_ROADS]
    kept = [(WEIGHTS.get(row.rank, MAIN), bytes(row.geometry)) for row in rows]
    shapes = reproject(
        shapely.from_wkb([geometry for _, geometry in kept]), "EPSG:4326", "EPSG:3857"
    )
    return [
        (weight, frame.place(shapely.get_coordinates(shape)))
        for (weight, _), shape in zip(kept, shapes, strict=True)
    ]


def _districts(
    city: City, frame: Frame, language: str
) -> tuple[list[tuple[str, Points]], list[tuple[str, float, float]]]:
    """Outlines, and names where there is room: in the middle of what the map shows of each."""
    rows = list(District.objects.filter(_within(frame), city=city, level="dong"))
    shapes = reproject(
        shapely.from_wkb([bytes(row.geometry) for row in rows]), "EPSG:4326", "EPSG:3857"
    )
    outlines, names, window = [], [], shapely.box(*frame.box)
    for row, shape in zip(rows, shapes, strict=True):
        name = row.names.get(language) or row.names.get("ko") or row.key
        for ring in shapely.get_rings(shapely.get_parts(shape)):
            outlines.append((name, frame.place(shapely.get_coordinates(ring))))
        seen = shapely.intersection(shape, window)
        if shapely.area(seen) > shapely.area(window) / 30:
            [(x, y)] = frame.place(shapely.get_coordinates(shapely.point_on_surface(seen)))
            names.append((name, float(x), float(y)))
    return outlines, names
