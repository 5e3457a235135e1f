"""How far the air of a hot day may be off: draws of what the model is given and nobody measured.

Each draw takes another urban heat, other weights of shade, albedo and evapotranspiration, and other
coefficients, the same all over the city. The spreads are Madang's own assumptions. That the model's form
may be wrong no draw tells: only stations do (`calibration`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from madang.systems.climate.engine.cooling import Climate, Weights
from madang.systems.climate.engine.grid import Doubles

DRAWS, SEED, SHARE = 400, 7, 0.95
# standard deviations as shares of the value itself
URBAN_HEAT, WEIGHT, COEFFICIENT = 0.2, 0.3, 0.2


@dataclass(frozen=True)
class Draws:
    """Factors of the urban heat (n), and of what a unit of shade, albedo and ETI is worth (n, 3)."""

    urban_heat: Doubles
    worth: Doubles

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
    return Draws(
        _lognormal(random, URBAN_HEAT, 1)[:, 0], weights * _lognormal(random, COEFFICIENT, 3)
    )


def degrees(celsius: Doubles, climate: Climate, parts: Doubles) -> Doubles:
    """°C below and above which the air of each place is in 2.5 % of draws: (places, 2).

    celsius are the model's means, parts the city's means of shade, albedo and ETI; the country's °C is
    a choice of whoever asks, and not drawn.
    """
    draws = drawn()
    if not climate.urban_heat:
        return np.repeat(np.asarray(celsius, np.float64)[:, None], 2, axis=1)
    mixed = 1 - (np.asarray(celsius, np.float64) - climate.reference) / climate.urban_heat
    cooled = np.clip(mixed[:, None] * draws.cooler(parts, climate.weights)[None, :], 0, 1)
    found = climate.reference + climate.urban_heat * draws.urban_heat[None, :] * (1 - cooled)
    return np.asarray(np.quantile(found, ends(), axis=1).T)


def change(parts: Doubles, weights: Weights) -> tuple[float, float]:
    """Lowest and highest of what a change of the air is, as factors of it, 95 % of draws between.

    parts are sums of what changed of shade, albedo and ETI.
    """
    draws = drawn()
    low, high = np.quantile(draws.urban_heat * draws.cooler(parts, weights), ends())
    return float(low), float(high)


def ends() -> tuple[float, float]:
    return (1 - SHARE) / 2, (1 + SHARE) / 2


def _lognormal(random: np.random.Generator, spread: float, count: int) -> Doubles:
    """Factors whose mean is 1."""
    width = float(np.sqrt(np.log1p(spread**2)))
    return np.asarray(np.exp(random.standard_normal((DRAWS, count)) * width - width**2 / 2))
