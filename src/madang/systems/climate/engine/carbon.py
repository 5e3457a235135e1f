"""Carbon in land cover by four pools (t C/ha): stock, change, and what is counted tree by tree.

C = sum of area x (aboveground + belowground + soil + dead), as InVEST's Carbon (User's Guide) and the
IPCC's tier 1 have it. InVEST writes -1 for unknown, so that a cell which loses exactly 1 t/ha is
unknown to it; here a cell is unknown by its place in the table alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.compiled import compiled, over_rows
from madang.systems.climate.engine.grid import Doubles, Flags, Floats
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.tables import POOLS, UNKNOWN, Places, Table
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.engine.zones import Whole, Zones, histogram

LIVING = ("aboveground", "belowground")  # what trees of an inventory are counted for themselves


def pools(table: Table) -> Doubles:
    """t C/ha of every place in the table, a column for each of POOLS: (256, 4)."""
    return np.stack([table.column(name) for name in POOLS], axis=1)


def density(places: Places, table: Table) -> Floats:
    """t C/ha of every cell, all pools together; NaN where the class is not known."""
    column = pools(table).sum(axis=1)
    column[UNKNOWN] = np.nan
    return np.asarray(column.astype(np.float32)[places], np.float32)


def stock(
    places: Places,
    table: Table,
    hectares: float,
    zones: Zones,
    count: int,
    inventoried: Flags | None = None,
) -> Doubles:
    """t C of each zone by pool, (count, 4), with cells of `hectares`.

    In cells of `inventoried` the living pools are left out: their trees are counted one by one.
    """
    figures = pools(table)
    total = histogram(places, zones, count) @ figures * hectares
    if inventoried is None:
        return np.asarray(total)
    living = np.array([name in LIVING for name in POOLS])
    twice = np.where(inventoried, zones, np.int32(-1))
    return np.asarray(total - histogram(places, twice, count) @ (figures * living) * hectares)


@dataclass(frozen=True)
class Change:
    """Between two land covers: t C by pool (after less before) and how many cells changed."""

    pools: Doubles
    changed: int

    @property
    def carbon(self) -> float:
        return float(self.pools.sum())

    @property
    def co2(self) -> float:
        return self.carbon * CO2


def change(before: Places, after: Places, table: Table, hectares: float) -> Change:
    """Over all cells whose class is known in both; counted by class, so exact before it is weighed."""
    if before.shape != after.shape:
        raise Refusal("other-shape", layer="after", found=after.shape, expected=before.shape)
    found: list[Whole] = []

    def work(first: int, end: int) -> None:
        counts = np.zeros((2, 256), np.int64)
        _compare(before, after, counts, first, end)
        found.append(counts)

    over_rows(len(before), work)
    counts = np.sum(found, axis=0)
    gained = (counts[1] - counts[0]) @ pools(table) * hectares
    return Change(gained, int(counts[0].sum()))


def change_by_zone(
    before: Places, after: Places, table: Table, hectares: float, zones: Zones, count: int
) -> Doubles:
    """t C that each zone gained by pool, (count, 4), over the cells known in both."""
    both = np.where((before != UNKNOWN) & (after != UNKNOWN), zones, np.int32(-1))
    gained = histogram(after, both, count) - histogram(before, both, count)
    return np.asarray(gained @ pools(table) * hectares)


@compiled
def _compare(
    before: NDArray[np.uint8], after: NDArray[np.uint8], counts: Whole, first: int, end: int
) -> None:
    """counts: the cells that changed, by their class before and by their class after."""
    for row in range(first, end):
        was, now = before[row], after[row]
        for column in range(len(was)):
            if was[column] != now[column] and was[column] != 255 and now[column] != 255:
                counts[0, was[column]] += 1
                counts[1, now[column]] += 1
