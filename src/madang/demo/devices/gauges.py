"""Things that stand and measure: weather, air, water, bells; some run on a battery that runs flat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from madang.demo.devices.messages import Message
from madang.demo.world.world import Thing, World

EVERY = {  # seconds
    "weather_station": 60.0,
    "air_quality_station": 300.0,
    "underpass_gauge": 30.0,
    "stream_gauge": 60.0,
    "bell": 600.0,
}
AIR = {
    "weather_station": "temperature",
    "air_quality_station": "air_temperature",
}  # what is °C of the air
BATTERY_KINDS = {"bell", "stream_gauge"}
BATTERY_EVERY, BATTERY_DAYS = 900.0, 40.0  # seconds between words about it; how long one lasts
NEARLY_FLAT = 0.02  # share of the batteries that are about to end
CHANGED_AFTER = 2 * 3600.0  # seconds until somebody has put in a new one
WET = 0.02  # metres from which an underpass speaks three times as often


class Gauges:
    """One device a gauge of the world."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._random = np.random.default_rng([seed, 3])
        self._due = {
            one.key: world.now + self._random.random() * EVERY[one.kind] for one in world.gauges
        }
        self._charge: dict[str, float] = {}
        self._charge_due: dict[str, float] = {}
        self._flat_since: dict[str, float] = {}
        for one in world.gauges:
            if one.kind in BATTERY_KINDS:
                low = self._random.random() < NEARLY_FLAT
                self._charge[one.key] = 0.001 if low else float(self._random.uniform(0.2, 1.0))
                self._charge_due[one.key] = world.now
        self._rings: set[str] = set()
        self._looked = world.now

    def look(self) -> Iterator[Message]:
        """What the gauges send now."""
        world = self._world
        passed, self._looked = world.now - self._looked, world.now
        for one in world.gauges:
            self._drain(one.key, passed)
            if world.is_silent(one.key) or one.key in self._flat_since:
                continue
            if one.kind == "bell" and (rung := self._ring(one)):
                yield rung
                continue  # one device has one state of a name at one moment
            if self._due[one.key] <= world.now:
                self._due[one.key] += self._interval(one)
                yield from self._measure(one)
            if self._charge_due.get(one.key, np.inf) <= world.now:
                self._charge_due[one.key] += BATTERY_EVERY
                yield self._readings(one, {"battery": round(self._charge[one.key], 3)})

    def _interval(self, one: Thing) -> float:
        hurry = one.kind == "underpass_gauge" and self._world.level(one.key) > WET
        return EVERY[one.kind] / (3 if hurry else 1)

    def _drain(self, key: str, passed: float) -> None:
        if key not in self._charge:
            return
        if key in self._flat_since:
            if self._world.now - self._flat_since[key] > CHANGED_AFTER:
                del self._flat_since[key]
                self._charge[key] = 1.0
                self._due[key] = self._charge_due[key] = self._world.now
            return
        self._charge[key] -= passed / (BATTERY_DAYS * 86400)
        if self._charge[key] <= 0:
            self._flat_since[key] = self._world.now

    def _measure(self, one: Thing) -> Iterator[Message]:
        weather, noise = self._world.weather, self._random.normal
        if one.kind == "weather_station":
            yield self._readings(
                one,
                {
                    "temperature": round(self._world.air(one.key) + noise(0, 0.15), 2),
                    "humidity": round(
                        float(np.clip(weather.humidity * 100 + noise(0, 1), 0, 100)), 1
                    ),
                    "wind_speed": round(abs(weather.wind + noise(0, 0.3)), 2),
                    "wind_direction": round((weather.wind_from + noise(0, 4)) % 360, 1),
                    "rain_rate": round(max(weather.rain * (1 + noise(0, 0.05)), 0), 2),
                },
            )
        elif one.kind == "air_quality_station":
            coarse = max(weather.pm10 + noise(0, 3), 1.0)
            fine = max(weather.pm10 * 0.55 + noise(0, 2), 0.5)
            values = {"pm10": round(coarse, 1), "pm25": round(fine, 1)}
            if (
                one.key in self._world.warmth
            ):  # a city made before it measured the air does not know it
                values["air_temperature"] = round(self._world.air(one.key) + noise(0, 0.15), 2)
            yield self._readings(one, values)
        elif one.kind == "underpass_gauge":
            depth = max(self._world.level(one.key) * 100 + noise(0, 0.15), 0.0)
            yield self._readings(one, {"water_depth": round(depth, 1)})
        elif one.kind == "stream_gauge":
            yield self._readings(
                one, {"water_level": round(self._world.level(one.key) + noise(0, 0.008), 3)}
            )
        elif one.key not in self._rings:
            yield self._state(one, "idle")

    def _ring(self, one: Thing) -> Message | None:
        """What the bell says the moment it is pressed, or its ringing ends."""
        rings = one.key in self._world.ringing
        if rings == (one.key in self._rings):
            return None
        (self._rings.add if rings else self._rings.discard)(one.key)
        return self._state(one, "pressed" if rings else "idle")

    def _readings(self, one: Thing, values: dict[str, float]) -> Message:
        t = int(self._world.now * 1000)
        facts = [{"t": t, "channel": channel, "value": value} for channel, value in values.items()]
        return Message(one.key, "readings", facts)

    def _state(self, one: Thing, value: str) -> Message:
        fact: dict[str, Any] = {"t": int(self._world.now * 1000), "name": "bell", "value": value}
        return Message(one.key, "states", [fact])
