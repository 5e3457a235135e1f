"""What kind of day it is for traffic and signals: a day of the week, or a public holiday."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

HOLIDAY = 7


@lru_cache(maxsize=64)
def day_type(day: date) -> int:
    """0 Monday to 6 Sunday, HOLIDAY on Korea's public holidays, substitutes among them."""
    import holidays

    closed = holidays.country_holidays("KR", years=day.year)
    return HOLIDAY if day in closed else day.weekday()
