"""Buildings on the blocks: rows of houses, slabs of apartments facing south, shops, halls, campuses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from madang.demo.city.blocks import Blocks, Geometries, frames
from madang.demo.city.chance import chance
from madang.demo.city.raster import Floats
from madang.demo.city.skeleton import Skeleton


@dataclass(frozen=True)
class Plot:
    """How a use is built: lots and houses (metres along and across the street), storeys, storey height.

    share is how many of the lots are built on; margin is kept from the block's edge.
    """

    lot: tuple[float, float]
    house: tuple[float, float]
    storeys: tuple[int, int]
    storey_height: float
    share: float
    margin: float
    faces_south: bool = False


PLOTS: dict[str, Plot] = {
    "houses": Plot((15.5, 16.5), (11.5, 12.5), (2, 5), 3.1, 0.93, 1.5),
    "apartments": Plot((68, 50), (54, 12.5), (12, 29), 2.9, 0.95, 9, faces_south=True),
    "commerce": Plot((25, 27), (21, 22), (3, 13), 3.7, 0.92, 2),
    "industry": Plot((64, 52), (52, 40), (1, 3), 4.8, 0.85, 5),
    "campus": Plot((62, 48), (46, 15), (3, 6), 3.6, 0.62, 9),
}


@dataclass(frozen=True)
class Buildings:
    """Footprints in metres, storeys, height in metres, use, and the number of the block each is on."""

    polygons: Geometries
    storeys: NDArray[np.intp]
    height: Floats
    uses: NDArray[np.str_]
    block: NDArray[np.intp]

    def floor_area(self) -> Floats:
        return np.asarray(shapely.area(self.polygons) * self.storeys)


def buildings(seed: int, scale: float, ground: Blocks, skeleton: Skeleton) -> Buildings:
    random = chance(seed, "buildings")
    parts = [
        _of_use(random, plot, np.flatnonzero(ground.uses == use), ground.polygons, scale)
        for use, plot in PLOTS.items()
        if (ground.uses == use).any()
    ]
    polygons, storeys, heights, block = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    storeys, heights = _higher_in_the_middle(
        polygons, storeys, heights, ground.uses[block], skeleton
    )
    return Buildings(polygons, storeys, np.round(heights, 1), ground.uses[block], block)


def _of_use(
    random: np.random.Generator,
    plot: Plot,
    numbers: NDArray[np.intp],
    grounds: Geometries,
    scale: float,
) -> tuple[Geometries, NDArray[np.intp], Floats, NDArray[np.intp]]:
    inner = shapely.buffer(grounds[numbers], -plot.margin, join_style="mitre")
    middles, along, across, block = _lots(plot, grounds[numbers])
    kept = random.random(len(middles)) < plot.share * min(scale, 1.0)
    middles, along, across, block = middles[kept], along[kept], across[kept], block[kept]
    size = random.uniform(0.82, 1.06, (len(middles), 2)) * np.array(plot.house) / 2
    a, b = along * size[:, :1], across * size[:, 1:]
    ring = np.stack([middles - a - b, middles + a - b, middles + a + b, middles - a + b], axis=1)
    polygons = shapely.polygons(np.round(ring, 2))
    shapely.prepare(inner)
    fits = shapely.contains_properly(inner[block], polygons)
    low, high = plot.storeys
    per_block = random.uniform(0, 1, len(numbers))[block]
    storeys = low + (high - low + 1) * np.clip(
        per_block + random.normal(0, 0.12, len(block)), 0, 0.999
    )
    storeys = storeys.astype(np.intp)[fits]
    return polygons[fits], storeys, storeys * plot.storey_height + 0.8, numbers[block[fits]]


def _lots(plot: Plot, grounds: Geometries) -> tuple[Floats, Floats, Floats, NDArray[np.intp]]:
    """Middles of lots in rows over each ground, the directions along and across them, and the ground."""
    corner, along, across = frames(grounds)
    if plot.faces_south:
        turned = np.abs(along[:, 1]) > np.abs(along[:, 0])
        along, across = (
            np.where(turned[:, None], across, along),
            np.where(turned[:, None], along, across),
        )
    found = []
    for number in range(len(grounds)):
        found.append(_rows(plot, corner[number], along[number], across[number], number))
    middles, ahead, beside, of = zip(*found, strict=True)
    return (
        np.concatenate(middles),
        np.concatenate(ahead),
        np.concatenate(beside),
        np.concatenate(of),
    )


def _rows(
    plot: Plot, corner: Floats, along: Floats, across: Floats, number: int
) -> tuple[Floats, Floats, Floats, NDArray[np.intp]]:
    long, broad = np.hypot(*along), np.hypot(*across)
    columns, rows = max(1, int(long // plot.lot[0])), max(1, int(broad // plot.lot[1]))
    u, v = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    middles = corner + u.reshape(-1, 1) * along + v.reshape(-1, 1) * across
    count = len(middles)
    return (
        middles,
        np.repeat(along[None] / max(long, 1e-9), count, axis=0),
        np.repeat(across[None] / max(broad, 1e-9), count, axis=0),
        np.full(count, number),
    )


def _higher_in_the_middle(
    polygons: Geometries,
    storeys: NDArray[np.intp],
    heights: Floats,
    uses: NDArray[np.str_],
    skeleton: Skeleton,
) -> tuple[NDArray[np.intp], Floats]:
    """Shops and offices rise outside the old town, where heights are kept low around its wall."""
    far = skeleton.far(shapely.get_coordinates(shapely.centroid(polygons)))
    ratio = np.where((uses == "commerce") & (far > 1100) & (far < 3600), 1.5, 1.0)
    ratio = np.where((far < 1100) & (uses != "houses"), 0.45, ratio)
    raised = np.maximum(1, np.round(storeys * ratio)).astype(np.intp)
    return raised, heights * raised / storeys
