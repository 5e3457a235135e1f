"""Weather stations of the city: what each says of the air just now, and what the heat map makes of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Q

from madang.ground.city.models import City
from madang.ground.sensing.models import Channel, Device
from madang.ground.sensing.public import newest
from madang.systems.climate.engine.calibration import blocks
from madang.systems.climate.engine.cooling import Climate
from madang.systems.climate.engine.grid import Floats
from madang.systems.climate.engine.present import Present, present
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.sunshine import sun_at
from madang.systems.climate.pictures import HEAT, Scale

if TYPE_CHECKING:
    from madang.systems.climate.engine.corrected import City as Heat
    from madang.systems.climate.held import Place

FRESH = timedelta(hours=1)  # older than that is no longer "now"
BLOCK = 2_000.0  # metres: nearer stations are neighbours and left out together
# Air is what a channel of this key measures, or "temperature" of a kind that is a weather station.
AIR, OF_STATIONS, STATION = "air_temperature", "temperature", "weather_station"


@dataclass(frozen=True)
class Reading:
    """What a station said last: degrees and metres of where it stands, °C, when."""

    name: str
    lon: float
    lat: float
    x: float
    y: float
    celsius: float
    time: datetime
    simulated: bool


@dataclass(frozen=True)
class Now:
    """Stations heard within the hour; those on the city's known ground first carry the map.

    air None: no station speaks, and how warm it is now is unknown. dark: the sun is down, and the
    pattern is that of the hot day's night; climate: the degrees of that day or night.
    """

    readings: list[Reading]
    used: list[bool]
    air: Present | None
    scale: Scale
    dark: bool
    climate: Climate

    @property
    def pattern(self) -> str:
        """The layer whose pattern it is."""
        return "night" if self.dark else "temperature"

    def degrees(self, temperature: Floats) -> Floats:
        """Air of the hot day, or of its night, in °C as that of now."""
        assert self.air is not None
        climate = self.climate
        share = (temperature - np.float32(climate.reference)) / np.float32(climate.urban_heat or 1)
        return np.asarray(
            np.float32(self.air.reference) + np.float32(self.air.urban_heat) * share, np.float32
        )


def air_channels(city: City) -> list[Channel]:
    """What of the city's devices measures the air's temperature."""
    air = Q(key=AIR) | Q(key=OF_STATIONS, kind__key=STATION)
    return list(Channel.objects.filter(air, kind__city=city, unit="Cel"))


def heard(city: City, now: datetime) -> list[Reading]:
    """The newest air temperature of each of the city's stations that was heard within the hour."""
    channels = air_channels(city)
    if not channels:
        return []
    found = newest(city.pk, channels, now - FRESH)
    rows = Device.objects.filter(city=city, number__in=found, x__isnull=False).order_by("key")
    return [
        Reading(str(row), row.lon, row.lat, row.x, row.y, found[row.number][1],
                found[row.number][0], row.simulated)
        for row in rows
        if row.lon is not None and row.lat is not None and row.x is not None and row.y is not None
    ]  # fmt: skip


def pattern_at(place: Place, moment: datetime) -> tuple[Heat, bool]:
    """The air whose pattern holds at a moment, and whether that is the night's: once the sun is down,
    where the table says how densely each class is built.
    """
    city, ground = place.city, place.ground
    if None in (city.west, city.south, city.east, city.north):
        return ground.heat, False
    lon, lat = (city.west + city.east) / 2, (city.south + city.north) / 2  # type: ignore[operator]
    try:
        return (
            (ground.heat, False) if sun_at(lon, lat, moment).altitude > 0 else (ground.night, True)
        )
    except Refusal:
        return ground.heat, False


def now_of(place: Place, readings: Sequence[Reading], moment: datetime) -> Now:
    """The map of now from what stations say; those that stand outside the known ground are not used."""
    here = place.ground.grid
    heat, dark = pattern_at(place, moment)
    x, y = (np.array([getattr(each, axis) for each in readings], np.float64) for axis in "xy")
    column = np.floor((x - here.west) / here.cell).astype(np.int64)
    row = np.floor((here.north - y) / here.cell).astype(np.int64)
    inside = (row >= 0) & (row < here.rows) & (column >= 0) & (column < here.columns)
    inside[inside] = heat.mask[row[inside], column[inside]]
    if not inside.any():
        nothing = Scale("°C", 0, 30, HEAT)
        return Now(list(readings), inside.tolist(), None, nothing, dark, heat.climate)
    climate = heat.climate
    degrees = heat.temperature[row[inside], column[inside]].astype(np.float64)
    exposure = (degrees - climate.reference) / (climate.urban_heat or 1)
    measured = np.array([each.celsius for each in readings])[inside]
    air = present(exposure, measured, blocks(x[inside], y[inside], BLOCK), climate.urban_heat)
    found = Now(list(readings), inside.tolist(), air, Scale("°C", 0, 30, HEAT), dark, climate)
    known = found.degrees(heat.temperature[heat.mask])
    low, high = math.floor(float(known.min())), math.ceil(float(known.max()))
    return replace(found, scale=Scale("°C", low, max(high, low + 2), HEAT))


def said(now: Now, place: Place, asked: datetime) -> dict[str, Any]:
    """As data: stations with age, the level and how far the map may be off; None is unknown."""
    air = now.air
    times = [each.time for each, used in zip(now.readings, now.used, strict=True) if used]
    return {
        "method": None if air is None else "hot-day-pattern-at-stations-level-2",
        "pattern": "night" if now.dark else "day",
        "reference": air and air.reference, "urban_heat": air and air.urban_heat,
        "celsius": air and _mean(now, place),
        "half_width": air and air.half_width, "error": air and air.error,
        "null_error": air and air.null_error, "helps": air and air.helps,
        "blocks": air.blocks if air else 0,
        "newest": max(times).isoformat() if times else None,
        "oldest": min(times).isoformat() if times else None,
        "asked": asked.isoformat(),
        "simulated": any(each.simulated for each in now.readings) or place.simulated,
        "stations": [_station(each, used, asked)
                     for each, used in zip(now.readings, now.used, strict=True)],
    }  # fmt: skip


def _mean(now: Now, place: Place) -> float:
    heat = place.ground.night if now.dark else place.ground.heat
    mean = heat.temperature[heat.mask].mean(dtype=np.float64)
    return float(now.degrees(np.asarray([mean], np.float32))[0])


def _station(reading: Reading, used: bool, asked: datetime) -> dict[str, Any]:
    return {
        "name": reading.name, "lon": reading.lon, "lat": reading.lat, "celsius": reading.celsius,
        "time": reading.time.isoformat(), "age_s": round((asked - reading.time).total_seconds()),
        "used": used, "simulated": reading.simulated,
    }  # fmt: skip
