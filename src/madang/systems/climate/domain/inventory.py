"""Trees counted one by one, where they stand on the city's cells; and how sure a stock of carbon is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from madang.ground.city.models import City, DataSet
from madang.systems.climate.engine import trees
from madang.systems.climate.engine.grid import Doubles, Flags, Grid, Window
from madang.systems.climate.engine.zones import Whole, Zones
from madang.systems.climate.models import Tree

DRAWS, SEED, SHARE = 400, 1, 0.95
DOUBT = 0.3  # standard deviation of a class's pool as a share of itself: Madang's own assumption


@dataclass(frozen=True)
class Standing:
    """The cells in which trees were counted, in rising order, and t C of the trees of each."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    tonnes: Doubles

    def within(self, window: Window) -> tuple[Flags, Doubles]:
        """Which of window's cells have counted trees, and t C of those of each cell."""
        inside = (self.rows >= window.top) & (self.rows < window.bottom)
        inside &= (self.columns >= window.left) & (self.columns < window.right)
        at = self.rows[inside] - window.top, self.columns[inside] - window.left
        counted, tonnes = np.zeros(window.shape, np.bool_), np.zeros(window.shape)
        counted[at], tonnes[at] = True, self.tonnes[inside]
        return counted, tonnes


def version(city: City) -> str:
    """Another word as soon as an inventory is brought or taken back; empty without one."""
    sets = DataSet.objects.filter(id__in=Tree.objects.filter(city=city).values("data_set"))
    return " ".join(f"{each.key}@{each.version}" for each in sets.order_by("key"))


def by_cell(city: City, here: Grid) -> Standing:
    """The trees of the city's inventories by the cell they stand in."""
    rows = list(Tree.objects.filter(city=city).values_list("x", "y", "equation", "dbh"))
    if not rows:
        nowhere: NDArray[np.int64] = np.zeros(0, np.int64)
        return Standing(nowhere, nowhere, np.zeros(0))
    x, y, equations, dbh = zip(*rows, strict=True)
    column = np.floor((np.array(x) - here.west) / here.cell).astype(np.int64)
    row = np.floor((here.north - np.array(y)) / here.cell).astype(np.int64)
    inside = (column >= 0) & (column < here.columns) & (row >= 0) & (row < here.rows)
    ones: NDArray[np.int64] = np.ones(len(rows), np.int64)
    each = trees.carbon(trees.Trees(equations, np.array(dbh), ones))[inside]
    cells, at = np.unique(row[inside] * here.columns + column[inside], return_inverse=True)
    tonnes = np.asarray(np.bincount(at, each, minlength=len(cells)), np.float64)
    return Standing(cells // here.columns, cells % here.columns, tonnes)


def standing(city: City, here: Grid, areas: Zones, count: int) -> tuple[Flags | None, Doubles]:
    """Cells in which trees were counted (None without an inventory), and t C of trees by zone.

    In those cells the class's living pools are left out, so that no tree counts twice.
    """
    found = by_cell(city, here)
    if not len(found.rows):
        return None, np.zeros(count)
    counted = np.zeros(here.shape, np.bool_)
    counted[found.rows, found.columns] = True
    zone = areas[found.rows, found.columns]
    sums = np.bincount(zone[zone >= 0], found.tonnes[zone >= 0], minlength=count)
    return counted, np.asarray(sums, np.float64)


def spread(pools: Doubles, cells: Whole) -> Doubles:
    """Lowest and highest stock of each zone as shares of its own, (zones, 2), 95 % of draws between.

    Each pool of each class is off by a factor of its own, the same all over the city.
    """
    drawn = cells @ (pools * factors(*pools.shape)).sum(axis=2).T
    ends = ((1 - SHARE) / 2, (1 + SHARE) / 2)
    found = np.quantile(drawn, ends, axis=1).T
    middle = (cells @ pools.sum(axis=1))[:, None]
    shares: Doubles = np.divide(found, middle, out=np.ones_like(found), where=middle > 0)
    return shares


@lru_cache(maxsize=4)
def factors(classes: int, kinds: int) -> Doubles:
    """What each draw multiplies each figure by, (DRAWS, classes, kinds), with a mean of 1."""
    random = np.random.default_rng(SEED)
    width = np.sqrt(np.log1p(DOUBT**2))
    drawn = random.standard_normal((DRAWS, classes, kinds))
    return np.asarray(np.exp(drawn * width - width**2 / 2), np.float64)
