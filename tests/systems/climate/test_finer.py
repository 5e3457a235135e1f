"""Indicators finer than a dong: squares of a grid and parcels, as files; and green as an image sees it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from django.test import Client

from fixtures import surfaces as yard
from madang.ground.city.models import City
from madang.ground.city.public import Record, Source, write
from madang.systems.climate.domain import reckoning
from madang.systems.climate.engine.greenness import ndvi, plants
from madang.systems.climate.models import Layer, Parcel


@pytest.fixture
def city(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    yard.answer_here(monkeypatch)
    return yard.city(tmp_path)


def get(path: str) -> str:
    answer = Client(headers={"accept-language": "en"}).get(f"/yard/climate/{path}")
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def image(city: City, folder: Path) -> None:
    """Bare in the west, full of plants in the east: NDVI 0.1 and 0.6."""
    red = np.full(yard.GRID.shape, 900, np.float32)
    infrared = np.full(yard.GRID.shape, 1_100, np.float32)
    red[:, 60:], infrared[:, 60:] = 400, 1_600
    yard.bring(city, folder, red, Layer.RED)
    yard.bring(city, folder, infrared, Layer.INFRARED)


def test_squares_add_up_to_the_city_and_carry_their_sources(city: City) -> None:
    found = rows(get("squares.csv?size=100"))
    assert len(found) == 24
    assert sum(float(each["hectares (ha)"]) for each in found) == pytest.approx(24)
    assert sum(float(each["carbon_t (tC)"]) for each in found) == pytest.approx(480)
    assert {each["simulated"] for each in found} == {"True"}
    assert found[0]["ndvi (1)"] == ""  # no image: unknown, not 0
    assert '"land"' in found[0]["inputs"]
    whole = json.loads(get("squares.geojson?size=250"))
    assert len(whole["features"]) == 6
    corners = np.concatenate([f["geometry"]["coordinates"][0] for f in whole["features"]])
    assert corners.min(0) == pytest.approx([127.0, 37.2747], abs=0.02)
    for wrong in ("squares.csv?size=1", "squares.exe", "squares.csv?size=x"):
        assert Client().get(f"/yard/climate/{wrong}").status_code in (404, 422)


def test_parcels_of_a_dong_or_of_a_list_have_their_indicators_and_ndvi(
    city: City, tmp_path: Path
) -> None:
    image(city, tmp_path)
    shapes = {
        "4111112900100010001": yard.box(city, 200_400, 519_700, 200_420, 519_720),
        "4111112900100010002": yard.box(city, 200_100, 519_700, 200_120, 519_720),
        "4111112900100010003": yard.box(city, 200_130, 519_700, 200_131, 519_701),
    }
    records = [Record(Parcel, pnu, {"address": f"{pnu[-1]}번지", "area_m2": 400.0}, shape)
               for pnu, shape in shapes.items()]  # fmt: skip
    write(city, Source("parcels", {"ko": "지적도"}), records, yard.ACTOR)
    wood, paved, small = rows(get(f"parcels.csv?pnu={','.join(shapes)}"))
    assert (wood["name"], wood["ndvi (1)"], paved["ndvi (1)"]) == ("1번지", "0.600098", "0.0999756")
    assert float(wood["plants_ha (ha)"]) == pytest.approx(0.04)
    assert float(paved["plants_ha (ha)"]) == 0
    assert small["refused"] == "no-cell-inside"
    of_dong = json.loads(get("parcels.geojson?dong=4111100"))["features"]
    assert [each["properties"]["name"] for each in of_dong] == ["2번지", "3번지"]
    assert Client().get("/yard/climate/parcels.csv?dong=1").status_code == 404
    assert Client().get("/yard/climate/parcels.csv?pnu=7").status_code == 422

    reckoning.reckon(city.pk)
    told = rows(get("indicators.csv"))
    assert [round(float(each["ndvi (1)"]), 3) for each in told] == [0.1, 0.6]
    assert [float(each["plants (ha)"]) for each in told] == pytest.approx([0, 12])
    assert "NDVI" in get("")


def test_ndvi_is_unknown_in_the_dark_and_plants_rise_between_bare_and_full() -> None:
    red = np.array([0.1, 0.0, np.nan, 0.3], np.float32)
    infrared = np.array([0.3, 0.0, 0.3, 0.1], np.float32)
    found = ndvi(red, infrared)
    assert found[[0, 3]] == pytest.approx([0.5, -0.5])
    assert np.isnan(found[[1, 2]]).all()
    share = plants(np.array([-0.5, 0.2, 0.35, 0.5, 0.9], np.float32))
    assert share == pytest.approx([0, 0, 0.25, 1, 1], abs=1e-6)


def test_parcels_and_districts_are_told_with_outlines_over_the_api(city: City) -> None:
    shape = yard.box(city, 200_400, 519_700, 200_420, 519_720)
    values = {"address": "1번지", "area_m2": 400.0}
    write(city, Source("parcels", {"ko": "지적도"}),
          [Record(Parcel, "4111112900100010001", values, shape)], yard.ACTOR)  # fmt: skip
    client, here = Client(headers={"accept-language": "en"}), "/api/v1/cities/yard/climate"
    west, south, east, north = shape.bounds
    asked: list[dict[str, object]] = [
        {"pnu": "4111112900100010001,7"}, {"dong": "4112100"},
        {"west": west, "south": south, "east": east, "north": north},
    ]  # fmt: skip
    for words in asked:
        found = client.get(f"{here}/parcels", words).json()
        [parcel] = found["features"]
        assert parcel["properties"]["carbon_t"] == pytest.approx(0.04 * 40)
        assert parcel["properties"]["celsius_from"] < parcel["properties"]["celsius_to"]
        assert found["madang"]["units"]["carbon_t"] == "tC"
    for words, says in (({"pnu": "7"}, "cadastral map"), ({}, "Say which parcels")):
        refused = client.get(f"{here}/parcels", words)
        assert (refused.status_code, says in refused.json()["detail"]) == (422, True)
    dongs = client.get(f"{here}/areas/dong").json()["features"]
    assert [each["properties"]["key"] for each in dongs] == ["4111100", "4112100"]
    squares = client.get(f"{here}/areas/250").json()["features"]
    one = client.get(f"{here}/squares", {"size": 250}).json()["squares"][0]
    ring = [[list(point) for point in squares[0]["geometry"]["coordinates"][0]]]
    alone = client.post(
        f"{here}/zones", {"outlines": [ring]}, content_type="application/json"
    ).json()["zones"][0]
    for name in ("carbon_t", "carbon_low_t", "green_ha", "celsius", "celsius_high", "celsius_to"):
        assert one[name] == pytest.approx(alone[name], rel=1e-5), name
