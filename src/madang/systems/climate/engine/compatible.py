"""Heat as InVEST's Urban Cooling Model 3.20.2 computes it, its rounding included.

The guide describes the air's mixing by a Gaussian and a park's cooling by a sum; the program mixes by
exp(-d/r) cut at 5 r and takes normalised means in both, and so does this. Its green area within a
distance is a quotient of rounded sums that stands up to one unit in the last place beside the whole
number it means; where that number is exactly 2 ha, the last place decides. `compatible` repeats that
arithmetic, so that a city can compare; `corrected` counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from madang.systems.climate.engine import counting, kernels
from madang.systems.climate.engine.compiled import compiled, over_rows
from madang.systems.climate.engine.cooling import PARK, Climate, by_day
from madang.systems.climate.engine.counting import Counts
from madang.systems.climate.engine.grid import Doubles, Flags, Floats
from madang.systems.climate.engine.mixing import mixings


@dataclass(frozen=True)
class Heat:
    """Layers of one shape; what they hold outside mask means nothing.

    capacity, park (CC_park) and mitigation (HM) are shares of 0..1, temperatures °C.
    """

    mask: Flags
    capacity: Floats
    park: Floats
    mitigation: Floats
    unmixed: Floats
    temperature: Floats


@dataclass(frozen=True)
class Layers:
    """What the model reads of each cell, float32 of one shape.

    mask: the cells where all is known; covered: where at least the land cover is. InVEST counts green
    area over the second.
    """

    shade: Floats
    albedo: Floats
    kc: Floats
    eto: Floats
    green: Flags
    mask: Flags
    covered: Flags


def heat(layers: Layers, climate: Climate, cell: float) -> Heat:
    """Air temperature by day from the layers of a grid with cells of `cell` metres."""
    capacity = by_day(
        layers.shade, layers.albedo, layers.kc, layers.eto, layers.mask, climate.weights
    )
    return mixed(capacity, layers.green, layers.mask, layers.covered, climate, cell)


def mixed(
    capacity: Floats, green: Flags, mask: Flags, covered: Flags, climate: Climate, cell: float
) -> Heat:
    """Air temperature from any cooling capacity, by night that of `cooling.by_night`."""
    reach = kernels.cells(climate.park_cooling, cell)
    park_kernel = kernels.exponential(reach)
    of_green = np.empty_like(capacity)
    over_rows(len(mask), lambda a, b: _where(green, capacity, of_green, a, b))
    air = kernels.exponential(kernels.cells(climate.mixing, cell))
    of_parks, of_air = mixings(park_kernel, air, mask)
    park = of_parks.mean(of_green)
    around, counted = counting.within(reach, green & covered, covered)
    threshold = PARK / np.float64(cell) ** 2
    mitigation, unmixed, over = (np.zeros_like(capacity) for _ in range(3))
    figures = (kernels.disk(reach).total, park_kernel.total, threshold)
    over_rows(
        len(mask),
        lambda a, b: _mitigate(
            mask, capacity, park, around, counted, figures, mitigation,
            np.float32(climate.reference), np.float32(climate.urban_heat), unmixed, over, a, b,
        ),
    )  # fmt: skip
    # the mean of differences from the reference is exact to more digits than that of temperatures
    temperature = of_air.mean(over)
    over_rows(len(mask), lambda a, b: _warm(
        temperature, np.float32(climate.reference), np.float32(air.total), a, b))  # fmt: skip
    return Heat(mask, capacity, park, mitigation, unmixed, temperature)


def wet_bulb_globe(temperature: Floats, humidity: float) -> Floats:
    """WBGT in °C = 0.567 T + 0.393 e + 3.94, with the vapour pressure e of humidity in per cent.

    User's Guide, urban cooling, work productivity (American College of Sports Medicine 1984).
    """
    t = temperature.astype(np.float64)
    vapour = humidity / 100 * 6.105 * np.exp(17.27 * (t / (237.7 + t)))
    return np.asarray(0.567 * t + 0.393 * vapour + 3.94, np.float32)


def work_lost(globe: Floats, *, heavy: bool) -> Floats:
    """Per cent of working time lost at a WBGT: 0, 25, 50 or 75."""
    steps = (27.5, 29.5, 31.5) if heavy else (31.5, 32.0, 32.5)
    return np.asarray(25 * np.digitize(globe, steps), np.float32)


def energy_saved(
    mean: Doubles, area: Doubles, use: Doubles, climate: Climate, cost: Doubles | float = 1.0
) -> Doubles:
    """What each building need not spend: use per °C and m² times area times degrees below the worst.

    mean is the air's temperature over each building, area its m², use kWh/(°C m²).
    """
    return use * area * (climate.reference - mean + climate.urban_heat) * cost


@compiled
def _mitigate(
    mask: Flags,
    capacity: Floats,
    park: Floats,
    green: Counts,
    counted: Counts,
    figures: tuple[float, float, float],
    mitigation: Floats,
    reference: np.float32,
    urban_heat: np.float32,
    unmixed: Floats,
    over: Floats,
    first: int,
    end: int,
) -> None:
    disk, park_total, threshold = figures
    for row in range(first, end):
        for column in range(mask.shape[1]):
            if not mask[row, column]:
                continue
            area = np.float64(green[row, column]) / np.float64(counted[row, column]) * disk
            around = np.float64(park[row, column]) * park_total
            own = capacity[row, column]
            kept = np.float64(own) >= around or area < threshold
            value = own if kept else np.float32(around)
            mitigation[row, column] = value
            degrees = reference + (np.float32(1) - value) * urban_heat
            unmixed[row, column] = degrees
            over[row, column] = degrees - reference


@compiled
def _where(flags: Flags, values: Floats, out: Floats, first: int, end: int) -> None:
    """values where flags are set, else 0."""
    for row in range(first, end):
        for column in range(values.shape[1]):
            out[row, column] = values[row, column] if flags[row, column] else np.float32(0)


@compiled
def _warm(over: Floats, reference: np.float32, total: np.float32, first: int, end: int) -> None:
    """Means above the reference become °C, times what the kernel's sum is beside 1."""
    for row in range(first, end):
        for column in range(over.shape[1]):
            over[row, column] = (over[row, column] + reference) * total
