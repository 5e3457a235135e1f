"""The air of this moment by the city's weather stations: with age and error, and unknown without them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

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
from madang.systems.climate import stations as heard
from madang.systems.climate.engine.present import present
from madang.systems.climate.engine.radiation import Sun

SPOTS = ((200_050.0, 519_950.0), (200_150.0, 519_700.0), (200_550.0, 519_800.0))


@pytest.fixture
def city(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    yard.answer_here(monkeypatch)
    return yard.city(tmp_path)


def stations(city: City) -> None:
    """One in three places of the yard, and one that stands outside of it."""
    air = ChannelSpec("temperature", {"ko": "기온"}, "Cel", -40, 50)
    declare_kind(city, KindSpec("weather_station", {"ko": "기상관측소"}, [air]))
    specs = []
    for number, (x, y) in enumerate((*SPOTS, (201_500.0, 519_800.0))):
        lon, lat = (float(each) for each in to_degrees(x, y, city.crs))
        specs.append(
            DeviceSpec(f"w-{number}", "weather_station", f"관측소 {number}", lon=lon, lat=lat)
        )
    register_devices(city, specs, yard.ACTOR)


def say(city: City, key: str, celsius: float, ago: timedelta) -> None:
    device = Device.objects.get(city=city, key=key)
    channel, then = Channel.objects.get(kind=device.kind, key="temperature"), timezone.now() - ago
    with connection.cursor() as cursor:
        cursor.execute("SELECT sensing_make_days(%s, %s)", [then.date(), timezone.now().date()])
        cursor.execute(
            "INSERT INTO sensing_reading (device, channel, time, value) VALUES (%s, %s, %s, %s)",
            [device.number, channel.number, then, celsius],
        )


def asked(path: str, **words: Any) -> Any:
    return Client().get(
        f"/api/v1/cities/yard/climate/{path}", words, headers={"accept-language": "en"}
    )


BOX = {"west": 1.4e7, "south": 4.4e6, "east": 1.42e7, "north": 4.6e6, "width": 16, "height": 16}


def test_without_a_station_within_the_hour_it_is_unknown(city: City) -> None:
    stations(city)
    say(city, "w-0", 31.0, timedelta(minutes=90))
    say(city, "w-3", 31.0, timedelta(minutes=1))  # outside of what the city knows of its ground
    told = asked("now").json()
    assert (told["method"], told["celsius"], told["newest"]) == (None, None, None)
    assert [station["used"] for station in told["stations"]] == [False]
    assert asked("view/now.png", **BOX).status_code == 409
    page = Client().get("/yard/climate/here/?q=1동", headers={"accept-language": "en"})
    assert "how warm it is here just now is unknown" in page.content.decode()


def sun(monkeypatch: pytest.MonkeyPatch, altitude: float) -> None:
    """Let it stand so high, whenever the test runs."""
    monkeypatch.setattr(heard, "sun_at", lambda *_: Sun(180, altitude, 0, 0))


def test_once_the_sun_is_down_the_nights_pattern_holds(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    sun(monkeypatch, -3)
    stations(city)
    for number, celsius in enumerate((27.2, 27.0, 25.9)):
        say(city, f"w-{number}", celsius, timedelta(minutes=number))
    told = asked("now").json()
    assert (told["pattern"], told["urban_heat"]) == ("night", 4.0)
    page = Client().get("/yard/climate/here/?q=1동", headers={"accept-language": "en"})
    assert "by 3 weather stations heard within the hour" in page.content.decode()


def test_stations_lift_the_hot_days_pattern_to_what_they_measure(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    sun(monkeypatch, 40)
    stations(city)
    for number, celsius in enumerate((27.2, 27.0, 25.9)):
        say(city, f"w-{number}", celsius + 9, timedelta(minutes=30))  # what it said before
        say(city, f"w-{number}", celsius, timedelta(minutes=number))
    told = asked("now").json()
    assert told["half_width"] is None  # three stations within 2 km are one block: nobody can say
    assert [station["celsius"] for station in told["stations"]] == [27.2, 27.0, 25.9]
    assert 0 <= told["stations"][0]["age_s"] < 60
    assert told["newest"] > told["oldest"]
    picture = asked("view/now.png", **BOX)
    assert picture["Content-Type"] == "image/png"
    page = (
        Client()
        .get("/yard/climate/here/?q=1동", headers={"accept-language": "en"})
        .content.decode()
    )
    assert "by 3 weather stations heard within the hour" in page
    assert "관측소 1" in page
    ring = [
        list(each) for each in yard.box(city, 200_010, 519_610, 200_290, 519_990).exterior.coords
    ]
    body = {"outlines": [[ring]]}
    found = Client().post(
        "/api/v1/cities/yard/climate/zones", body, content_type="application/json"
    )
    zone = found.json()["zones"][0]
    assert told["pattern"] == "day"
    lifted = zone["celsius"] - told["premises"]["reference"] + told["reference"]
    assert zone["celsius_now"] == pytest.approx(lifted, abs=1e-3)
    assert 25 < zone["celsius_now"] < 29


def test_the_error_is_that_of_stations_left_out_beside_the_plain_mean() -> None:
    exposure = np.array([0.9, 0.8, 0.3, 0.2, 0.5])
    found = present(exposure, 20 + 3 * exposure, np.arange(5), 3.0)
    assert found.reference == pytest.approx(20)
    assert found.error == pytest.approx(0, abs=1e-9)
    assert found.null_error is not None
    assert found.null_error > 0.5
    assert found.helps
    flat = present(exposure, np.full(5, 20.0), np.arange(5), 3.0)
    assert flat.null_error == pytest.approx(0)
    assert not flat.helps
    assert flat.half_width is not None
    assert flat.error is not None
    assert flat.half_width == pytest.approx(flat.error * 2.776)
    few = present(exposure, np.full(5, 20.0), np.array([0, 0, 1, 1, 1]), 3.0)
    assert (few.error, few.half_width, few.helps) == (None, None, None)
