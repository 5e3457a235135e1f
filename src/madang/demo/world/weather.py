"""Weather over the city and the water it makes: one state that every gauge looks at.

Simple laws with plausible numbers for central Korea, not a forecast: a yearly and a daily wave of
temperature, spells of rain, first-order drift for the rest, and reservoirs that fill with rain and run dry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from madang.demo.world.street import Floats

KST = 9 * 3600
WARMEST_DAY, WARMEST_HOUR = 212, 15  # 31 July, three in the afternoon
SPELLS_A_DAY = 0.6
SPELL_HOURS = 3.0


@dataclass
class Weather:
    """Temperature °C, humidity 0-1, wind m/s and degrees, rain mm/h, fine dust µg/m³."""

    random: np.random.Generator
    temperature: float = 15.0
    humidity: float = 0.6
    wind: float = 2.0
    wind_from: float = 270.0
    rain: float = 0.0
    pm10: float = 40.0
    forced_rain: float | None = None
    _drift: float = 0.0
    _spell: float = 0.0  # mm/h of the spell that is on

    def step(self, now: float, dt: float) -> None:
        hours = dt / 3600
        self._drift += -self._drift * hours / 6 + self._noise(1.2, hours)
        self.temperature = season(now) + self._drift - min(self.rain, 10) * 0.2
        self._rain(hours)
        wet = (
            0.95 if self.rain > 0 else 0.78 - 0.018 * (self.temperature - season(now, daily=False))
        )
        self.humidity = float(np.clip(self.humidity + (wet - self.humidity) * hours * 2, 0.15, 1.0))
        self.wind = float(
            np.clip(self.wind + (2.2 - self.wind) * hours + self._noise(1.0, hours), 0, 30)
        )
        self.wind_from = (self.wind_from + self._noise(25, hours)) % 360
        clean = 12 if self.rain > 0 else 45
        self.pm10 = float(
            np.clip(self.pm10 + (clean - self.pm10) * hours + self._noise(8, hours), 3, 400)
        )

    def _rain(self, hours: float) -> None:
        if self._spell == 0 and self.random.random() < SPELLS_A_DAY * hours / 24:
            self._spell = float(self.random.gamma(1.3, 3.0)) + 0.3
        elif self._spell > 0 and self.random.random() < hours / SPELL_HOURS:
            self._spell = 0.0
        self.rain = self._spell if self.forced_rain is None else self.forced_rain

    def _noise(self, spread: float, hours: float) -> float:
        return float(self.random.normal(0, spread * math.sqrt(hours)))


def season(now: float, daily: bool = True) -> float:
    """The usual temperature of that day and hour in °C."""
    local = datetime.fromtimestamp(now + KST, UTC)
    day = local.timetuple().tm_yday
    mean = 12.5 + 14.0 * math.cos(2 * math.pi * (day - WARMEST_DAY) / 365.25)
    hour = local.hour + local.minute / 60
    return mean + (4.5 * math.cos(2 * math.pi * (hour - WARMEST_HOUR) / 24) if daily else 0.0)


@dataclass
class Water:
    """Levels in metres at gauges: an underpass is dry and pumped, a stream has a level of its own.

    catch: metres of level a mm of rain brings; drain: share of the excess that runs off an hour.
    """

    usual: Floats
    catch: Floats
    drain: Floats
    forced: dict[int, float] = field(default_factory=dict)
    level: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.level = self.usual.copy()

    def step(self, rain: float, dt: float) -> None:
        hours = dt / 3600
        excess = self.level - self.usual
        self.level = self.usual + (excess + rain * hours * self.catch) * np.exp(-self.drain * hours)
        for gauge, target in self.forced.items():  # a flooding rises within minutes
            self.level[gauge] += (target - self.level[gauge]) * (1 - math.exp(-dt / 90))


def water(streams: int, underpasses: int, random: np.random.Generator) -> Water:
    """Gauges of underpasses first, then those of streams."""
    return Water(
        usual=np.concatenate([np.zeros(underpasses), random.uniform(0.25, 0.8, streams)]),
        catch=np.concatenate(
            [random.uniform(0.001, 0.003, underpasses), random.uniform(0.02, 0.05, streams)]
        ),
        drain=np.concatenate([np.full(underpasses, 2.5), random.uniform(0.3, 0.6, streams)]),
    )
