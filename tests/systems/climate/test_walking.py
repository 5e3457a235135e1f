"""How warm a street feels: the sun of an hour, houses' shade, and what a plan's trees do to it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from fixtures import surfaces as yard
from madang.ground.city.models import City
from madang.ground.city.public import to_degrees
from madang.systems.climate.domain import scenarios
from madang.systems.climate.engine.sunshine import sun_at
from madang.systems.climate.models import Kind


@pytest.fixture
def city(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    yard.answer_here(monkeypatch)
    return yard.city(tmp_path)


def walked(path: str = "walk", **words: Any) -> Any:
    lon, lat = (float(each) for each in to_degrees(200_100.0, 519_890.0, "EPSG:5186"))
    words = {"lon": lon, "lat": lat, "side": 100, **words}
    return Client(headers={"accept-language": "en"}).get(
        f"/api/v1/cities/yard/climate/{path}", words
    )


@pytest.mark.parametrize(
    ("moment", "azimuth", "altitude"),
    [  # NOAA's solar calculator, Seoul (37.5665 N, 126.978 E)
        (datetime(2026, 6, 21, 3, 33, tzinfo=UTC), 180.0, 75.9),
        (datetime(2026, 12, 21, 3, 30, tzinfo=UTC), 180.0, 29.0),
        (datetime(2026, 6, 20, 20, 11, tzinfo=UTC), 59.6, -0.9),
    ],
)
def test_the_sun_stands_where_an_almanac_says(
    moment: datetime, azimuth: float, altitude: float
) -> None:
    sun = sun_at(126.978, 37.5665, moment)
    assert sun.altitude == pytest.approx(altitude, abs=0.5)
    assert sun.azimuth == pytest.approx(azimuth, abs=1.5)
    assert (sun.direct > 0) == (sun.altitude > 0)
    assert sun.direct < 1_000


def test_trees_shade_a_street_and_it_feels_cooler_with_them(city: City) -> None:
    yard.houses(city)
    plan = scenarios.make(city, "그늘", yard.ACTOR)
    street = [[(200_060.0, 519_880.0), (200_140.0, 519_880.0)]]
    trees = scenarios.Drawn(Kind.TREES, street, what={"species": "zelkova"})
    scenarios.draw(plan.pk, 0, [trees], yard.ACTOR)
    told = walked(plan=str(plan.pk)).json()
    before, after = told["before"], told["after"]
    assert told["heights"] == "outlines"
    assert (told["cell"], told["simulated"]) == (1.0, True)
    assert after["sun"] < before["sun"]
    assert after["sky"] < before["sky"]
    assert after["radiant"] < before["radiant"] - 0.5
    assert after["utci"] < before["utci"]
    assert 0 <= after["very_strong"] <= before["very_strong"] <= before["strong"] <= 1
    alone = walked().json()
    assert alone["before"] == alone["after"] == before
    assert walked(hour=23).json()["before"]["sun"] == 0
    for layer in ("utci", "radiant", "sky", "sun", "utci_change"):
        assert walked(f"walk/{layer}.png", plan=str(plan.pk)).content.startswith(b"\x89PNG")


def test_what_cannot_be_walked_is_refused_with_what_to_do(city: City) -> None:
    unknown = walked()
    assert unknown.status_code == 409
    assert "surface of heights" in unknown.json()["detail"]
    yard.houses(city)
    assert walked(lon=0, lat=0).status_code == 422
    assert walked(hour=24).status_code == 422
    assert walked("walk/smell.png").status_code == 422
