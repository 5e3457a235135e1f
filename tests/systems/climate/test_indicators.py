"""The page of indicators: reckoned when surfaces come, shown, exported, and told when there is nothing."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from django.utils import translation

from fixtures import surfaces as small
from madang.ground.city.models import City
from madang.ground.city.public import Record, Source, make_city, write
from madang.systems.climate.domain import reckoning
from madang.systems.climate.domain.premises import Premises
from madang.systems.climate.models import Reckoning, Tree
from madang.systems.climate.queries import by_district


@pytest.fixture
def city(db: None, tmp_path: Path) -> City:
    return small.city(tmp_path)


def page(city: City, path: str = "", language: str = "en") -> str:
    with translation.override(language):
        answer = Client(headers={"accept-language": language}).get(f"/{city.key}/climate/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_land_cover_the_page_says_what_to_bring(db: None) -> None:
    bare = make_city("bare", {"ko": "빈시"}, small.ACTOR)
    assert "/bare/data/upload/" in page(bare)


def test_figures_are_reckoned_once_for_the_same_inputs_and_shown(city: City) -> None:
    for _again in range(2):
        reckoning.reckon(city.pk)
    assert Reckoning.objects.filter(city=city).count() == 1 + 1  # gu and dong
    assert "1동" in page(city, "", "ko")
    rows = list(csv.DictReader(io.StringIO(page(city, "indicators.csv", "ko").lstrip("\ufeff"))))
    assert [row["name"] for row in rows] == ["1동", "2동"]
    wood = rows[1]
    assert float(wood["carbon (tC)"]) == pytest.approx(12 * 40)  # 12 ha, four pools of 10 t C/ha
    assert float(wood["co2 (tCO2)"]) == pytest.approx(480 * 44 / 12)
    assert float(wood["carbon_low (tC)"]) < 480 < float(wood["carbon_high (tC)"])
    assert float(wood["green (ha)"]) == pytest.approx(12)
    assert '"FeatureCollection"' in page(city, "indicators.geojson")
    assert Client().get(f"/{city.key}/climate/indicators.exe").status_code == 404


def test_a_counted_tree_takes_the_place_of_its_cells_living_carbon(city: City) -> None:
    before = by_district(city, Premises())[1]
    spot = small.box(city, 200_400, 519_800, 200_401, 519_801).centroid
    values = {"species": "소나무", "equation": "pine", "dbh": 30.0}
    write(city, Source("climate-trees", {"ko": "수목"}), [Record(Tree, "1", values, spot)],
          small.ACTOR)  # fmt: skip
    after = by_district(city, Premises())[1]
    assert after.trees == pytest.approx(np.exp(-2.5356 + 2.4349 * np.log(30)) * 0.504 / 1000)
    lost = 20 * 25 / 10_000  # two living pools of 10 t C/ha in one cell of 25 m²
    assert after.carbon == pytest.approx(before.carbon - lost + after.trees)
    reckoning.reckon(city.pk)
    assert "1동" in page(city, "", "ko")
