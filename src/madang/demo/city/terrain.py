"""The land before the city: heights, wooded hills, streams and the lakes on them.

Where mountains and valleys lie follows from the outline (the north is high, water runs south); how
they bend, how high they are and how large the lakes are is the seed's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from shapely import MultiPolygon, Polygon

from madang.demo.city import lines
from madang.demo.city.chance import chance
from madang.demo.city.outline import Outline
from madang.demo.city.raster import Flags, Floats, Raster, over
from madang.demo.city.skeleton import Skeleton

CELL = 50
WOODED_ABOVE = 42.0  # metres over the plain: higher ground is forest and gets no streets

Points = list[tuple[float, float]]

# Ridges: points in kilometres, metres over the plain, breadth in metres.
RIDGES: tuple[tuple[Points, float, float], ...] = (
    ([(201.3, 527.6), (201.9, 526.6), (202.7, 525.6), (203.3, 524.9)], 420, 760),
    ([(201.2, 527.2), (200.5, 526.2), (199.8, 525.3)], 300, 560),
    ([(203.9, 524.3), (204.5, 523.6)], 170, 420),
    ([(197.9, 525.5), (197.5, 524.9)], 120, 330),
    ([(193.9, 519.9), (194.2, 519.0), (194.7, 518.2)], 190, 480),
    ([(195.4, 522.6), (195.1, 522.0)], 90, 300),
    ([(200.9, 520.2), (200.9, 519.8)], 115, 250),
    ([(202.9, 522.6), (203.4, 522.3)], 95, 320),
    ([(205.9, 519.6), (206.6, 519.9)], 110, 330),
    ([(206.6, 521.8), (207.2, 521.6)], 110, 320),
    ([(205.3, 522.9), (205.5, 523.4)], 100, 300),
    ([(198.6, 519.0), (198.5, 518.7)], 80, 210),
)

# Streams: points in kilometres from the spring to the city's border, breadth in metres.
STREAMS: tuple[tuple[Points, float], ...] = (
    (
        [(201.3, 525.9), (201.6, 524.8), (201.95, 523.7), (202.2, 522.4), (201.75, 520.9),
         (201.85, 519.6), (201.35, 518.2), (201.3, 516.6), (201.0, 515.3), (200.6, 513.6)],
        34,
    ),
    (
        [(200.2, 524.9), (200.0, 523.6), (199.6, 522.3), (198.95, 521.0), (198.8, 519.9),
         (198.75, 518.3), (199.0, 516.8), (199.3, 515.4), (199.9, 514.0), (199.7, 513.2)],
        38,
    ),
    (
        [(204.3, 523.2), (205.0, 522.0), (205.55, 521.0), (205.0, 519.8), (204.2, 518.4),
         (203.55, 517.0), (203.3, 515.8), (202.7, 514.6), (202.3, 513.6)],
        40,
    ),
    (
        [(196.1, 523.3), (196.6, 522.3), (196.55, 521.0), (196.3, 519.4), (196.6, 517.9),
         (197.3, 516.6), (197.9, 515.5), (198.4, 513.9)],
        30,
    ),
)  # fmt: skip

# Lakes: which stream, how far down it (0 to 1), and the two half axes in metres.
LAKES: tuple[tuple[int, float, float, float], ...] = (
    (0, 0.20, 340, 170),
    (1, 0.17, 260, 210),
    (1, 0.43, 420, 230),
    (2, 0.14, 430, 260),
    (2, 0.32, 380, 300),
    (3, 0.12, 330, 230),
)


@dataclass(frozen=True)
class Stream:
    """A stream from its spring to the border, its breadth in metres, and its water as an area."""

    line: Floats
    breadth: float
    water: Polygon | MultiPolygon


@dataclass(frozen=True)
class Terrain:
    """height (metres) and wooded are cells of raster; water is all streams and lakes together."""

    raster: Raster
    height: Floats
    wooded: Flags
    hills: tuple[Polygon, ...]
    streams: tuple[Stream, ...]
    lakes: tuple[Polygon, ...]
    water: Polygon | MultiPolygon


def terrain(seed: int, outline: Outline, skeleton: Skeleton) -> Terrain:
    """The land of the city of that seed. No lake lies on a line of its skeleton."""
    raster = over(outline.border, CELL)
    streams, lakes = _waters(seed, outline, skeleton)
    water = shapely.union_all([*(stream.water for stream in streams), *lakes])
    over_plain = _over_plain(seed, outline, raster, water)
    wooded = gaussian_filter(over_plain, 1.0) > WOODED_ABOVE
    hills = _outlines(raster, wooded, outline.border, water)
    return Terrain(
        raster, _plain(outline, raster) + over_plain, wooded, hills, streams, lakes, water
    )


def _plain(outline: Outline, raster: Raster) -> Floats:
    """The ground rises from the south to the north."""
    _, y = raster.centres()
    low, high = outline.placed([(200, 514), (200, 528)])[:, 1]
    return np.asarray(22 + 50 * np.clip((y - low) / (high - low), 0, 1))


def _over_plain(seed: int, outline: Outline, raster: Raster, water: shapely.Geometry) -> Floats:
    """Ridges with rough flanks, cut down where water runs."""
    random = chance(seed, "hills")
    height = np.zeros(raster.shape)
    for points, top, breadth in RIDGES:
        ridge = outline.placed(points) + random.normal(0, 110, (len(points), 2))
        away = _away_from(raster, ridge)
        lift = top * random.uniform(0.85, 1.2) * np.exp(-((away / breadth / outline.stretch) ** 2))
        height = np.maximum(height, lift) + 0.35 * np.minimum(height, lift)
    height *= 1 + 0.16 * noise(random, raster, 450) + 0.07 * noise(random, raster, 160)
    away = distance_transform_edt(~raster.inside(water)) * raster.cell
    return np.asarray(height * np.clip(away / 260, 0, 1))


def _away_from(raster: Raster, line: Floats) -> Floats:
    """Metres from every cell to the line."""
    flags = np.ones(raster.shape, dtype=bool)
    flags[raster.cells(lines.resample(line, raster.cell / 2))] = False
    return np.asarray(distance_transform_edt(flags) * raster.cell)


def noise(random: np.random.Generator, raster: Raster, breadth: float) -> Floats:
    """Smooth chance over the raster, mean 0 and deviation 1, with lumps of about breadth metres."""
    rough = gaussian_filter(random.normal(size=raster.shape), breadth / raster.cell)
    return np.asarray((rough - rough.mean()) / rough.std())


def _waters(
    seed: int, outline: Outline, skeleton: Skeleton
) -> tuple[tuple[Stream, ...], tuple[Polygon, ...]]:
    random, border = chance(seed, "water"), outline.border
    courses = [_course(random, outline.placed(points)) for points, _ in STREAMS]
    built = shapely.MultiLineString(skeleton.all).buffer(45)
    dry = shapely.union_all([built, border.boundary.buffer(30)])
    lakes: list[Polygon] = []
    for number, share, long, broad in LAKES:
        shore = _shore(random, long, broad) * outline.stretch
        lakes.append(_lake(shore, courses[number], share, shapely.union_all([dry, *lakes])))
    streams = tuple(
        _stream(course, breadth, border)
        for course, (_, breadth) in zip(courses, STREAMS, strict=True)
    )
    return streams, tuple(lakes)


def _course(random: np.random.Generator, points: Floats) -> Floats:
    bends = points.copy()
    bends[1:-1] += random.normal(0, 90, (len(points) - 2, 2))
    course = lines.curve(bends)
    along = lines.distances(course)
    sway = 26 * np.sin(along / random.uniform(150, 210) + random.uniform(0, 6))
    sway += 14 * np.sin(along / random.uniform(60, 90))
    return lines.resample(_swayed(course, sway), 25)


def _swayed(line: Floats, metres: Floats) -> Floats:
    direction = np.gradient(line, axis=0)
    direction /= np.hypot(*direction.T)[:, None]
    return line + np.column_stack([direction[:, 1], -direction[:, 0]]) * metres[:, None]


def _stream(course: Floats, breadth: float, border: Polygon) -> Stream:
    """A stream grows as it goes: it springs at a third of its breadth."""
    within = max(lines.inside([course], border), key=lines.length)
    pieces = np.array_split(np.arange(len(within)), 12)
    bands = [
        shapely.LineString(within[max(0, piece[0] - 1) : piece[-1] + 1]).buffer(
            breadth / 2 * (0.35 + 0.65 * number / 11), quad_segs=3
        )
        for number, piece in enumerate(pieces)
        if len(piece) > 1
    ]
    return Stream(within, breadth, shapely.union_all(bands).intersection(border))


def _lake(shore: Floats, course: Floats, share: float, dry: shapely.Geometry) -> Polygon:
    """A lake along its stream, near its share of the way, where it does not touch what must stay dry.

    It slides up and down the stream, smaller each time, until it fits.
    """
    shapely.prepare(dry)
    for attempt in range(400):
        slide = (attempt % 40 + 1) // 2 * (-1) ** attempt * 0.006
        at = int(np.clip(share + slide, 0.03, 0.9) * (len(course) - 1))
        lake = _laid(shore * 0.88 ** (attempt // 40), course, at)
        if not dry.intersects(lake):
            return lake
    raise ValueError("no room for a lake on its stream; the skeleton is too dense")


def _shore(random: np.random.Generator, long: float, broad: float) -> Floats:
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    bays = sum(
        random.uniform(0.03, 0.22 / order**0.5) * np.sin(order * angle + random.uniform(0, 6))
        for order in (2, 3, 4, 5)
    )
    far = 1 + bays
    return np.column_stack([long * np.cos(angle) * far, broad * np.sin(angle) * far])


def _laid(shore: Floats, course: Floats, at: int) -> Polygon:
    ahead = course[min(at + 4, len(course) - 1)] - course[max(at - 4, 0)]
    cos, sin = ahead / np.hypot(*ahead)
    return Polygon(course[at] + shore @ np.array([[cos, sin], [-sin, cos]])).buffer(0)


def _outlines(
    raster: Raster, wooded: NDArray[np.bool_], border: Polygon, water: shapely.Geometry
) -> tuple[Polygon, ...]:
    x, y = raster.centres()
    half = raster.cell / 2
    squares = shapely.box(x[wooded] - half, y[wooded] - half, x[wooded] + half, y[wooded] + half)
    smooth = shapely.union_all(squares).buffer(60).buffer(-95).buffer(45).simplify(35)
    rounded = [_rounded(part) for part in shapely.get_parts(smooth)]
    parts = shapely.get_parts(shapely.union_all(rounded).intersection(border).difference(water))
    return tuple(part for part in parts if part.area > 40_000)


def _rounded(polygon: Polygon) -> Polygon:
    """Chaikin's corner cutting, twice; holes are filled."""
    ring = shapely.get_coordinates(polygon.exterior)[:-1]
    for _ in range(2):
        after = np.roll(ring, -1, axis=0)
        ring = np.stack([0.75 * ring + 0.25 * after, 0.25 * ring + 0.75 * after], axis=1)
        ring = ring.reshape(-1, 2)
    return Polygon(ring).buffer(0)
