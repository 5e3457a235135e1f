"""What the models of heat share: their figures, and the cooling capacity of a cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from madang.systems.climate.engine.compiled import compiled, over_rows
from madang.systems.climate.engine.grid import Flags, Floats
from madang.systems.climate.engine.refusal import Refusal

PARK = 20_000.0  # square metres: less green than 2 ha around a cell cools nothing but itself
DECIMALS = 9  # InVEST rounds the highest evapotranspiration so


@dataclass(frozen=True)
class Weights:
    """How much shade, albedo and evapotranspiration count; divided by their sum."""

    shade: float = 0.6
    albedo: float = 0.2
    evapotranspiration: float = 0.2

    def shares(self) -> tuple[float, float, float]:
        parts = (self.shade, self.albedo, self.evapotranspiration)
        total = sum(parts)
        if not np.isfinite(total) or min(parts) < 0 or total <= 0:
            raise Refusal("bad-weights", weights=parts)
        return parts[0] / total, parts[1] / total, parts[2] / total


@dataclass(frozen=True)
class Climate:
    """The figures of one moment: °C of the country around, the most that the city is warmer than it,
    and metres over which the air mixes and a park cools.
    """

    reference: float
    urban_heat: float
    mixing: float = 500.0
    park_cooling: float = 450.0
    weights: Weights = Weights()

    def __post_init__(self) -> None:
        if not np.isfinite([self.reference, self.urban_heat]).all() or self.urban_heat < 0:
            raise Refusal("bad-climate", reference=self.reference, urban_heat=self.urban_heat)


def by_day(
    shade: Floats, albedo: Floats, kc: Floats, eto: Floats, mask: Flags, weights: Weights
) -> Floats:
    """Cooling capacity CC = ws*shade + wa*albedo + we*ETI with ETI = Kc*ETo/ETmax; 0 outside mask.

    All are layers of one shape; eto in any unit, since only its share of its own highest counts.
    InVEST User's Guide, urban cooling, equations 1 and 2; float32 step by step as InVEST 3.20.2.
    """
    highest = np.round(float(np.max(eto, where=mask, initial=0.0)), DECIMALS)
    if highest <= 0:
        raise Refusal("no-evapotranspiration")
    return capacity(shade, albedo, kc, eto, mask, weights, highest)


def capacity(
    shade: Floats,
    albedo: Floats,
    kc: Floats,
    eto: Floats,
    mask: Flags,
    weights: Weights,
    highest: float,
) -> Floats:
    """by_day with the highest evapotranspiration given, for a part of the city."""
    of_shade, of_albedo, of_eti = (np.float32(share) for share in weights.shares())
    out = np.zeros(mask.shape, np.float32)
    over_rows(
        len(out),
        lambda a, b: _capacity(
            shade, albedo, kc, eto, mask, of_shade, of_albedo, of_eti, highest, out, a, b
        ),
    )
    return out


def by_night(intensity: Floats, mask: Flags) -> Floats:
    """CC = 1 - building intensity (InVEST's second method); 0 outside mask."""
    return np.where(mask, np.float32(1) - intensity, np.float32(0))


@compiled
def _capacity(
    shade: Floats,
    albedo: Floats,
    kc: Floats,
    eto: Floats,
    mask: Flags,
    of_shade: np.float32,
    of_albedo: np.float32,
    of_eti: np.float32,
    highest: float,
    out: Floats,
    first: int,
    end: int,
) -> None:
    for row in range(first, end):
        for column in range(mask.shape[1]):
            if mask[row, column]:
                water = np.float32(kc[row, column] * eto[row, column])
                eti = np.float32(np.float64(water) / highest)
                out[row, column] = (
                    of_shade * shade[row, column] + of_albedo * albedo[row, column]
                ) + of_eti * eti
