"""Trees counted one by one, where they stand on the city's cells; and how sure a stock of carbon is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from madang.ground.city.models import City
from madang.systems.climate.engine import trees
from madang.systems.climate.engine.grid import Doubles, Flags, Grid
from madang.systems.climate.engine.zones import Whole, Zones
from madang.systems.climate.models import Tree

DRAWS, SEED, SHARE = 400, 1, 0.95
DOUBT = 0.3  # standard deviation of a class's pool as a share of itself: Madang's own assumption


def standing(city: City, here: Grid, areas: Zones, count: int) -> tuple[Flags | None, Doubles]:
    """Cells in which trees were counted (None without an inventory), and t C of trees by zone.

    In those cells the class's living pools are left out, so that no tree counts twice.
    """
    rows = list(Tree.objects.filter(city=city).values_list("x", "y", "equation", "dbh"))
    if not rows:
        return None, np.zeros(count)
    x, y, equations, dbh = zip(*rows, strict=True)
    column = np.floor((np.array(x) - here.west) / here.cell).astype(np.int64)
    row = np.floor((here.north - np.array(y)) / here.cell).astype(np.int64)
    inside = (column >= 0) & (column < here.columns) & (row >= 0) & (row < here.rows)
    ones: NDArray[np.int64] = np.ones(len(rows), np.int64)
    tonnes = trees.carbon(trees.Trees(equations, np.array(dbh), ones))[inside]
    counted = np.zeros(here.shape, np.bool_)
    counted[row[inside], column[inside]] = True
    zone = areas[row[inside], column[inside]]
    sums = np.bincount(zone[zone >= 0], tonnes[zone >= 0], minlength=count)
    return counted, np.asarray(sums, np.float64)


def spread(pools: Doubles, cells: Whole) -> Doubles:
    """Lowest and highest stock of each zone as shares of its own, (zones, 2), 95 % of draws between.

    Each pool of each class is off by a factor of its own, the same all over the city.
    """
    random = np.random.default_rng(SEED)
    width = np.sqrt(np.log1p(DOUBT**2))
    factors = np.exp(random.standard_normal((DRAWS, *pools.shape)) * width - width**2 / 2)
    drawn = cells @ (pools * factors).sum(axis=2).T
    ends = ((1 - SHARE) / 2, (1 + SHARE) / 2)
    found = np.quantile(drawn, ends, axis=1).T
    middle = (cells @ pools.sum(axis=1))[:, None]
    shares: Doubles = np.divide(found, middle, out=np.ones_like(found), where=middle > 0)
    return shares
