"""Measures as people read them: in their language's numbers, with unit, and unknown said as unknown."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from madang.ground.measure import Measure
from madang.ground.web.registry import Text

# UCUM code → how it is written on a screen; a code that is not here is shown as it is.
UNITS: dict[str, Text] = {
    "1": "",
    "%": "%",
    "Cel": "°C",
    "K": "K",
    "m": "m",
    "km": "km",
    "deg": "°",
    "m2": "㎡",
    "km2": "㎢",
    "m3": "㎥",
    "m/s": "m/s",
    "km/h": "km/h",
    "s": _("s"),
    "min": _("min"),
    "h": _("h"),
    "d": _("days"),
    "By": "B",
    "kBy": "kB",
    "MBy": "MB",
    "GBy": "GB",
    "kg": "kg",
    "t": "t",
    "t/a": _("t/year"),
    "W": "W",
    "kW": "kW",
    "W/m2": "W/㎡",
    "ug/m3": "㎍/㎥",
    "[KRW]": _("won"),
    "{person}": _("people"),
    "{camera}": _("cameras"),
    "{vehicle}": _("vehicles"),
    "{vehicle}/h": _("vehicles/h"),
    "{event}": _("events"),
    "{case}": _("cases"),
    "{item}": _("items"),
}


def unit_text(unit: str) -> Text:
    """How the UCUM unit is written on a screen."""
    return UNITS.get(unit, unit)


def value_text(measure: Measure) -> str:
    """The number in the active language, rounded to what its uncertainty lets one say."""
    if measure.value is None:
        return ""
    places = decimals(measure.value, measure.uncertainty)
    return number_text(measure.value, places)


def number_text(value: float, places: int) -> str:
    """value with thousands grouped and `places` decimals, in the active language."""
    step = Decimal(1).scaleb(-places)
    # ROUND_HALF_EVEN on the shortest decimal form: 0.125 is read as people wrote it.
    rounded = Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_EVEN)
    return number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)


def decimals(value: float, uncertainty: float | None = None) -> int:
    """How many decimals are honest: down to the uncertainty's first digit, else three digits in all."""
    if uncertainty:
        return min(6, max(0, -math.floor(math.log10(uncertainty))))
    if value == int(value) or abs(value) >= 100:
        return 0
    return min(6, max(0, 2 - math.floor(math.log10(abs(value)))))
