"""What an edit of a plan means: checked when it is drawn, and made into cells for the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from madang.systems.climate.domain import catalogue
from madang.systems.climate.engine import trees
from madang.systems.climate.engine.grid import Doubles, Grid
from madang.systems.climate.engine.measures import (
    Covered,
    Measure,
    Painted,
    along,
    crowns,
    shares,
)  # fmt: skip
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Edit, Kind

SEED = 20_220  # of the draws of trees: the same plan, the same numbers
DRAWS = 200


@dataclass(frozen=True)
class Planting:
    """Trees along lines: cm at planting and each year, metres between and of a grown crown."""

    species: str
    spacing: float = 8.0
    dbh: float = 8.0
    yearly: float = 0.6
    crown: float = 6.0
    unit_cost: float | None = None  # KRW a tree

    def __post_init__(self) -> None:
        if self.species not in catalogue.SPECIES:
            known = ", ".join(catalogue.SPECIES)
            raise Refusal("unknown-species", species=self.species, known=known)
        grown = self.cohort(1)
        if not 0 <= self.yearly <= 10:
            raise Refusal("bad-growth", years=0, yearly=self.yearly, draws=len(grown.dbh))
        _priced(self.unit_cost)

    def cohort(self, count: int) -> trees.Trees:
        equation = catalogue.SPECIES[self.species].equation
        return trees.Trees([equation], np.array([self.dbh]), np.array([count], np.int64))


@dataclass(frozen=True)
class Greening:
    """A green roof of a type over this share of what was drawn."""

    roof: str
    share: float = 0.8
    unit_cost: float | None = None  # KRW a square metre; None takes the catalogue's

    def __post_init__(self) -> None:
        if self.roof not in catalogue.ROOFS:
            raise Refusal("unknown-roof", roof=self.roof, known=", ".join(catalogue.ROOFS))
        _shared(self.share)
        _priced(self.unit_cost)


@dataclass(frozen=True)
class Coating:
    """A bright coat over this share of a roof."""

    share: float = 0.9
    unit_cost: float | None = None

    def __post_init__(self) -> None:
        _shared(self.share)
        _priced(self.unit_cost)


@dataclass(frozen=True)
class Paving:
    """Another land cover; the class stands beside it."""

    unit_cost: float | None = None

    def __post_init__(self) -> None:
        _priced(self.unit_cost)


What = Planting | Greening | Coating | Paving
FORMS: Mapping[str, type[What]] = {
    Kind.TREES: Planting,
    Kind.ROOF: Greening,
    Kind.COOL: Coating,
    Kind.LAND: Paving,
}


@dataclass(frozen=True)
class Amount:
    """How much an edit is: square metres or trees, KRW (None: nobody said), t C spent on making it,
    t C of its trees by draw; planted: t C on its roofs; classes: cells that each class gains or loses;
    path: t C of its trees at the end of each year, the mean of draws.
    """

    area: float
    trees: int
    cost: float | None
    embodied: float
    grown: Doubles
    planted: float = 0.0
    path: Doubles | None = None
    classes: Doubles | None = None


def read(kind: str, said: Mapping[str, Any]) -> What:
    """What was said of an edit of kind; Refusal where that cannot be."""
    form = FORMS.get(kind)
    if form is None:
        raise Refusal("unknown-kind", kind=kind, known=", ".join(FORMS))
    try:
        return form(**said)
    except TypeError as error:
        raise Refusal("bad-measure-words", kind=kind, detail=str(error)) from error


def kept(what: What) -> dict[str, Any]:
    return asdict(what)


def cells(edit: Edit, grid: Grid, codes: list[int], years: int) -> tuple[Measure, Amount]:
    """An edit as the engine takes it, and how much it is."""
    what = read(edit.kind, edit.what)
    rings = [np.asarray(ring, np.float64) for ring in edit.rings or ()]
    if isinstance(what, Planting):
        return _planted(what, rings, grid, years)
    if isinstance(what, Paving):
        window, flags = grid.within(rings)
        area = float(flags.sum() * grid.cell_area)
        cost = None if what.unit_cost is None else what.unit_cost * area
        measure = Painted(window, flags, codes.index(int(edit.code or 0)))
        return measure, Amount(area, 0, cost, 0.0, np.zeros(DRAWS))
    return _covered(what, rings, grid)


def _covered(what: Greening | Coating, rings: list[Doubles], grid: Grid) -> tuple[Covered, Amount]:
    window, share = shares(grid, rings)
    share *= np.float32(what.share)
    area = float(share.sum(dtype=np.float64) * grid.cell_area)
    if isinstance(what, Coating):
        bright = catalogue.COOL_ALBEDO.value
        cost = None if what.unit_cost is None else what.unit_cost * area
        nothing = np.zeros_like(share)
        return Covered(window, share, nothing, albedo=bright), Amount(
            area, 0, cost, 0.0, np.zeros(DRAWS)
        )
    roof = catalogue.ROOFS[what.roof]
    unit = roof.cost.value if what.unit_cost is None else what.unit_cost
    carbon = share * np.float32(grid.cell_area * roof.carbon.value / 1000)
    measure = Covered(window, share, carbon, albedo=roof.albedo.value, kc=roof.kc.value)
    return measure, Amount(area, 0, unit * area, area * roof.embodied.value / 1000, np.zeros(DRAWS),
                           planted=area * roof.carbon.value / 1000)  # fmt: skip


def _planted(
    what: Planting, lines: list[Doubles], grid: Grid, years: int
) -> tuple[Covered, Amount]:
    points = places(what, lines)
    window, share, standing = crowns(grid, points, what.crown)
    path = _years(what, len(points), years)
    grown = np.asarray(path[:, -1])
    each = float(grown.mean()) / len(points)
    cost = None if what.unit_cost is None else what.unit_cost * len(points)
    measure = Covered(
        window, share, standing * np.float32(each), shade=1.0, kc=catalogue.TREE_KC.value
    )
    area = float(share.sum(dtype=np.float64) * grid.cell_area)
    return measure, Amount(area, len(points), cost, 0.0, grown, path=path.mean(axis=0))


def places(what: Planting, lines: list[Doubles]) -> Doubles:
    """Where the trees stand."""
    return np.concatenate([along(line, what.spacing) for line in lines])


def growth(edit: Edit, years: int) -> Doubles:
    """t C that an edit's trees hold at the end of each year, by draw: (DRAWS, years + 1); else 0."""
    what = read(edit.kind, edit.what)
    if not isinstance(what, Planting):
        return np.zeros((DRAWS, years + 1))
    lines = [np.asarray(line, np.float64) for line in edit.rings or ()]
    return _years(what, len(places(what, lines)), years)


@lru_cache(maxsize=256)
def _years(what: Planting, count: int, years: int) -> Doubles:
    return trees.grow(what.cohort(count), years, what.yearly, SEED, DRAWS).carbon


def _shared(share: float) -> None:
    if not 0 < share <= 1:
        raise Refusal("bad-share", share=share)


def _priced(cost: float | None) -> None:
    if cost is not None and not (np.isfinite(cost) and 0 <= cost <= 1e9):
        raise Refusal("bad-cost", cost=cost)
