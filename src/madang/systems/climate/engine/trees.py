"""Carbon in trees by the thickness of their trunks: as they grow and die over decades.

Aboveground biomass by Jenkins et al. 2003, National-scale biomass estimators for United States tree
species, Forest Science 49: 12-35: exp(b0 + b1 ln dbh) in kg, by group of species. Trees that stand free
carry 0.8 of what trees in a forest do; roots add 0.26; half of dry mass is carbon (Nowak and Crane 2002,
Carbon storage and sequestration by urban trees in the USA, Environmental Pollution 116: 381-389). Korea
has equations for some species; a city that brings its own replaces these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.grid import Doubles
from madang.systems.climate.engine.refusal import Refusal

FREE_STANDING, ROOTS, CARBON = 0.8, 0.26, 0.5
THINNEST, THICKEST = 0.5, 300.0  # cm


@dataclass(frozen=True)
class Equation:
    """Aboveground dry mass in kg = exp(constant + slope ln dbh), dbh in cm."""

    constant: float
    slope: float
    source: str = "Jenkins et al. 2003, table 4"


EQUATIONS: Mapping[str, Equation] = {
    "aspen, poplar, willow": Equation(-2.2094, 2.3867),
    "soft maple, birch": Equation(-1.9123, 2.3651),
    "mixed hardwood": Equation(-2.4800, 2.4835),
    "hard maple, oak, beech": Equation(-2.0127, 2.4342),
    "cedar, larch": Equation(-2.0336, 2.2592),
    "fir, hemlock": Equation(-2.5384, 2.4814),
    "pine": Equation(-2.5356, 2.4349),
    "spruce": Equation(-2.0773, 2.3323),
}


@dataclass(frozen=True)
class Doubt:
    """How far each part may be off, Madang's own assumptions until a city measures: standard deviations
    of logarithms for one tree and for an equation as a whole, of growth as a share of itself, and the
    range of yearly mortality (street trees: 3.5 to 5.1 %, Roman and Scatena 2011, Urban Forestry &
    Urban Greening 10: 269-274).
    """

    tree: float = 0.5
    equation: float = 0.3
    growth: float = 0.3
    mortality: tuple[float, float] = (0.035, 0.051)


@dataclass(frozen=True)
class Trees:
    """Cohorts: so many trees of one equation and one thickness (cm at breast height)."""

    equations: Sequence[str]
    dbh: Doubles
    count: NDArray[np.int64]

    def __post_init__(self) -> None:
        unknown = sorted(set(self.equations) - set(EQUATIONS))
        if unknown:
            raise Refusal("unknown-species", species=unknown, known=list(EQUATIONS))
        if not len(self.equations) == len(self.dbh) == len(self.count):
            raise Refusal("uneven-trees", equations=len(self.equations), dbh=len(self.dbh))
        wrong = ~((self.dbh >= THINNEST) & (self.dbh <= THICKEST)) | (self.count < 0)
        if wrong.any():
            at = int(np.argmax(wrong))
            raise Refusal("bad-tree", tree=at, dbh=float(self.dbh[at]), count=int(self.count[at]))


@dataclass(frozen=True)
class Growth:
    """t C standing at the end of each year, a row for each draw: (draws, years + 1); trees likewise."""

    carbon: Doubles
    alive: NDArray[np.int64]

    def interval(self, share: float = 0.95) -> Doubles:
        """Lowest, middle and highest t C of each year: (3, years + 1)."""
        ends = (1 - share) / 2
        return np.asarray(np.quantile(self.carbon, (ends, 0.5, 1 - ends), axis=0))

    @property
    def uptake(self) -> Doubles:
        """t C that each year added; what dies is gone in the year it dies."""
        return np.asarray(np.diff(self.carbon, axis=1))

    def payback(self, embodied: float) -> Doubles:
        """The first year in which each draw holds more than was spent to make it; NaN if none does."""
        more = self.carbon - self.carbon[:, :1] >= embodied
        years: Doubles = np.argmax(more, axis=1).astype(np.float64)
        years[~more.any(axis=1)] = np.nan
        return years


def carbon(trees: Trees) -> Doubles:
    """t C of one tree of each cohort, roots included."""
    return _tonnes(_constants(trees), trees.dbh)


def grow(
    trees: Trees,
    years: int,
    yearly: float,
    seed: int,
    draws: int = 500,
    doubt: Doubt = Doubt(),
) -> Growth:
    """Let trees grow `yearly` cm thicker a year and die, `draws` times; the same seed, the same numbers."""
    if not (draws > 0 and 0 <= years <= 200 and 0 <= yearly <= 10):
        raise Refusal("bad-growth", years=years, yearly=yearly, draws=draws)
    random = np.random.default_rng(seed)
    kinds = sorted(set(trees.equations))
    kind = np.array([kinds.index(name) for name in trees.equations], np.intp)
    off = _lognormal(random, doubt.equation, (draws, len(kinds)))[:, kind]
    off = off * _lognormal_mean(random, doubt.tree, trees.count, draws)
    pace = yearly * _lognormal(random, doubt.growth, (draws, 1))
    dying = random.uniform(*doubt.mortality, (draws, 1))
    alive = np.broadcast_to(trees.count, (draws, len(trees.count))).copy()
    constants, dbh = _constants(trees), np.broadcast_to(trees.dbh, alive.shape).copy()
    standing, left = [], []
    for year in range(years + 1):
        if year:
            dbh = np.minimum(dbh + pace, THICKEST)
            alive = random.binomial(alive, 1 - dying)
        standing.append((alive * _tonnes(constants, dbh) * off).sum(axis=1))
        left.append(alive.sum(axis=1))
    return Growth(np.stack(standing, axis=1), np.stack(left, axis=1))


def _constants(trees: Trees) -> Doubles:
    found = [(EQUATIONS[name].constant, EQUATIONS[name].slope) for name in trees.equations]
    return np.array(found, np.float64).reshape(-1, 2)


def _tonnes(constants: Doubles, dbh: Doubles) -> Doubles:
    above = np.exp(constants[:, 0] + constants[:, 1] * np.log(dbh))
    return np.asarray(above * FREE_STANDING * (1 + ROOTS) * CARBON / 1_000)


def _lognormal(random: np.random.Generator, spread: float, shape: tuple[int, int]) -> Doubles:
    """Factors whose mean is 1."""
    return random.lognormal(-(spread**2) / 2, spread, shape)


def _lognormal_mean(
    random: np.random.Generator, spread: float, count: NDArray[np.int64], draws: int
) -> Doubles:
    """The mean factor of so many trees, each of which is off by itself: the same two moments."""
    variance = np.expm1(spread**2) / np.maximum(count, 1)
    each = np.sqrt(np.log1p(variance))
    factors: Doubles = np.exp(random.standard_normal((draws, len(count))) * each - each**2 / 2)
    return factors
