"""Indicators over time: every land cover that the city brought, reckoned alike.

Each with the coefficients, the hot day and the outlines of now, and without inventories of trees, which
speak of one day alone: what differs is the ground. An older table's figures stand beside nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
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
            continue  # a class that the table of now does not have: that day cannot be told
        Reckoning.objects.get_or_create(
            city=city, level=LEVEL, digest=digest,
            defaults={"inputs": stand, "rows": [asdict(each) for each in found],
                      "simulated": any(each.simulated for each in found)},
        )  # fmt: skip


def moments(city: City) -> list[Moment]:
    """What holds of each land cover, the oldest first; of one day the one that was brought last."""
    wanted = {reckoning.digest_of(stand): (land, stand)
              for land in _lands(city) for stand in [_stand(city, land)]}  # fmt: skip
    rows = Reckoning.objects.filter(city=city, level=LEVEL, digest__in=wanted)
    by_day: dict[str, tuple[Any, Moment]] = {}
    for row in rows:
        land, stand = wanted[row.digest]
        day, dated = str(stand["land_day"]), bool(stand["dated"])
        before = by_day.get(day)
        if before is None or before[0] < land.brought:
            found = Moment(day, dated, row.rows, row.simulated, row.inputs, row.digest)
            by_day[day] = (land.brought, found)
    return [by_day[day][1] for day in sorted(by_day)]


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
