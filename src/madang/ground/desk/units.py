"""A threshold's level in the unit of the channel that it is held against."""

from __future__ import annotations

LENGTHS = {"m": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001, "km": 1000.0}
SPEEDS = {"m/s": 1.0, "km/h": 1 / 3.6}
SHARES = {"1": 1.0, "%": 0.01}
FAMILIES = (LENGTHS, SPEEDS, SHARES)


class OtherUnit(ValueError):
    """The two units do not measure the same; the message names both."""


def converted(value: float, unit: str, to: str) -> float:
    """value, which is in unit, in another unit of the same quantity (UCUM codes)."""
    if unit == to:
        return value
    for family in FAMILIES:
        if unit in family and to in family:
            return value * family[unit] / family[to]
    raise OtherUnit(f"a level in {unit} cannot be held against values in {to}")
