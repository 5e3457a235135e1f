"""Levels of service: dated tables of the greatest control delay of each, from a file that a city may give."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

from django.conf import settings

OWN = Path(__file__).resolve().parent.parent / "levels_of_service.toml"
KNOWN = ("A", "B", "C", "D", "E", "F", "FF", "FFF")
UNKNOWN = ""


class LevelsError(ValueError):
    """The file is no table of levels; the message says where and why."""


@dataclass(frozen=True)
class Table:
    """limits: the greatest delay of each level but the last, s a vehicle."""

    since: date
    source: str
    limits: tuple[float, ...]

    def level(self, delay: float | None) -> str:
        """The level of a mean control delay; UNKNOWN where it is not known."""
        if delay is None or delay != delay:
            return UNKNOWN
        return next((k for k, top in zip(KNOWN, self.limits, strict=False) if delay <= top), "FFF")


def table(day: date) -> Table:
    """The table that counts on day, the first one for days before it."""
    tables = _tables(settings.TRAFFIC_LEVELS or OWN)
    return next((one for one in reversed(tables) if one.since <= day), tables[0])


@cache
def _tables(path: Path | str) -> tuple[Table, ...]:
    return read(Path(path))


def read(path: Path) -> tuple[Table, ...]:
    """The tables of a file, the oldest first."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))["table"]
        found = sorted((_table(one) for one in said), key=lambda one: one.since)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise LevelsError(f"{path} has no levels of service: {error}") from error
    except ValueError as error:
        raise LevelsError(f"{path}: {error}") from error
    if not found:
        raise LevelsError(f"{path} has no table.")
    return tuple(found)


def _table(said: dict[str, object]) -> Table:
    since, source, levels = said["since"], said["source"], said["levels"]
    if not isinstance(since, date) or not isinstance(source, str) or not isinstance(levels, list):
        raise TypeError("each table needs since (a day), source (words) and levels")
    names = tuple(level[0] for level in levels)
    if names != KNOWN:
        raise ValueError(f"the levels of {since} are {', '.join(names)}, not {', '.join(KNOWN)}")
    limits = tuple(float(level[1]) for level in levels[:-1])
    if any(later <= before for before, later in pairwise((0.0, *limits))):
        raise ValueError(f"the delays of {since} do not grow from level to level")
    return Table(since, source, limits)
