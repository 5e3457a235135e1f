"""In which coordinate system a file's numbers are: as it says, as the person says, or as only one fits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pyproj import Geod
from pyproj.exceptions import CRSError

from madang.ground.city.models import City
from madang.ground.city.projection import Floats, crs, transformer
from madang.ground.city.reasons import Note, Refused, note

# Korea's, old and new: central, UTM-K, central with 500 km, west, east, east sea, UTM 52.
METRIC = (
    "EPSG:5186",
    "EPSG:5179",
    "EPSG:5181",
    "EPSG:5185",
    "EPSG:5187",
    "EPSG:5188",
    "EPSG:32652",
)
DEGREES = 180
CITY_REACH = 0.5
AREA_REACH = 1.0
GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Reach:
    """Where a city's things may lie, in degrees: its box, or where its CRS is used, and some more."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def km_from_middle(self, lon: float, lat: float) -> str:
        """In whole kilometres; "?" for what is nowhere on the globe (a latitude of 100)."""
        middle = (self.west + self.east) / 2, (self.south + self.north) / 2
        metres = float(GEOD.inv(*middle, lon, lat)[2])
        return str(round(metres / 1000)) if math.isfinite(metres) else "?"


def reach(city: City) -> Reach:
    if None not in (city.west, city.south, city.east, city.north):
        box = (city.west or 0, city.south or 0, city.east or 0, city.north or 0)
        return _wider(box, CITY_REACH)
    area = crs(city.crs).area_of_use
    return _wider(area.bounds if area else (-180, -90, 180, 90), AREA_REACH)


def decide(
    declared: str | None, asked: str | None, points: Floats, city: City
) -> tuple[str, list[Note]]:
    """The CRS of points (n x 2, the file's x and y) and what to note; Refused where it cannot be."""
    if asked or declared:
        chosen = _known(asked or declared or "")
        code = "crs-asked" if asked else "crs-declared"
        notes = [note(code, crs=chosen)]
    else:
        chosen, notes = _guess(points, city)
    if len(points):
        _refuse_the_sea(chosen, points, city)
    return chosen, notes


def _known(name: str) -> str:
    try:
        found = crs(f"EPSG:{name}" if name.isdigit() else name)
    except CRSError:
        raise Refused("bad-crs", crs=name[:60]) from None
    code = found.to_epsg(min_confidence=60)
    return f"EPSG:{code}" if code else str(found.to_wkt())


def _guess(points: Floats, city: City) -> tuple[str, list[Note]]:
    if not len(points):
        return "EPSG:4326", []
    x, y = np.median(points, axis=0)
    if abs(x) <= DEGREES and abs(y) <= DEGREES:
        return "EPSG:4326", []
    fits = [name for name in METRIC if reach(city).holds(*_degrees(name, x, y))]
    if len(fits) != 1:
        raise Refused("no-crs", x=f"{x:.1f}", y=f"{y:.1f}")
    return fits[0], [note("crs-guessed", crs=fits[0])]


def _refuse_the_sea(chosen: str, points: Floats, city: City) -> None:
    lon, lat = _degrees(chosen, *np.median(points, axis=0))
    there = reach(city)
    if there.holds(lon, lat):
        return
    where = {"lon": f"{lon:.3f}", "lat": f"{lat:.3f}"}
    if there.holds(lat, lon):
        raise Refused("swapped", **where)
    raise Refused("in-the-sea", crs=chosen, km=there.km_from_middle(lon, lat), **where)


def _degrees(name: str, x: float, y: float) -> tuple[float, float]:
    if name == "EPSG:4326":
        return x, y
    lon, lat = transformer(name, "EPSG:4326").transform(x, y)
    return float(lon), float(lat)


def _wider(box: Sequence[float], by: float) -> Reach:
    return Reach(box[0] - by, box[1] - by, box[2] + by, box[3] + by)
