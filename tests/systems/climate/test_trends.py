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
from madang.systems.climate.domain import reckoning, trends
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
