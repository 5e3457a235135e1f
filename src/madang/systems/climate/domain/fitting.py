"""The heat model fitted to the city's weather stations: on which hours, how well, and whether it is used.

The hottest tenth of the hours of the last month in which all counted stations spoke gives each station
its mean; distances and the line T = reference + urban heat x (1 - mixed HM) are chosen by them, and
judged on squares of the city whose stations were left out, beside the plain mean of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.jobs import queries
from madang.ground.sensing.models import Channel, Device
from madang.ground.sensing.public import series
from madang.ground.trail.public import Act, Actor, record
from madang.systems.climate.asking import ask
from madang.systems.climate.domain.premises import Premises
from madang.systems.climate.engine.calibration import FEWEST_BLOCKS, blocks, calibrate, half_width
from madang.systems.climate.engine.grid import Doubles
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.messages import Exposure, Said
from madang.systems.climate.models import Fit
from madang.systems.climate.stations import BLOCK, air_channels

METHOD = "corrected-heat-1; line-by-blocks-left-out-1"
SPAN = timedelta(days=30)
HOTTEST = 10  # one in so many hours
FEWEST_HOURS = 6
SPEAKING = 0.5  # of the span's hours with a reading: who says less is not counted
MIXING = (250.0, 500.0, 750.0, 1_000.0)  # metres
PARKS = (200.0, 450.0, 700.0)


@dataclass(frozen=True)
class Station:
    """Where one stands in metres of the city, and what it measured on the hottest hours."""

    key: str
    name: str
    x: float
    y: float
    celsius: float
    simulated: bool


def fit(city_id: UUID, until: datetime | None = None) -> Fit:
    """Fit to the stations of the month before until; Refusal where they are too few or too silent."""
    city = City.objects.get(pk=city_id)
    stations, hours = measured(city, until or timezone.now())
    exposures, inputs, inside = _exposures(city, stations)
    stations = [each for each, is_in in zip(stations, inside, strict=True) if is_in]
    x, y, degrees = (np.array([getattr(each, name) for each in stations], np.float64)
                     for name in ("x", "y", "celsius"))  # fmt: skip
    found = calibrate(exposures, degrees, blocks(x, y, BLOCK))
    mixing, parks = found.candidate
    model = found.reference + found.urban_heat * exposures[found.candidate]
    return Fit.objects.create(
        city=city, reference=round(found.reference, 3), urban_heat=round(found.urban_heat, 3),
        mixing=mixing, park_cooling=parks, error=found.error, null_error=found.null_error,
        blocks=found.blocks, hours=[each.isoformat() for each in hours], inputs=inputs,
        simulated=any(each.simulated for each in stations),
        stations=[
            {"key": each.key, "name": each.name, "x": each.x, "y": each.y,
             "celsius": round(each.celsius, 3), "model": round(float(said), 3),
             "simulated": each.simulated}
            for each, said in zip(stations, model, strict=True)
        ],
    )  # fmt: skip


def under_way(city: City) -> bool:
    """Whether a job that fits the model waits or runs."""
    from madang.systems.climate.tasks import fit_to_stations

    return queries.under_way(fit_to_stations.name, city_id=str(city.pk))


def measured(city: City, until: datetime) -> tuple[list[Station], list[datetime]]:
    """What each station that speaks measured in the mean of the hottest hours, and which those are."""
    end = until.replace(minute=0, second=0, microsecond=0)
    heard = _heard(city, end - SPAN, end)
    if len(heard) < FEWEST_BLOCKS:
        raise Refusal("too-few-stations", count=len(heard), fewest=FEWEST_BLOCKS)
    common = set.intersection(*(set(hourly) for _, hourly in heard))
    if len(common) < FEWEST_HOURS:
        raise Refusal("too-few-hours", count=len(common), fewest=FEWEST_HOURS)
    warmth = {hour: float(np.mean([hourly[hour] for _, hourly in heard])) for hour in common}
    count = max(FEWEST_HOURS, len(common) // HOTTEST)
    hottest = sorted(sorted(warmth, key=lambda hour: (-warmth[hour], hour))[:count])
    return [
        Station(row.key, str(row), float(row.x or 0), float(row.y or 0),
                float(np.mean([hourly[hour] for hour in hottest])), row.simulated)
        for row, hourly in heard
    ], hottest  # fmt: skip


def _heard(
    city: City, since: datetime, until: datetime
) -> list[tuple[Device, dict[datetime, float]]]:
    """Each placed station with its hourly means, those that spoke often enough."""
    hours = int(SPAN / timedelta(hours=1))
    by_kind: dict[Any, Channel] = {each.kind_id: each for each in air_channels(city)}
    rows = Device.objects.filter(
        city=city, kind__in=by_kind, x__isnull=False, withdrawn__isnull=True
    ).order_by("key")
    found = []
    for row in rows:
        points = series(row, by_kind[row.kind_id], since, until, hours)
        found.append((row, {point.time: point.value for point in points}))
    most = max((len(hourly) for _, hourly in found), default=0)
    return [(row, hourly) for row, hourly in found if hourly and len(hourly) >= most * SPEAKING]


def _exposures(
    city: City, stations: Sequence[Station]
) -> tuple[dict[tuple[float, float], Doubles], dict[str, str], list[bool]]:
    """1 - mixed HM at the stations for each pair of distances, those on known ground alone."""
    x, y = ([getattr(each, axis) for each in stations] for axis in "xy")
    found: dict[tuple[float, float], Doubles] = {}
    inputs: dict[str, str] = {}
    inside = [True] * len(stations)
    for mixing in MIXING:
        for parks in PARKS:
            try:
                said = ask(Exposure(city=city.pk, x=x, y=y, mixing=mixing, parks=parks))
            except Refusal as refusal:
                if refusal.code in ("distance-below-cell", "distance-too-long"):
                    continue  # these cells cannot carry that distance
                raise
            assert isinstance(said, Said)
            inputs = said.body["inputs"]
            inside = [each is not None for each in said.body["exposure"]]
            known = [each for each in said.body["exposure"] if each is not None]
            found[mixing, parks] = np.array(known, np.float64)
    return found, inputs, inside


@transaction.atomic
def use(city: City, pk: UUID, actor: Actor, *, wanted: bool) -> Fit:
    """Let the city's indicators and new plans stand on a fit, or no longer."""
    row = Fit.objects.select_for_update().filter(pk=pk, city=city).first()
    if row is None:
        raise Refusal("no-fit")
    if wanted and not row.error < row.null_error:
        raise Refusal("fit-no-better", error=round(row.error, 2), null=round(row.null_error, 2))
    Fit.objects.filter(city=city, used=True).update(used=False)
    row.used = wanted
    row.save(update_fields=["used"])
    thing, detail = ("climate_fit", str(pk)), {"used": wanted}
    record(actor, Act("climate.fit_used", city.pk, thing, detail=detail))
    return row


def newest(city: City) -> Fit | None:
    return Fit.objects.filter(city=city).order_by("-made").first()


def used(city: City) -> Fit | None:
    return Fit.objects.filter(city=city, used=True).first()


def day_of(city: City) -> Premises:
    """The hot day that the city's own figures stand on: fitted where the city says so, else assumed."""
    row = used(city)
    return applied(Premises(), row) if row else Premises()


def applied(given: Premises, row: Fit) -> Premises:
    return replace(
        given, reference=row.reference, urban_heat=row.urban_heat, mixing=row.mixing,
        park_cooling=row.park_cooling, calibration=str(row.pk), error=round(row.error, 3),
        null_error=round(row.null_error, 3),
        half_width=round(half_width(row.error, row.blocks), 3),
    )  # fmt: skip


def chosen(city: City, given: Premises) -> Premises:
    """Premises whose calibration is of this city, its figures filled in; Refusal where it is not."""
    if not given.calibration:
        return given
    try:
        row = Fit.objects.filter(pk=UUID(str(given.calibration)), city=city).first()
    except ValueError:
        row = None
    if row is None:
        raise Refusal("no-fit")
    return applied(given, row)
