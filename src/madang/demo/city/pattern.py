"""Which way streets run and how close they lie, everywhere in the city.

A direction and the one across it are the same pattern, so angles are kept as (cos 4a, sin 4a): near an
expressway, a trunk road, the railway, a stream or the foot of a hill streets run along or across it;
between them quarters of different ages have grids of their own; the old town is round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter, zoom
from scipy.spatial import cKDTree

from madang.demo.city import lines
from madang.demo.city.chance import chance
from madang.demo.city.outline import Outline
from madang.demo.city.raster import Flags, Floats, Raster
from madang.demo.city.skeleton import Skeleton
from madang.demo.city.terrain import Terrain, noise

QUARTERS = 22
GROWTH = 5200.0  # metres from the old town at which the city thins out
FAR_FIELDS = ((200.4, 515.0, 1500), (194.7, 520.4, 900), (197.2, 523.9, 600), (201.2, 525.0, 1200))


@dataclass(frozen=True)
class Pattern:
    """angle (radians, one of the four ways), density (0 nothing to 1 the old town), closed cells."""

    raster: Raster
    angle: Floats
    density: Floats
    closed: Flags


def pattern(seed: int, outline: Outline, skeleton: Skeleton, terrain: Terrain) -> Pattern:
    raster = terrain.raster
    closed = terrain.wooded | ~raster.inside(outline.border.buffer(-20)) | _lakes(raster, terrain)
    density = _density(seed, raster, outline, skeleton, terrain)
    return Pattern(raster, _angle(seed, raster, skeleton, terrain), density, closed)


def _lakes(raster: Raster, terrain: Terrain) -> Flags:
    flags = np.zeros(raster.shape, dtype=bool)
    for lake in terrain.lakes:
        flags |= raster.inside(lake.buffer(30))
    return flags


def _density(
    seed: int, raster: Raster, outline: Outline, skeleton: Skeleton, terrain: Terrain
) -> Floats:
    """Dense at the old town and along trunk roads, thin at the edges and in the fields."""
    random = chance(seed, "density")
    x, y = raster.centres()
    far = skeleton.far(np.stack([x, y], axis=-1))
    trunks = _near(raster, [*skeleton.trunks, *skeleton.boulevards], 900 * outline.stretch)[0]
    density = 0.25 + 0.55 * np.exp(-((far / GROWTH) ** 4)) + 0.22 * trunks
    density += 0.09 * noise(random, raster, 700) + 0.25 * np.exp(-((far / 1500) ** 2))
    for east, north, breadth in FAR_FIELDS:
        middle = outline.placed([(east, north)])[0]
        away = np.hypot(x - middle[0], y - middle[1]) / outline.stretch
        density -= 0.62 * np.exp(-((away / breadth) ** 4))
    density[terrain.wooded] = 0
    return np.asarray(np.clip(gaussian_filter(density, 2), 0, 1))


def _angle(seed: int, raster: Raster, skeleton: Skeleton, terrain: Terrain) -> Floats:
    cos, sin = _quarters(seed, raster, round(QUARTERS * skeleton.stretch**2))
    strong = [*skeleton.motorways, *skeleton.trunks, *skeleton.boulevards, skeleton.railways[0]]
    streams = [stream.line for stream in terrain.streams]
    for drawn, reach, weight in ((streams, 240, 1.2), (strong, 480, 3.0)):
        near, angle = _near(raster, drawn, reach)
        cos += weight * near * np.cos(4 * angle)
        sin += weight * near * np.sin(4 * angle)
    for angle, near in (_round(raster, skeleton), _foot(terrain)):
        cos += near * np.cos(4 * angle)
        sin += near * np.sin(4 * angle)
    breadth = 130 / raster.cell
    return np.asarray(np.arctan2(gaussian_filter(sin, breadth), gaussian_filter(cos, breadth)) / 4)


def _quarters(seed: int, raster: Raster, count: int) -> tuple[Floats, Floats]:
    """Each cell follows the grid of the quarter it is nearest to."""
    random = chance(seed, "quarters")
    x, y = raster.centres()
    middles = random.uniform([x.min(), y.min()], [x.max(), y.max()], (count, 2))
    turns = random.normal(0.35, 0.35, count)
    turn = turns[cKDTree(middles).query(np.stack([x, y], axis=-1))[1]]
    return np.cos(4 * turn) * 0.8, np.sin(4 * turn) * 0.8


def _near(raster: Raster, drawn: list[Floats], reach: float) -> tuple[Floats, Floats]:
    """How near the nearest of drawn is (1 on it, fading over reach metres) and which way it runs."""
    angle = np.zeros(raster.shape)
    free = np.ones(raster.shape, dtype=bool)
    for line in drawn:
        points = lines.resample(line, raster.cell / 2)
        cells = raster.cells(points)
        ahead = np.gradient(points, axis=0)
        angle[cells] = np.arctan2(ahead[:, 1], ahead[:, 0])
        free[cells] = False
    away, (row, column) = distance_transform_edt(free, return_indices=True)
    return np.exp(-away * raster.cell / reach), angle[row, column]


def _round(raster: Raster, skeleton: Skeleton) -> tuple[Floats, Floats]:
    places = np.stack(raster.centres(), axis=-1)
    east, north = np.moveaxis(places - np.array(skeleton.centre), -1, 0)
    return np.arctan2(north, east), 1.1 * np.exp(-((skeleton.far(places) / 1200) ** 4))


def _foot(terrain: Terrain) -> tuple[Floats, Floats]:
    """Along the contour lines of a slope."""
    down_y, down_x = np.gradient(gaussian_filter(terrain.height, 4), terrain.raster.cell)
    return np.arctan2(down_y, down_x) + np.pi / 2, np.clip(np.hypot(down_x, down_y) * 9, 0, 1.5)


def finer(pattern: Pattern, times: int) -> Pattern:
    """The same pattern in cells of 1/times the size, for tracing."""
    raster = pattern.raster
    fine = Raster(
        raster.west, raster.south, raster.cell / times, raster.columns * times, raster.rows * times
    )
    cos, sin = (
        zoom(part(4 * pattern.angle), times, order=1, grid_mode=True, mode="nearest")
        for part in (np.cos, np.sin)
    )
    density = zoom(pattern.density, times, order=1, grid_mode=True, mode="nearest")
    closed = np.repeat(np.repeat(pattern.closed, times, axis=0), times, axis=1)
    return Pattern(fine, np.arctan2(sin, cos) / 4, density, closed)
