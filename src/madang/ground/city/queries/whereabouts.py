"""In which district a point lies: districts are held in memory, and read again when they change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from madang.ground.city.models import City, DataSet, District

NOWHERE = -1
KEPT_CITIES = 16


@dataclass(frozen=True)
class Districts:
    """The districts of one level of a city, ready to be asked about many points at once."""

    rows: tuple[District, ...]
    outlines: Any

    def of(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]:
        """For each point (degrees, n values) the place in rows of its district; NOWHERE (-1) outside.

        A point on a border belongs to the first of its districts.
        """
        x, y = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
        found = np.full(x.shape, NOWHERE, dtype=np.int32)
        boxes = shapely.bounds(self.outlines) if self.rows else np.empty((0, 4))
        for place, (west, south, east, north) in enumerate(boxes):
            near = (found == NOWHERE) & (x >= west) & (x <= east) & (y >= south) & (y <= north)
            candidates = np.flatnonzero(near)
            inside = shapely.intersects_xy(self.outlines[place], x[candidates], y[candidates])
            found[candidates[inside]] = place
        return found

    def at(self, lon: float, lat: float) -> District | None:
        """The district of one point, or None outside."""
        place = int(self.of([lon], [lat])[0])
        return None if place == NOWHERE else self.rows[place]


def districts_of(city: City, level: str = "dong") -> Districts:
    """The city's districts of a level ("gu", "dong"), of the data sets as they are now."""
    versions = DataSet.objects.filter(city=city, key__startswith="district")
    return _held(city.pk, level, tuple(versions.order_by("id").values_list("id", "version")))


@lru_cache(maxsize=KEPT_CITIES)
def _held(city: UUID, level: str, versions: tuple[Any, ...]) -> Districts:
    rows = tuple(District.objects.filter(city=city, level=level).order_by("key"))
    outlines = shapely.from_wkb(np.array([bytes(row.geometry) for row in rows], dtype=object))
    shapely.prepare(outlines)
    return Districts(rows, outlines)
