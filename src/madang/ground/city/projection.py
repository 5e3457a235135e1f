"""From degrees to the city's metres and back. x is east, y is north; arrays in, arrays out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer

Floats = NDArray[np.float64]
DEGREE_DIGITS = 7  # 1e-7 degrees is one centimetre
METRE_DIGITS = 3


@lru_cache(maxsize=64)
def transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


@lru_cache(maxsize=64)
def crs(name: str) -> CRS:
    return CRS.from_user_input(name)


def to_metres(lon: ArrayLike, lat: ArrayLike, city_crs: str) -> tuple[Floats, Floats]:
    """x and y in metres of points in degrees, rounded to the millimetre."""
    x, y = transformer("EPSG:4326", city_crs).transform(np.asarray(lon), np.asarray(lat))
    return np.round(x, METRE_DIGITS), np.round(y, METRE_DIGITS)


def to_degrees(x: ArrayLike, y: ArrayLike, city_crs: str) -> tuple[Floats, Floats]:
    """lon and lat of points in metres, rounded to the centimetre."""
    lon, lat = transformer(city_crs, "EPSG:4326").transform(np.asarray(x), np.asarray(y))
    return np.round(lon, DEGREE_DIGITS), np.round(lat, DEGREE_DIGITS)


def reproject(geometries: Any, source: str, target: str) -> Any:
    """An array of shapely geometries in another CRS, one call for all their coordinates."""
    change = transformer(source, target)
    digits = DEGREE_DIGITS if crs(target).is_geographic else METRE_DIGITS

    def move(points: Floats) -> Floats:
        x, y = change.transform(points[:, 0], points[:, 1])
        return np.round(np.column_stack([x, y]), digits)

    return shapely.transform(geometries, move)
