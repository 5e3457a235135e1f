"""Where the sun stands, and what of it arrives through a clear sky.

Position by the series of Spencer 1971 (declination and equation of time, within a few hundredths of a
degree); direct radiation by Meinel and Meinel 1976 with the air mass of Kasten and Young 1989, and a
tenth of it on a level surface from the rest of the sky.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from madang.systems.climate.engine.radiation import Sun

CONSTANT = 1_361.0  # W/m² before the air
DIFFUSE = 0.1  # of the direct radiation


def sun_at(lon: float, lat: float, moment: datetime) -> Sun:
    """The sun over a place in degrees at a moment that knows its zone, on a day without clouds."""
    there = moment.astimezone(UTC)
    hours = there.hour + there.minute / 60 + there.second / 3_600
    day = 2 * np.pi / 365 * (there.timetuple().tm_yday - 1 + (hours - 12) / 24)
    minutes = 229.18 * (
        0.000075 + 0.001868 * np.cos(day) - 0.032077 * np.sin(day)
        - 0.014615 * np.cos(2 * day) - 0.040849 * np.sin(2 * day)
    )  # fmt: skip
    declination = (
        0.006918 - 0.399912 * np.cos(day) + 0.070257 * np.sin(day)
        - 0.006758 * np.cos(2 * day) + 0.000907 * np.sin(2 * day)
        - 0.002697 * np.cos(3 * day) + 0.00148 * np.sin(3 * day)
    )  # fmt: skip
    turned = np.radians((hours * 60 + minutes + 4 * lon) / 4 - 180)
    up = np.radians(lat)
    height = np.sin(up) * np.sin(declination) + np.cos(up) * np.cos(declination) * np.cos(turned)
    east = -np.cos(declination) * np.sin(turned)
    north = np.cos(up) * np.sin(declination) - np.sin(up) * np.cos(declination) * np.cos(turned)
    altitude = float(np.degrees(np.arcsin(np.clip(height, -1, 1))))
    direct = _direct(altitude)
    return Sun(float(np.degrees(np.arctan2(east, north)) % 360), altitude, direct, direct * DIFFUSE)


def _direct(altitude: float) -> float:
    """W/m² on a surface that faces the sun."""
    if altitude <= 0:
        return 0.0
    mass = 1 / (np.sin(np.radians(altitude)) + 0.50572 * (altitude + 6.07995) ** -1.6364)
    return float(CONSTANT * 0.7 ** (mass**0.678))
