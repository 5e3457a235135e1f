"""Who lives where: residents follow the floors of homes."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from madang.demo.city.buildings import Buildings
from madang.demo.city.chance import chance
from madang.demo.city.outline import Outline

RESIDENTS = 1_190_000
PER_HOUSEHOLD = 2.17  # Suwon: 1,185,677 residents in 546,407 households (2026-08)
FLOOR_SHARE = {"houses": 1.35, "apartments": 1.0, "commerce": 0.18, "campus": 0.02}
FEWEST = 60  # someone lives in every dong


def residents_by_dong(
    seed: int, scale: float, outline: Outline, built: Buildings
) -> NDArray[np.intp]:
    """Residents of each dong, in the outline's order; their sum is RESIDENTS times scale."""
    middles = shapely.get_coordinates(shapely.centroid(built.polygons))
    weight = built.floor_area() * np.array([FLOOR_SHARE.get(use, 0.0) for use in built.uses])
    share: NDArray[np.float64] = np.bincount(
        outline.dong_of(middles), weight, minlength=len(outline.dongs)
    ).astype(np.float64)
    share = share * chance(seed, "people").uniform(0.9, 1.1, len(share))
    total = round(RESIDENTS * scale)
    fewest = max(1, round(FEWEST * min(scale, 1.0)))
    return np.asarray(fewest + apportioned(share, total - fewest * len(share)))


def households(residents: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.asarray(np.maximum(1, np.round(residents / PER_HOUSEHOLD)), dtype=np.intp)


def apportioned(weights: NDArray[np.float64], total: int) -> NDArray[np.intp]:
    """Whole numbers in the ratio of weights that add up to total (largest remainders)."""
    exact = weights / weights.sum() * total
    whole: NDArray[np.intp] = np.floor(exact).astype(np.intp)
    rest = np.argsort(-(exact - whole), kind="stable")[: total - int(whole.sum())]
    whole[rest] += 1
    return whole
