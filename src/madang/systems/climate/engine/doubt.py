"""How far the air of a hot day may be off: draws of what the model is given and nobody measured.

Each draw takes another urban heat, other weights of shade, albedo and evapotranspiration, and other
coefficients, the same all over the city. The spreads are Madang's own assumptions. That the model's form
may be wrong no draw tells: only stations do (`calibration`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.cooling import Climate, Weights
from madang.systems.climate.engine.grid import Doubles

DRAWS, SEED, SHARE = 400, 7, 0.95
# standard deviations as shares of the value itself
URBAN_HEAT, WEIGHT, COEFFICIENT = 0.2, 0.3, 0.2
AREA = 0.1  # of a class on a land cover map, beside what is there
PRICE, EMBODIED = 0.2, 0.3  # of a kind of measure


@dataclass(frozen=True)
class Draws:
    """Factors of the urban heat (n), of what a unit of shade, albedo and ETI is worth (n, 3), and of the
    intensity of buildings (n).
    """

    urban_heat: Doubles
    worth: Doubles
    built: Doubles

    def cooler(self, parts: Doubles, weights: Weights) -> Doubles:
        """Factors of the capacity whose parts are sums of shade, albedo and ETI; 1 where there is none."""
        shares = np.array(weights.shares())
        middle = float(parts @ shares)
        if not middle:
            return np.ones(len(self.worth))
        scaled = shares * self.worth
        return np.asarray((scaled @ parts) / middle)


def drawn() -> Draws:
    random = np.random.default_rng(SEED)
    weights = _lognormal(random, WEIGHT, 3)
    shares = np.array(Weights().shares())
    weights = weights / (weights @ shares)[:, None]  # together they are 1 again
    heat = _lognormal(random, URBAN_HEAT, 1)[:, 0]
    worth = weights * _lognormal(random, COEFFICIENT, 3)
    return Draws(heat, worth, _lognormal(random, COEFFICIENT, 1)[:, 0])


def degrees(celsius: Doubles, climate: Climate, parts: Doubles) -> Doubles:
    """°C below and above which the air of each place is in 2.5 % of draws: (places, 2).

    celsius are the model's means, parts the city's means of shade, albedo and ETI; the country's °C is
    a choice of whoever asks, and not drawn.
    """
    draws = drawn()
    return _apart(celsius, climate, draws, draws.cooler(parts, climate.weights))


def nights(celsius: Doubles, climate: Climate, built: float) -> Doubles:
    """As degrees, by night; built is the city's mean intensity of buildings."""
    draws = drawn()
    return _apart(celsius, climate, draws, (1 - built * draws.built) / max(1 - built, 1e-9))


def _apart(celsius: Doubles, climate: Climate, draws: Draws, cooler: Doubles) -> Doubles:
    if not climate.urban_heat:
        return np.repeat(np.asarray(celsius, np.float64)[:, None], 2, axis=1)
    mixed = 1 - (np.asarray(celsius, np.float64) - climate.reference) / climate.urban_heat
    cooled = np.clip(mixed[:, None] * cooler[None, :], 0, 1)
    found = climate.reference + climate.urban_heat * draws.urban_heat[None, :] * (1 - cooled)
    return np.asarray(np.quantile(found, ends(), axis=1).T)


def change(parts: Doubles, weights: Weights) -> tuple[float, float]:
    """Lowest and highest of what a change of the air is, as factors of it, 95 % of draws between.

    parts are sums of what changed of shade, albedo and ETI.
    """
    draws = drawn()
    low, high = np.quantile(draws.urban_heat * draws.cooler(parts, weights), ends())
    return float(low), float(high)


def change_by_night() -> tuple[float, float]:
    """As change, of the air by night."""
    draws = drawn()
    low, high = np.quantile(draws.urban_heat * draws.built, ends())
    return float(low), float(high)


def shares(cells: NDArray[np.int64], column: Doubles, spread: float = 0.0) -> Doubles:
    """Between what 95 % of draws of the mean of column over each zone's cells lie, (zones, 2).

    cells are counts by class, (zones, classes). The map gives each class too much or too little ground,
    the same all over the city, and each class's figure is off by `spread`; no share is above 1.
    """
    factors = _lognormal(np.random.default_rng(SEED + 1), AREA, len(column))
    off = _lognormal(np.random.default_rng(SEED + 2), spread, len(column)) if spread else 1.0
    whole = cells @ factors.T
    part = cells @ (factors * np.minimum(column * off, 1)).T
    drawn = np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
    return np.asarray(np.quantile(drawn, ends(), axis=1).T)


def spent(parts: Sequence[float], spread: float) -> tuple[float, float]:
    """Between what 95 % of draws of a sum lie, each of whose parts is off by a factor of its own."""
    found = _lognormal(np.random.default_rng(SEED + 3), spread, max(1, len(parts)))
    low, high = np.quantile(found @ np.array(parts or [0.0]), ends())
    return float(low), float(high)


def ends() -> tuple[float, float]:
    return (1 - SHARE) / 2, (1 + SHARE) / 2


def _lognormal(random: np.random.Generator, spread: float, count: int) -> Doubles:
    """Factors whose mean is 1."""
    width = float(np.sqrt(np.log1p(spread**2)))
    return np.asarray(np.exp(random.standard_normal((DRAWS, count)) * width - width**2 / 2))
