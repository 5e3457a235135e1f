"""Indicators of the whole city, reckoned when its surfaces change and kept with what they stand on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from uuid import UUID

from madang.ground.city.models import City, DataSet, District
from madang.ground.jobs import queries
from madang.systems.climate.domain import fitting, premises, surfaces, tables
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Layer, Reckoning, Tree

LEVELS = ("gu", "dong")
METHOD = "carbon-four-pools-1; trees-jenkins-2003-1; heat-invest-3.20.2; intervals-3"


def inputs(city: City) -> dict[str, object] | None:
    """What indicators stand on just now; None where land cover or coefficients are missing."""
    try:
        land, table = surfaces.newest(city, Layer.LAND), tables.newest(city)
    except Refusal:
        return None
    try:
        water = surfaces.newest(city, Layer.EVAPOTRANSPIRATION).digest
    except Refusal:
        water = ""
    outlines = DataSet.objects.filter(id__in=District.objects.filter(city=city).values("data_set"))
    trees = DataSet.objects.filter(id__in=Tree.objects.filter(city=city).values("data_set"))
    versions = [f"{each.key}@{each.version}" for each in (*outlines.order_by("key"), *trees)]
    given = premises.said(fitting.day_of(city))
    image = [surfaces.newest_or_none(city, layer) for layer in (Layer.RED, Layer.INFRARED)]
    return {
        "land": land.digest, "land_day": str(land.data_set.as_of or ""), "table": str(table.pk),
        "table_name": table.name, "eto": water, "rows": versions, "premises": given,
        "method": METHOD, **({"image": [each.digest for each in image if each]} if all(image) else {}),
    }  # fmt: skip


def reckon(city_id: UUID) -> City:
    """Reckon all levels anew, unless that was done for the same inputs already; the city."""
    from madang.systems.climate.domain import falling
    from madang.systems.climate.queries import by_district

    city = City.objects.get(pk=city_id)
    stand = inputs(city)
    if stand is None:
        return city
    digest = digest_of(stand)
    for level in LEVELS:
        if Reckoning.objects.filter(city=city, level=level, digest=digest).exists():
            continue
        found = by_district(city, fitting.day_of(city), level)
        rows = [asdict(each) for each in found]
        Reckoning.objects.get_or_create(
            city=city, level=level, digest=digest,
            defaults={"inputs": stand, "rows": rows, "simulated": any(f.simulated for f in found)},
        )  # fmt: skip
    falling.watch(city, digest)
    return city


def newest(city: City, level: str) -> Reckoning | None:
    """The reckoning of the city as it is; the last one made while that is still being reckoned."""
    rows = Reckoning.objects.filter(city=city, level=level).order_by("-made")
    stand = inputs(city)
    current = rows.filter(digest=digest_of(stand)).first() if stand else None
    return current or rows.first()


def digest_of(stand: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(stand, sort_keys=True).encode()).hexdigest()


def under_way(city: City) -> bool:
    """Whether a job that reckons the city's indicators waits or runs."""
    from madang.systems.climate.tasks import reckon_indicators

    return queries.under_way(reckon_indicators.name, city_id=str(city.pk))


def late(city: City) -> bool:
    """Whether the indicators are not reckoned yet of what the city has now."""
    stand = inputs(city)
    rows = Reckoning.objects.filter(city=city, digest=digest_of(stand or {}))
    return stand is not None and rows.filter(level__in=LEVELS).count() < len(LEVELS)


def ask(data_set: DataSet) -> None:
    """Have a city's indicators reckoned once what changes them is in the database."""
    ask_of(data_set.city)


def ask_of(city: City) -> None:
    from madang.systems.climate.tasks import reckon_indicators

    reckon_indicators.defer(city_id=str(city.pk))
