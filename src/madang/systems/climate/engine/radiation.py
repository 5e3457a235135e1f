"""Shadows, sky view and mean radiant temperature in a window, for what an edit does to a street.

heights are metres above the ground of whatever stands there (roofs, crowns); cells are square. A sun
ray and a horizon are walked cell by cell, so a narrow thing is missed where it is thinner than a cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from madang.systems.climate.engine.compiled import compiled, over_rows
from madang.systems.climate.engine.grid import Flags, Floats, Window
from madang.systems.climate.engine.refusal import Refusal

STEFAN = 5.670374e-8  # W/(m² K⁴)
KELVIN = 273.15
EYES = 1.1  # metres: the middle of a standing person
DIRECTIONS = 32
FARTHEST = 200.0  # metres: nothing farther takes away much of the sky
ABSORBED = 0.7  # of short waves, by clothed skin (VDI 3787-2)
EMITTED = 0.97  # of long waves
WARMED = 25.0  # W/(m² K): how fast ground and walls lose heat to air and sky; Madang's own choice


@dataclass(frozen=True)
class Sun:
    """Where it stands, in degrees (azimuth from north over east), and what arrives in W/m²:
    direct on a surface that faces it, diffuse on a level one.
    """

    azimuth: float
    altitude: float
    direct: float
    diffuse: float

    def __post_init__(self) -> None:
        if not (-90 <= self.altitude <= 90 and min(self.direct, self.diffuse) >= 0):
            raise Refusal("bad-sun", altitude=self.altitude, direct=self.direct)


def sunlit(heights: Floats, cell: float, sun: Sun) -> Flags:
    """Whether the sun reaches a person in each cell; nothing stands beyond the window. What stands in
    the cell itself is over the person: under a crown there is shade.
    """
    _check(heights)
    out = np.zeros(heights.shape, np.bool_)
    if sun.altitude <= 0:
        return out
    east, north = _towards(sun.azimuth)
    slope = float(np.tan(np.radians(sun.altitude))) * cell
    highest = float(heights.max())
    over_rows(
        len(heights),
        lambda a, b: _cast(heights, -north, east, slope, highest, out, a, b),
    )
    return out


def sky_view(
    heights: Floats, cell: float, beneath: Flags | None = None, window: Window | None = None
) -> Floats:
    """The share of the sky over each person of window that is free, weighted by the cosine (0..1).

    Mean over directions of cos² of the horizon (Johnson and Watson 1984, for walls of any plan). A
    person stands on what is in the cell, or beneath it where `beneath` says so: under a crown.
    """
    _check(heights)
    here = window or Window(0, heights.shape[0], 0, heights.shape[1])
    out = np.empty(here.shape, np.float32)
    ways = np.array([_towards(360 / DIRECTIONS * n) for n in range(DIRECTIONS)])
    steps, highest = max(1, int(FARTHEST / cell)), float(heights.max())
    under = np.zeros(heights.shape, np.bool_) if beneath is None else beneath
    over_rows(
        len(out),
        lambda a, b: _look_up(
            heights, under, ways, cell, steps, highest, here.top, here.left, out, a, b
        ),
    )
    return out


def mean_radiant(
    sky: Floats,
    lit: Flags | Floats,
    air: Floats,
    albedo: Floats,
    dry: Floats,
    sun: Sun,
    humidity: float,
) -> Floats:
    """°C: what the surroundings radiate on a standing person, as one temperature.

    lit is the share of the direct sun that arrives: under a crown a little, in a house's shadow none.

    VDI 3787-2 with three surroundings: the sky (half of the sphere, as far as it is free), walls in
    its place, and the ground (the other half). `dry` is the share of what the ground absorbs that
    water does not carry off (1 - evapotranspiration index). What ground and walls are warmer than the
    air is taken to be steady, which it is not in the first hour of sun: a screening of plans, not a
    forecast.
    """
    person = _projected(sun.altitude)
    level = sun.direct * max(0.0, float(np.sin(np.radians(sun.altitude))))
    kelvin = air.astype(np.float64) + KELVIN
    falling = lit * level + sun.diffuse * sky
    ground = kelvin + (1 - albedo) * falling * dry / WARMED
    walls = kelvin + (1 - albedo) * (falling - sun.diffuse * sky) * 0.25 / WARMED
    sky_share, wall_share = sky / 2, (1 - sky) / 2
    long = STEFAN * (
        sky_share * _sky_emits(air, humidity) * kelvin**4
        + wall_share * EMITTED * walls**4
        + 0.5 * EMITTED * ground**4
    )
    short = sky_share * sun.diffuse + (wall_share * 0.5 + 0.5) * albedo * falling
    short = short + lit * (person * sun.direct)
    received = long + ABSORBED / EMITTED * short
    return np.asarray((received / STEFAN / EMITTED) ** 0.25 - KELVIN, np.float32)


def _sky_emits(air: Floats, humidity: float) -> Floats:
    """The clear sky's emissivity by vapour (Prata 1996)."""
    vapour = humidity / 100 * 6.105 * np.exp(17.27 * air / (237.7 + air))
    water = 46.5 * vapour / (air + KELVIN)
    return np.asarray(1 - (1 + water) * np.exp(-np.sqrt(1.2 + 3 * water)))


