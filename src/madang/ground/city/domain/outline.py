"""Whether things lie in the city: within the union of its districts, and a margin around it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import shapely

from madang.ground.city.models import City, District
from madang.ground.city.projection import reproject
from madang.ground.city.reasons import Rejected
from madang.ground.city.records import Record

MARGIN_M = 1_000
"""How far outside a thing may lie and still be the city's: its ring roads and border crossings do."""


class CityOutline:
    """Compares measured records with the city's outline; a city without districts holds everything."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.near = 0
        self.furthest = 0.0

    def far(self, records: list[Record]) -> dict[int, Rejected]:
        """Reasons by row number, for the records further than the margin outside."""
        placed = [record for record in records if "lon" in record.values or "west" in record.values]
        if not placed or self._outline is None:
            return {}
        lon, lat = np.array([_middle(record) for record in placed]).T
        points = reproject(shapely.points(lon, lat), "EPSG:4326", self.city.crs)
        distance = shapely.distance(points, self._outline)
        outside = (distance > 0) & (distance <= MARGIN_M)
        self.near += int(outside.sum())
        self.furthest = max(self.furthest, float(distance[outside].max(initial=0)))
        return {
            placed[i].number: Rejected(
                "outside", km=round(float(distance[i]) / 1000, 1), lon=lon[i], lat=lat[i]
            )
            for i in np.flatnonzero(distance > MARGIN_M)
        }

    @cached_property
    def _outline(self) -> Any:
        rows = District.objects.filter(city=self.city).values_list("geometry", flat=True)
        shapes = [shapely.from_wkb(bytes(wkb)) for wkb in rows]
        if not shapes:
            return None
        whole = shapely.union_all(reproject(np.array(shapes), "EPSG:4326", self.city.crs))
        shapely.prepare(whole)
        return whole


def _middle(record: Record) -> tuple[float, float]:
    values = record.values
    if "lon" in values:
        return values["lon"], values["lat"]
    return (values["west"] + values["east"]) / 2, (values["south"] + values["north"]) / 2
