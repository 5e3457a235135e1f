"""Cells to numbers, days and words. An empty cell is None: unknown is not zero."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any

from madang.ground.city.reasons import Rejected

EMPTY = frozenset(["", "-", "n/a", "null", "none", "nan", "해당없음", "미상"])
DAY = re.compile(r"(\d{4})\D?(\d{1,2})(?:\D?(\d{1,2}))?")


def text(value: Any) -> str:
    """The cell's words without space around them; empty where there are none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    words = str(value).replace("\x00", "").strip()
    return "" if words.lower() in EMPTY else words


def number(value: Any, column: str) -> float | None:
    """A number, thousands' commas allowed; Rejected where the cell holds something else."""
    words = text(value).replace(",", "")
    if not words:
        return None
    try:
        found = float(words)
    except ValueError:
        raise Rejected("not-a-number", column=column, value=words[:60]) from None
    if not math.isfinite(found):
        raise Rejected("not-a-number", column=column, value=words[:60])
    return found


def whole(value: Any, column: str, least: int = 0, most: int = 2_000_000_000) -> int | None:
    """A whole number between least and most."""
    found = number(value, column)
    if found is None:
        return None
    if not float(found).is_integer() or not least <= found <= most:
        raise Rejected("out-of-range", column=column, value=text(value)[:60])
    return int(found)


def day(value: Any, column: str) -> date | None:
    """A day from 2025-10-24, 20251024, 2025.10.24 or, as its first day, a month: 2025-10."""
    words = text(value)
    if not words:
        return None
    found = DAY.match(words)
    try:
        if found is None:
            raise ValueError
        year, month, of_month = found.groups()
        return date(int(year), int(month), int(of_month or 1))
    except ValueError:
        raise Rejected("not-a-date", column=column, value=words[:60]) from None