def _projected(altitude: float) -> float:
    """The share of a standing person that the sun sees (Fanger 1972, as VDI 3787-2 has it)."""
    high = max(0.0, altitude)
    return 0.308 * float(np.cos(np.radians(high * (0.998 - high**2 / 50_000))))


def _towards(azimuth: float) -> tuple[float, float]:
    """Steps east and north for one cell of way."""
    angle = np.radians(azimuth)
    return float(np.sin(angle)), float(np.cos(angle))


def _check(heights: Floats) -> None:
    if heights.size == 0:
        raise Refusal("no-cells", rows=heights.shape[0], columns=heights.shape[-1])
    wrong = ~(heights >= 0)  # a NaN is not either
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        value = float(heights[row, column])
        raise Refusal("bad-height", cells=int(wrong.sum()), row=row, column=column, value=value)


@compiled
def _cast(
    heights: Floats,
    down: float,
    right: float,
    slope: float,
    highest: float,
    out: Flags,
    first: int,
    end: int,
) -> None:
    rows, columns = heights.shape
    for row in range(first, end):
        for column in range(columns):
            ray, step = EYES, 0
            out[row, column] = heights[row, column] <= EYES
            while out[row, column] and ray < highest:
                step += 1
                ray = EYES + slope * step
                y, x = int(np.round(row + down * step)), int(np.round(column + right * step))
                if not (0 <= y < rows and 0 <= x < columns):
                    break
                if heights[y, x] > ray:
                    out[row, column] = False


@compiled
def _look_up(
    heights: Floats,
    under: Flags,
    ways: Floats,
    cell: float,
    steps: int,
    highest: float,
    top: int,
    left: int,
    out: Floats,
    first: int,
    end: int,
) -> None:
    rows, columns = heights.shape
    for row in range(top + first, top + end):
        for column in range(left, left + out.shape[1]):
            total, eye = 0.0, EYES
            if not under[row, column]:
                eye = max(EYES, heights[row, column])
            for way in range(len(ways)):
                steepest = 0.0
                for step in range(1, steps + 1):
                    if (highest - eye) / (step * cell) <= steepest:
                        break  # nothing farther out can rise above this
                    y = int(np.round(row - ways[way, 1] * step))
                    x = int(np.round(column + ways[way, 0] * step))
                    if not (0 <= y < rows and 0 <= x < columns):
                        break
                    steepest = max(steepest, (heights[y, x] - eye) / (step * cell))
                total += 1 / (1 + steepest**2)
            out[row - top, column - left] = total / len(ways)
