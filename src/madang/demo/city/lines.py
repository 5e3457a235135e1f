"""Lines as arrays of points (n, 2) in metres."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Floats = NDArray[np.float64]


def curve(
    points: Sequence[tuple[float, float]] | Floats, step: float = 25, closed: bool = False
) -> Floats:
    """A smooth line through points, with a point every step metres or a little less."""
    through = np.asarray(points, dtype=np.float64)
    if closed:
        through = np.vstack([through, through[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(through, axis=0).T) ** 0.5)])
    spline = CubicSpline(along, through, bc_type="periodic" if closed else "natural")
    fine = spline(np.linspace(0, along[-1], 40 * len(through)))
    return resample(fine, step)


def resample(line: Floats, step: float) -> Floats:
    """The same line with points at even distances of at most step metres; its ends stay."""
    along = distances(line)
    count = max(2, int(np.ceil(along[-1] / step)) + 1)
    at = np.linspace(0, along[-1], count)
    return np.column_stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)])


def stretched(line: Floats, metres: float) -> Floats:
    """The line, straight on for metres at both ends, so that lines that meet there surely cross."""
    begin, end = line[0] - line[1], line[-1] - line[-2]
    return np.vstack(
        [
            line[0] + begin * (metres / np.hypot(*begin)),
            line,
            line[-1] + end * (metres / np.hypot(*end)),
        ]
    )


def distances(line: Floats) -> Floats:
    """Metres from the line's beginning to each of its points."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])


def length(line: Floats) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def middle(line: Floats) -> Floats:
    """The point half way along the line."""
    along = distances(line)
    return np.array([np.interp(along[-1] / 2, along, line[:, axis]) for axis in (0, 1)])


def part(line: Floats, begin: float, end: float) -> Floats:
    """The piece of line between begin and end metres from its beginning."""
    along = distances(line)
    inner = line[(along > begin + 0.01) & (along < end - 0.01)]
    ends = [[np.interp(at, along, line[:, axis]) for axis in (0, 1)] for at in (begin, end)]
    return np.vstack([ends[:1], inner, ends[1:]])


def right_of(line: Floats, metres: float) -> Floats:
    """The line moved to its right, as the lanes of a direction lie beside the road's middle."""
    if len(line) == 2:  # most streets are straight
        (x, y), (to_x, to_y) = line.tolist()
        share = metres / math.hypot(to_x - x, to_y - y)
        return np.asarray(line + np.array([(to_y - y) * share, (x - to_x) * share]))
    steps = np.diff(line, axis=0)
    directions = steps / np.hypot(*steps.T)[:, None]
    before, after = (
        directions[[0, *range(len(directions))]],
        directions[[*range(len(directions)), -1]],
    )
    bisector = before + after
    bisector /= np.maximum(np.hypot(*bisector.T), 1e-6)[:, None]
    stretch = 1 / np.clip((bisector * after).sum(axis=1), 0.5, 1)
    right = np.column_stack([bisector[:, 1], -bisector[:, 0]])
    return np.asarray(line + right * (metres * stretch)[:, None])


def inside(lines: Sequence[Floats], area: shapely.Geometry, shortest: float = 0) -> list[Floats]:
    """The pieces of lines within area that are longer than shortest metres."""
    cut = shapely.intersection([shapely.LineString(line) for line in lines], area)
    parts = shapely.get_parts(cut)
    kept = parts[(shapely.get_type_id(parts) == 1) & (shapely.length(parts) > shortest)]
    return [shapely.get_coordinates(one) for one in kept]
