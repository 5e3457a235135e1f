"""Where the demo city is warm: what its own surfaces do to the air at each thermometer, by day and by night.

The same surfaces that the city shows make the world's heat, looked at in coarser cells and with an error
of each thermometer's own, so that the city's model can be held against stations that know the truth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from madang.demo.world.weather import Weather
from madang.ground.city.models import City
from madang.systems.climate.domain import surfaces, tables
from madang.systems.climate.engine import cooling
from madang.systems.climate.engine.corrected import City as Heat
from madang.systems.climate.engine.grid import Window
from madang.systems.climate.engine.measures import Worth
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.sunshine import sun_at
from madang.systems.climate.engine.tables import UNKNOWN
from madang.systems.climate.models import Layer

if TYPE_CHECKING:
    from madang.demo.world.world import Thing
    from madang.systems.climate.engine.grid import Floats

PART = 20.0  # metres of the cells in which the world looks at its ground
DAY, NIGHT = 3.5, 4.0  # °C that the air of the densest place is warmer than the country around
MIXING, PARKS = 500.0, 450.0  # metres
OFF = 0.05  # °C, standard deviation of what a thermometer always says too much
DUSK = 8.0  # degrees of the sun's height in which day becomes night
SETTLED = 2.0  # m/s of wind from which heat is carried away


@dataclass(frozen=True)
class Warmth:
    """Shares of the city's heat where a thermometer stands, and °C that it is always off."""

    day: float
    night: float
    off: float


@dataclass(frozen=True)
class Sky:
    """The middle of the city in degrees, for its sun."""

    lon: float
    lat: float

    def light(self, now: float) -> float:
        """1 by day, 0 by night, between them at dusk; now in Unix seconds."""
        height = sun_at(self.lon, self.lat, datetime.fromtimestamp(now, UTC)).altitude
        return float(np.clip(0.5 + height / DUSK, 0, 1))


def added(warmth: Warmth, light: float, weather: Weather) -> float:
    """°C that the city adds there: less where wind carries it away, and hardly any in rain."""
    share = light * DAY * warmth.day + (1 - light) * NIGHT * warmth.night
    calm = math.exp(-max(0.0, weather.wind - SETTLED) / 6) * (0.3 if weather.rain > 0 else 1.0)
    return share * calm + warmth.off


def sky(city: City) -> Sky | None:
    """None where nobody knows where the city lies."""
    west, south, east, north = city.west, city.south, city.east, city.north
    if west is None or south is None or east is None or north is None:
        return None
    return Sky((west + east) / 2, (south + north) / 2)


def of_stations(city: City, stations: Sequence[Thing], seed: int) -> dict[str, Warmth]:
    """By key, those that stand on known ground; none in a city without surfaces."""
    try:
        day, night, cell, west, north = _fields(city)
    except Refusal:
        return {}
    random, found = np.random.default_rng([seed, 5]), {}
    for one in stations:
        row, column = int((north - one.y) // cell), int((one.x - west) // cell)
        off = float(random.normal(0, OFF))
        inside = 0 <= row < day.shape[0] and 0 <= column < day.shape[1]
        if inside and np.isfinite(day[row, column]):
            found[one.key] = Warmth(float(day[row, column]), float(night[row, column]), off)
    return found


def _fields(city: City) -> tuple[Floats, Floats, float, float, float]:
    """Shares of the city's heat by day and by night in coarse cells, NaN where nothing is known."""
    land = surfaces.newest(city, Layer.LAND)
    table, here = tables.engine_table(tables.newest(city)), surfaces.grid(land)
    every = max(1, round(PART / here.cell))
    codes, known = _coarse(city, Layer.LAND, every)
    places = table.places(np.where(known, codes.astype(np.int64), -1), -1)
    water, wet = _coarse(city, Layer.EVAPOTRANSPIRATION, every)
    mask = (places != UNKNOWN) & wet
    worth = Worth(table, _measured(city, Layer.SHADE, every), _measured(city, Layer.ALBEDO, every))
    whole, climate = (
        Window(0, mask.shape[0], 0, mask.shape[1]),
        cooling.Climate(0, 1, MIXING, PARKS),
    )
    cell = here.cell * every
    cells = worth.of(places, whole, (), cell**2 / 10_000)
    capacity = cooling.by_day(
        cells.shade, cells.albedo, cells.kc, water.astype(np.float32), mask, climate.weights
    )
    day = Heat(capacity, cells.green & mask, mask, climate, cell)
    built, _ = worth.by_night(places, whole, ())
    night = day.otherwise(cooling.by_night(built, mask), climate)
    fields = (np.where(mask, each.temperature, np.float32(np.nan)) for each in (day, night))
    return (*fields, cell, here.west, here.north)  # type: ignore[return-value]


def _coarse(city: City, layer: Layer, every: int) -> tuple[np.ndarray, np.ndarray]:
    """One cell of each `every` by `every`, that in their middle, and where it is known."""
    found = surfaces.unpack(surfaces.newest(city, layer))
    at = slice(every // 2, None, every)
    return found.values[at, at].copy(), found.mask[at, at].copy()


def _measured(city: City, layer: Layer, every: int) -> Floats | None:
    try:
        values, known = _coarse(city, layer, every)
    except Refusal:
        return None
    return np.where(known, values, np.nan).astype(np.float32)
