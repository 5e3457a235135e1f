"""Indicators over the days of land cover maps, reckoned alike, as chart, table and file."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from django.test import Client

from fixtures import surfaces as yard
from madang.ground.city.models import City, DataSet
from madang.systems.climate.domain import fitting, reckoning, trends
from madang.systems.climate.domain.premises import Premises
from madang.systems.climate.models import Layer


@pytest.fixture
def city(db: None, tmp_path: Path) -> City:
    return yard.city(tmp_path)


def dated(city: City, day: date) -> None:
    DataSet.objects.filter(city=city, key="climate-land").update(as_of=day)


def test_a_wood_that_became_street_is_seen_over_the_years(city: City, tmp_path: Path) -> None:
    dated(city, date(2015, 5, 1))
    trends.renew(reckoning.reckon(city.pk))
    client = Client(headers={"accept-language": "en"})
    assert "There is one land cover so far" in client.get("/yard/climate/trends/").content.decode()
    land = np.ones(yard.GRID.shape, np.uint8)
    land[:, 90:] = 2
    yard.bring(city, tmp_path, land, Layer.LAND)
    dated(city, date(2025, 5, 1))
    trends.renew(reckoning.reckon(city.pk))
    rows = list(csv.DictReader(io.StringIO(
        client.get("/yard/climate/trends.csv").content.decode().lstrip("\ufeff"))))  # fmt: skip
    whole = [row for row in rows if not row["key"]]
    assert [row["day"] for row in whole] == ["2015-05-01", "2025-05-01"]
    assert [float(row["carbon (tC)"]) for row in whole] == pytest.approx([480, 240])
    assert [float(row["green (ha)"]) for row in whole] == pytest.approx([12, 6])
    assert float(whole[0]["temperature (Cel)"]) < float(whole[1]["temperature (Cel)"])
    page = client.get("/yard/climate/trends/", {"of": "green", "district": "4112100"})
    assert "2015-05-01" in page.content.decode()
    assert "<table" in page.content.decode()
    assert "data-chart" in page.content.decode() or "chart" in page.content.decode()


def test_figures_of_before_are_shown_until_those_of_a_new_hot_day_come(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dated(city, date(2015, 5, 1))
    trends.renew(reckoning.reckon(city.pk))
    land = np.full(yard.GRID.shape, 2, np.uint8)
    yard.bring(city, tmp_path, land, Layer.LAND)
    dated(city, date(2025, 5, 1))
    trends.renew(reckoning.reckon(city.pk))
    before = trends.moments(city)
    client = Client(headers={"accept-language": "en"})
    asking = {"HX-Request": "true"}
    for page in ("/yard/climate/", "/yard/climate/trends/"):
        assert "being reckoned" not in client.get(page).content.decode()

    monkeypatch.setattr(fitting, "day_of", lambda _city: Premises(reference=27.0, urban_heat=2.0))
    assert [each.digest for each in trends.moments(city)] == [each.digest for each in before]
    for page in ("/yard/climate/", "/yard/climate/trends/"):
        said = client.get(page).content.decode()
        assert "being reckoned" in said
        assert f"a day of {Premises().reference:g} °C" in said  # the model of what is shown
        assert "HX-Refresh" not in client.get(page, headers=asking)
    page = "/yard/climate/trends/"
    reckoning.reckon(city.pk)
    assert (
        "being reckoned" in client.get(page).content.decode()
    )  # the districts' are done, these not
    trends.renew(city)
    assert client.get(page, headers=asking)["HX-Refresh"] == "true"
    said = client.get(page).content.decode()
    assert "being reckoned" not in said
    assert "a day of 27" in said
    assert {each.inputs["premises"]["reference"] for each in trends.moments(city)} == {27.0}

    monkeypatch.undo()  # the hot day of before again: it was reckoned already
    assert [each.digest for each in trends.moments(city)] == [each.digest for each in before]


def test_figures_that_no_job_will_bring_are_not_awaited(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    trends.renew(reckoning.reckon(city.pk))
    monkeypatch.setattr(fitting, "day_of", lambda _city: Premises(reference=27.0))
    monkeypatch.setattr(reckoning, "under_way", lambda _city: False)
    client = Client(headers={"accept-language": "en"})
    assert "could not be reckoned" in client.get("/yard/climate/trends/").content.decode()
    asked = client.get("/yard/climate/trends/", headers={"HX-Request": "true"})
    assert asked["HX-Refresh"] == "true"
