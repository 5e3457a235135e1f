"""Indicators over time: every land cover that the city brought, reckoned alike.

Each with the coefficients, the hot day and the outlines of now, and without inventories of trees, which
speak of one day alone: what differs is the ground. While those are being reckoned, after another hot day
say, all that is shown is of the way of before: figures of two ways never stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from madang.ground.city.models import City
from madang.systems.climate.domain import fitting, reckoning, surfaces
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Layer, Reckoning, Surface

LEVEL = "trend"  # dongs, of one land cover each
SAME = ("table", "premises", "rows", "method", "eto")
MOST = 12  # land covers, the newest


@dataclass(frozen=True)
class Moment:
    """The city's dongs as one land cover has them; day as ISO, of the map or else of its coming. digest:
    SHA-256 of inputs.
    """

    day: str
    dated: bool
    rows: list[dict[str, Any]]
    simulated: bool
    inputs: dict[str, Any]
    digest: str
    made: datetime


def renew(city: City) -> None:
    """Reckon every land cover that is not reckoned yet in the way of now."""
    from madang.systems.climate.queries import by_district

    if reckoning.inputs(city) is None:
        return
    given = fitting.day_of(city)
    for land in _lands(city):
        stand = _stand(city, land)
        digest = reckoning.digest_of(stand)
        if Reckoning.objects.filter(city=city, level=LEVEL, digest=digest).exists():
            continue
        try:
            found = by_district(city, given, past=land)
        except Refusal:
            found = []  # a class that the table of now does not have: that day cannot be told
        Reckoning.objects.get_or_create(
            city=city, level=LEVEL, digest=digest,
            defaults={"inputs": stand, "rows": [asdict(each) for each in found],
                      "simulated": any(each.simulated for each in found)},
        )  # fmt: skip


def late(city: City) -> bool:
    """Whether a land cover is not reckoned yet in the way of now."""
    wanted = {reckoning.digest_of(_stand(city, land)) for land in _lands(city)}
    rows = Reckoning.objects.filter(city=city, level=LEVEL, digest__in=wanted)
    return reckoning.inputs(city) is not None and rows.count() < len(wanted)


def moments(city: City) -> list[Moment]:
    """What holds of each land cover, the oldest first; of one day the one that was brought last."""
    lands = {land.digest: land for land in _lands(city)}
    by_day: dict[str, tuple[Any, Moment]] = {}
    for row in _alike(city, lands):
        day, brought = str(row.inputs["land_day"]), lands[row.inputs["land"]].brought
        before = by_day.get(day)
        if row.rows and (before is None or before[0] < brought):
            dated = bool(row.inputs["dated"])
            found = Moment(day, dated, row.rows, row.simulated, row.inputs, row.digest, row.made)
            by_day[day] = (brought, found)
    return [by_day[day][1] for day in sorted(by_day)]


def _alike(city: City, lands: Mapping[str, Surface]) -> list[Reckoning]:
    """What was reckoned in one way: that which knows most land covers; of such that of now, or the newest."""
    ways: dict[str, dict[str, Reckoning]] = {_way(reckoning.inputs(city) or {}): {}}
    rows = Reckoning.objects.filter(city=city, level=LEVEL, inputs__land__in=list(lands))
    for row in rows.defer("rows").order_by("-made"):
        ways.setdefault(_way(row.inputs), {}).setdefault(row.inputs["land"], row)
    return list(max(ways.values(), key=len).values())  # of equals the first


def _way(inputs: Mapping[str, object]) -> str:
    return reckoning.digest_of({name: inputs.get(name) for name in SAME})


def _lands(city: City) -> Iterable[Surface]:
    rows = Surface.objects.filter(city=city, layer=Layer.LAND).defer("file")
    return rows.select_related("data_set").order_by("-brought", "-id")[:MOST]


def _stand(city: City, land: Surface) -> dict[str, object]:
    """What figures of a land cover stand on: all of now but the ground."""
    now = reckoning.inputs(city) or {}
    day = _day(city, land)
    return {
        **{name: now.get(name) for name in SAME}, "land": land.digest,
        "land_day": day or f"{land.brought:%Y-%m-%d}", "dated": bool(day),
    }  # fmt: skip


def _day(city: City, land: Surface) -> str:
    """Of which day the map speaks: as it was said when it was reckoned, or as its data set says."""
    kept = Reckoning.objects.filter(city=city, inputs__land=land.digest).exclude(level=LEVEL)
    said = kept.values_list("inputs__land_day", flat=True).first()
    newest = surfaces.newest_or_none(city, Layer.LAND)
    if said is None and newest is not None and newest.pk == land.pk:
        said = str(land.data_set.as_of or "")
    return str(said or "")
