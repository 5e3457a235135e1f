"""What lies between the main roads: quarters with a use, cut by local streets into blocks.

A quarter is cut across its longer side, again and again, until its pieces are as large as its use
asks for: small for houses, large for a complex of apartments. The cuts are the local streets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from madang.demo.city.chance import chance
from madang.demo.city.grades import BUILDS
from madang.demo.city.network import Network
from madang.demo.city.outline import Outline
from madang.demo.city.pattern import Pattern
from madang.demo.city.raster import Floats
from madang.demo.city.skeleton import Skeleton
from madang.demo.city.terrain import Terrain

Use = Literal["houses", "apartments", "commerce", "industry", "campus", "park", "field", "green"]
USES: tuple[str, ...] = get_args(Use)
QUARTER = 62_000.0  # m²: larger ground is cut before it gets a use
BLOCK: dict[str, float] = {
    "houses": 5_200,
    "apartments": 40_000,
    "commerce": 6_800,
    "industry": 15_000,
    "campus": 15_000,
    "park": 1e12,
    "field": 1e12,
    "green": 1e12,
}
SMALL_PARKS = 230
WORKS = 2
LEAST = 350.0  # m²: what is smaller is a verge
STREET_CUT = 16.0  # metres between the quarters that a cut leaves for a street with its pavements

Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class Blocks:
    """Pieces of ground with their use, and the cuts between them, which are streets."""

    polygons: Geometries
    uses: NDArray[np.str_]
    cuts: Geometries


def blocks(
    seed: int,
    scale: float,
    outline: Outline,
    skeleton: Skeleton,
    terrain: Terrain,
    pattern: Pattern,
    net: Network,
) -> Blocks:
    random = chance(seed, "blocks")
    coarser = 1 / min(scale, 1.0)
    land = _land(outline, skeleton, terrain, net)
    built = pattern.raster.at(pattern.density, _middles(land)) > 0.27
    limits = np.where(built, QUARTER * coarser, 1e12)
    quarters, first_cuts = subdivided(random, land, limits)
    uses = _uses(random, quarters, skeleton, terrain, pattern)
    limits = np.array([BLOCK[use] for use in uses]) * coarser
    pieces, cuts, parents = _subdivided(random, quarters, limits)
    return Blocks(
        pieces,
        _with_small_parks(random, pieces, uses[parents], scale),
        np.concatenate([first_cuts, cuts]),
    )


def _with_small_parks(
    random: np.random.Generator, pieces: Geometries, uses: NDArray[np.str_], scale: float
) -> NDArray[np.str_]:
    """Here and there a block between houses is a children's park."""
    area = shapely.area(pieces)
    fit = np.flatnonzero((uses == "houses") & (area > 900) & (area < 4_000))
    wanted = min(len(fit), round(SMALL_PARKS * scale))
    found = uses.copy()
    found[random.choice(fit, wanted, replace=False)] = "park"
    return found


def _land(outline: Outline, skeleton: Skeleton, terrain: Terrain, net: Network) -> Geometries:
    """The ground that no road, rail, water or forest takes, in pieces."""
    taken = [
        shapely.LineString(edge.line).buffer(BUILDS[edge.grade].half_width + 2, quad_segs=3)
        for edge in net.edges
        if edge.structure != "tunnel"
    ]
    taken.append(shapely.LineString(skeleton.railways[0]).buffer(18))
    taken.append(terrain.water.buffer(12))
    taken.extend(terrain.hills)
    free = outline.border.buffer(-6).difference(shapely.union_all(taken))
    parts = shapely.get_parts(free.simplify(0.8))
    parts = parts[(shapely.area(parts) > LEAST) & (shapely.get_type_id(parts) == 3)]
    return _sorted(parts)


def _sorted(polygons: Geometries) -> Geometries:
    middles = _middles(polygons)
    return np.asarray(polygons[np.lexsort(middles.T)])


def _middles(polygons: Geometries) -> Floats:
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(polygons)))


def _uses(
    random: np.random.Generator,
    quarters: Geometries,
    skeleton: Skeleton,
    terrain: Terrain,
    pattern: Pattern,
) -> NDArray[np.str_]:
    middles = _middles(quarters)
    density = pattern.raster.at(pattern.density, middles)
    far = skeleton.far(middles)
    weights = _weights(middles, density, far, skeleton)
    works = _industrial(random, middles, far, round(WORKS * skeleton.stretch**2))
    weights[works] = [0.05, 0, 0.1, 0.8, 0, 0.03, 0, 0.02]
    by_water = shapely.distance(shapely.MultiPolygon(terrain.lakes), shapely.points(middles)) < 160
    weights[by_water & (random.random(len(middles)) < 0.75)] = [0, 0, 0, 0, 0, 1, 0, 0]
    weights[density < 0.27] = [0, 0, 0, 0, 0, 0, 0.8, 0.2]
    narrow = shapely.area(quarters) / shapely.length(quarters) < 9
    weights[narrow] = [0, 0, 0, 0, 0, 0, 0, 1]
    choice = weights.cumsum(axis=1) / weights.sum(axis=1, keepdims=True)
    chosen = (random.random((len(middles), 1)) > choice).sum(axis=1)
    return np.asarray(np.array(USES)[np.minimum(chosen, len(USES) - 1)])


