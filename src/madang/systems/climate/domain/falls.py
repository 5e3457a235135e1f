"""What fell in the city's districts, followed through the states that its ground was in.

A state is a land cover with inventories of trees; compared is a hectare of known ground, before and after,
reckoned with the same coefficients by the same method: another table, or ground that nobody looked at
before, is no fall of the city. What has fallen stays fallen, measured from before it fell, until it is back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_lazy as _

from madang.ground.cases.models import Threshold
from madang.ground.web.registry import Text
from madang.systems.climate.models import Layer, Reckoning, Surface

LEVEL = "dong"
SAME = ("table", "method")
STATE = ("land", "rows")  # of the city: its ground and its trees


@dataclass(frozen=True)
class Watched:
    """An indicator: how it is called, what of a reckoned row it is, how a hectare and all of it are said."""

    title: Text
    of: str
    unit: str
    whole: str
    times: float = 1.0

    def a_hectare(self, row: Mapping[str, Any]) -> float | None:
        if not row["hectares"]:
            return None
        if self.of == "carbon":
            return float(sum(row["pools"].values()) + row["trees"]) / float(row["hectares"])
        return None if row[self.of] is None else float(row[self.of]) / float(row["hectares"])


WATCHED: Mapping[str, Watched] = {
    "carbon_fall": Watched(_("Fall of carbon storage"), "carbon", "tC/ha", "tC"),
    "green_fall": Watched(_("Fall of green space"), "green", "%", "ha", 100.0),
}


@dataclass(frozen=True)
class Fall:
    """Of one district: how much less a hectare of it has of an indicator than in the state it was in since.

    rungs are the thresholds as they were when it fell, the gravest first.
    """

    key: str
    name: str
    before: float
    now: float
    hectares: float
    since: Reckoning
    rungs: tuple[Threshold, ...]

    @property
    def percent(self) -> float:
        return (self.before - self.now) / self.before * 100

    @property
    def lost(self) -> float:
        """In the whole district, as far as its ground is known."""
        return (self.before - self.now) * self.hectares

    @property
    def reached(self) -> Threshold | None:
        found = (row for row in self.rungs if row.level is not None and self.percent >= row.level)
        return next(found, None)

    @property
    def back(self) -> bool:
        """Below every level to clear at of the thresholds that raised it."""
        levels = (row.clear_level for row in self.rungs)
        return all(level is None or self.percent <= level for level in levels)


def states(now: Reckoning) -> list[Reckoning]:
    """The states of the city up to that of now, in the order in which they came, reckoned as now was.

    Of each the first reckoning: another hot day is no other state. Land covers that were taken back are
    left out, and those of an earlier day that were brought later; nothing where now's is such a one.
    """
    kept: list[Reckoning] = []
    seen: list[list[object]] = []
    land = set(
        Surface.objects.filter(city=now.city_id, layer=Layer.LAND).values_list("digest", flat=True)
    )
    for row in _alike(now):
        if (state := _state(row)) in seen:
            continue
        seen.append(state)
        own = state == _state(now)
        if not _earlier(row, kept) and (own or row.inputs.get("land") in land):
            kept.append(row)
        if own:
            return kept if kept[-1] is row else []
    return []


def _alike(now: Reckoning) -> Iterator[Reckoning]:
    same = {f"inputs__{name}": now.inputs.get(name) for name in SAME}
    rows = Reckoning.objects.filter(city=now.city_id, level=now.level, **same)
    yield from rows.defer("rows").order_by("made", "id")


def _state(row: Reckoning) -> list[object]:
    return [row.inputs.get(name) for name in STATE]


def _earlier(row: Reckoning, kept: Sequence[Reckoning]) -> bool:
    """Whether its land cover is of an earlier day than one that came before it."""
    newest = max((str(each.inputs.get("land_day") or "") for each in kept), default="")
    return newest > str(row.inputs.get("land_day") or "9")


def previous(now: Reckoning) -> Reckoning | None:
    """The state before that of now."""
    found = states(now)
    return found[-2] if len(found) > 1 else None


def follow(
    found: Sequence[Reckoning],
    quantity: str,
    keys: Collection[str],
    rungs: Callable[[Reckoning], tuple[Threshold, ...]],
) -> dict[str, Fall]:
    """What of the districts of keys has fallen in the last of the states, and is not back."""
    fallen: dict[str, Fall] = {}
    for before, now in pairwise(found):
        figures = _figures(now, quantity)
        fresh = _falls(before, _figures(before, quantity), figures, rungs(now))
        held = {key: _onwards(fall, figures) for key, fall in fallen.items()}
        fallen = {key: fall for key, fall in {**fresh, **held}.items()
                  if key in keys and (not fall.back if key in held else fall.reached)}  # fmt: skip
    return fallen


@dataclass(frozen=True)
class _Figure:
    name: str
    value: float
    hectares: float


def _figures(row: Reckoning, quantity: str) -> dict[str, _Figure]:
    """The indicator a hectare of each district that knows it."""
    said = ((each, WATCHED[quantity].a_hectare(each)) for each in row.rows)
    return {
        each["key"]: _Figure(each["name"], value, each["hectares"])
        for each, value in said
        if value is not None
    }


def _falls(
    since: Reckoning,
    before: Mapping[str, _Figure],
    now: Mapping[str, _Figure],
    rungs: tuple[Threshold, ...],
) -> dict[str, Fall]:
    """Every district that both know, rises as falls below 0."""
    return {
        key: Fall(key, one.name, before[key].value, one.value, one.hectares, since, rungs)
        for key, one in now.items()
        if key in before and before[key].value
    }


def _onwards(fall: Fall, now: Mapping[str, _Figure]) -> Fall:
    """The same fall in a later state; as it was where the district is not known there."""
    one = now.get(fall.key)
    return replace(fall, now=one.value, hectares=one.hectares) if one else fall
