"""The heat model fitted to weather stations: judged on stations left out, used only where it helps."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from fixtures import surfaces as yard
from madang.ground.city.models import City
from madang.ground.city.public import to_degrees
from madang.ground.sensing.models import Channel, Device
from madang.ground.sensing.public import (
    ChannelSpec,
    DeviceSpec,
    KindSpec,
    declare_kind,
    register_devices,
)
from madang.systems.climate.domain import fitting, reckoning, scenarios
from madang.systems.climate.domain.premises import Premises
from madang.systems.climate.engine import doubt
from madang.systems.climate.engine.cooling import Climate, Weights
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Fit

SPOTS = [(200_012.0 + 115 * n, 519_950.0 - 60 * n) for n in range(6)]  # from paved to wood


@pytest.fixture
def city(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    yard.answer_here(monkeypatch)
    monkeypatch.setattr(fitting, "BLOCK", 100.0)  # the yard has but one square of 2 km
    return yard.city(tmp_path)


def stations(city: City, until: datetime, warmth: list[float], hours: int = 8) -> None:
    """Each warmer than the hour's air by its own; the hours differ by one degree each."""
    air = ChannelSpec("temperature", {"ko": "기온"}, "Cel", -40, 50)
    declare_kind(city, KindSpec("weather_station", {"ko": "기상관측소"}, [air]))
    places = [tuple(float(each) for each in to_degrees(x, y, city.crs)) for x, y in SPOTS]
    specs = [DeviceSpec(f"w-{n}", "weather_station", f"관측소 {n}", lon=lon, lat=lat)
             for n, (lon, lat) in enumerate(places[: len(warmth)])]  # fmt: skip
    register_devices(city, specs, yard.ACTOR)
    channel = Channel.objects.get(kind__city=city, key="temperature")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sensing_make_days(%s, %s)",
                       [(until - timedelta(days=1)).date(), until.date()])  # fmt: skip
        for n, extra in enumerate(warmth):
            number = Device.objects.get(city=city, key=f"w-{n}").number
            cursor.executemany(
                "INSERT INTO sensing_reading (device, channel, time, value) VALUES (%s, %s, %s, %s)",
                [(number, channel.number, until - timedelta(hours=hour + 0.5), 25 + hour + extra)
                 for hour in range(hours)],
            )  # fmt: skip


def model(city: City, mixing: float, parks: float) -> list[float]:
    from madang.systems.climate.asking import ask
    from madang.systems.climate.messages import Exposure, Said

    x, y = zip(*SPOTS, strict=True)
    said = ask(Exposure(city=city.pk, x=list(x), y=list(y), mixing=mixing, parks=parks))
    assert isinstance(said, Said)
    return [float(each) for each in said.body["exposure"]]


def test_stations_that_follow_the_model_are_found_again_and_put_to_use(city: City) -> None:
    now = timezone.now()
    stations(city, now.replace(minute=0, second=0, microsecond=0),
             [4.0 * each for each in model(city, 250.0, 200.0)])  # fmt: skip
    row = fitting.fit(city.pk, now)
    assert (row.mixing, row.park_cooling) == (250, 200)
    assert row.urban_heat == pytest.approx(4.0, abs=0.01)
    assert row.error < 0.01 < row.null_error
    assert (len(row.stations), len(row.hours)) == (6, 6)
    reckoning.reckon(city.pk)
    fitting.use(city, row.pk, yard.ACTOR, wanted=True)
    given = fitting.day_of(city)
    assert (given.urban_heat, given.calibration) == (row.urban_heat, str(row.pk))
    assert reckoning.inputs(city)["premises"]["calibration"] == str(row.pk)  # type: ignore[index]
    plan = scenarios.make(city, "관측 더위", yard.ACTOR, Premises(calibration=str(row.pk)))
    assert plan.premises["reference"] == row.reference
    client = Client(headers={"accept-language": "en"})
    page = client.get("/yard/climate/stations/").content.decode()
    assert "met it better than the plain mean" in page
    assert "관측소 3" in page
    told = client.get(f"/api/v1/cities/yard/climate/plans/{plan.pk}/result").json()
    assert told["premises"]["null_error"] == pytest.approx(row.null_error, abs=1e-3)
    assert client.get("/api/v1/cities/yard/climate/state").json()["fit"]["id"] == str(row.pk)
    assert (
        "fitted to weather stations"
        in client.get(f"/yard/climate/plans/{plan.pk}/").content.decode()
    )


def test_a_fit_that_is_no_better_than_the_plain_mean_is_not_used(city: City) -> None:
    now = timezone.now()
    stations(city, now.replace(minute=0, second=0, microsecond=0), [0.0, 2.0, 0.0, 2.0, 0.0, 2.0])
    row = fitting.fit(city.pk, now)
    assert row.error >= row.null_error
    with pytest.raises(Refusal, match="fit-no-better"):
        fitting.use(city, row.pk, yard.ACTOR, wanted=True)
    assert Fit.objects.filter(used=True).count() == 0
    assert Client().get("/api/v1/cities/yard/climate/state").json()["fit"] is None
    with pytest.raises(Refusal, match="no-fit"):
        scenarios.make(city, "남의 것", yard.ACTOR, Premises(calibration="x"))


def test_too_few_stations_or_hours_are_said(city: City) -> None:
    now = timezone.now()
    with pytest.raises(Refusal, match="too-few-stations"):
        fitting.measured(city, now)
    stations(city, now.replace(minute=0, second=0, microsecond=0), [0.0] * 4, hours=3)
    with pytest.raises(Refusal, match="too-few-hours"):
        fitting.measured(city, now)


def test_the_hot_days_interval_holds_the_model_and_grows_with_the_urban_heat() -> None:
    parts = np.array([0.3, 0.2, 0.5])
    celsius = np.array([30.5, 32.0, 33.0])
    found = doubt.degrees(celsius, Climate(30.0, 3.5), parts)
    assert (found[:, 0] < celsius).all()
    assert (celsius < found[:, 1]).all()
    assert (np.diff(found[:, 1] - found[:, 0]) > 0).all()
    assert doubt.degrees(celsius, Climate(30.0, 0.0), parts) == pytest.approx(
        np.stack([celsius, celsius], axis=1)
    )
    low, high = doubt.change(np.array([120.0, 0.0, 40.0]), Weights())
    assert 0.4 < low < 1 < high < 1.8