def _weights(middles: Floats, density: Floats, far: Floats, skeleton: Skeleton) -> Floats:
    """How likely each use is: trade along trunk roads and in the middle, apartments farther out."""
    trunks = shapely.MultiLineString([*skeleton.trunks, *skeleton.boulevards])
    trade = np.exp(-shapely.distance(trunks, shapely.points(middles)) / 190)
    inner, outer = np.exp(-((far / 1700) ** 2)), 1 - np.exp(-((far / 2300) ** 2))
    return np.column_stack(
        [
            0.36 + 0.25 * inner,
            0.08 + 0.50 * outer * density,
            0.03 + 0.30 * trade * density + 0.30 * inner,
            0.010 * (1 - inner),
            np.full(len(far), 0.036),
            np.full(len(far), 0.045),
            np.clip(0.42 - density, 0, 1) * 1.6,
            np.full(len(far), 0.02),
        ]
    )


def _industrial(
    random: np.random.Generator, middles: Floats, far: Floats, count: int
) -> NDArray[np.bool_]:
    """Works' quarters, away from the old town."""
    outside = np.flatnonzero(far > 3000)
    spots = middles[random.choice(outside, count, replace=False)]
    return np.asarray(cKDTree(spots).query(middles)[0] < 620)


def subdivided(
    random: np.random.Generator, polygons: Geometries, limits: Floats
) -> tuple[Geometries, Geometries]:
    """polygons cut until none is larger than its limit (m²), and the cuts."""
    pieces, cuts, _ = _subdivided(random, polygons, limits)
    return pieces, cuts


def _subdivided(
    random: np.random.Generator, polygons: Geometries, limits: Floats
) -> tuple[Geometries, Geometries, NDArray[np.intp]]:
    done, done_parents, cuts = [], [], []
    parents = np.arange(len(polygons))
    while len(polygons):
        large = shapely.area(polygons) > limits[parents]
        done.append(polygons[~large])
        done_parents.append(parents[~large])
        halves, of, cut = _halved(random, polygons[large])
        cuts.append(cut)
        polygons, parents = halves, parents[large][of]
    return np.concatenate(done), np.concatenate(cuts), np.concatenate(done_parents)


def _halved(
    random: np.random.Generator, polygons: Geometries
) -> tuple[Geometries, NDArray[np.intp], Geometries]:
    """Both halves of each polygon (and which it is a half of), and the line between them."""
    corner, along, across = frames(polygons)
    share = random.uniform(0.42, 0.58, len(polygons))[:, None]
    middle = corner + along * share
    ahead = along / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    far = ahead * 20_000
    wide = across / np.maximum(np.hypot(*across.T), 1e-9)[:, None] * 20_000
    gap = ahead * (STREET_CUT / 2)
    cut = shapely.linestrings(np.stack([middle - wide, middle + wide], axis=1))
    sides = [
        shapely.polygons(np.stack([m - wide, m + wide, m + wide + f, m - wide + f], axis=1))
        for m, f in ((middle + gap, far), (middle - gap, -far))
    ]
    halves = np.concatenate([shapely.intersection(polygons, side) for side in sides])
    parts, of = shapely.get_parts(halves, return_index=True)
    kept = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) > LEAST)
    of = of[kept] % len(polygons) if len(polygons) else of[kept]
    lines = shapely.get_parts(shapely.intersection(cut, polygons))
    return parts[kept], of, lines[shapely.length(lines) > 12]


def frames(polygons: Geometries) -> tuple[Floats, Floats, Floats]:
    """The smallest turned rectangle around each polygon: a corner, its long side, its short side."""
    if not len(polygons):
        return np.empty((0, 2)), np.empty((0, 2)), np.empty((0, 2))
    ring = shapely.get_coordinates(shapely.oriented_envelope(polygons)).reshape(-1, 5, 2)
    one, other = ring[:, 1] - ring[:, 0], ring[:, 3] - ring[:, 0]
    longer = (np.hypot(*one.T) >= np.hypot(*other.T))[:, None]
    return ring[:, 0], np.where(longer, one, other), np.where(longer, other, one)
