"""The night: by how densely ground is built, with plans, beside the day; and results that are known again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from pyproj import Transformer

from fixtures import surfaces as yard
from madang.ground.city.models import City
from madang.systems.climate import asking
from madang.systems.climate.answering import answer
from madang.systems.climate.domain import scenarios, tables
from madang.systems.climate.domain.premises import Premises
from madang.systems.climate.domain.scenarios import Drawn
from madang.systems.climate.engine import doubt
from madang.systems.climate.held import Held
from madang.systems.climate.messages import Said, Squares, Total, View, Zones
from madang.systems.climate.models import Kind, Scenario
from madang.systems.climate.queries import by_district

API = "/api/v1/cities/yard/climate"
STREET = [[(200_020.0, 519_800.0), (200_260.0, 519_800.0)]]
PARK = [
    (200_050.0, 519_650.0),
    (200_250.0, 519_650.0),
    (200_250.0, 519_950.0),
    (200_050.0, 519_950.0),
]
BOX = Transformer.from_crs("EPSG:5186", "EPSG:3857", always_xy=True).transform_bounds(
    200_000, 519_600, 200_600, 520_000
)


@pytest.fixture
def city(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    yard.answer_here(monkeypatch)
    return yard.city(tmp_path)


def total(plan: Scenario) -> dict[str, Any]:
    found = asking.ask(Total(city=plan.city_id, scenario=plan.pk, zones=True))
    assert isinstance(found, Said)
    return found.body


def test_by_night_what_is_built_is_warm_and_the_wood_is_as_the_country(city: City) -> None:
    paved, wood = by_district(city, Premises())
    assert paved.night is not None
    assert wood.night is not None
    assert 25 <= wood.night < paved.night <= 29
    assert paved.coolness is not None
    assert paved.coolness[0] < paved.night < paved.coolness[1]
    assert by_district(city, Premises(night_urban_heat=0.0))[0].night == pytest.approx(25)


def test_trees_change_the_day_and_a_park_the_night_too_and_undo_takes_it_back(city: City) -> None:
    plan = scenarios.make(city, "밤", yard.ACTOR)
    trees = Drawn(Kind.TREES, STREET, what={"species": "zelkova"})
    [planted] = scenarios.draw(plan.pk, 0, [trees], yard.ACTOR)
    found = total(plan)
    assert found["mean_celsius"] < 0
    assert found["mean_celsius_night"] == 0
    [park] = scenarios.draw(plan.pk, 1, [Drawn(Kind.LAND, [PARK], 2)], yard.ACTOR)
    found = total(plan)
    assert found["mean_celsius_night_low"] < found["mean_celsius_night"] < -0.1
    assert found["mean_celsius_night"] < found["mean_celsius_night_high"] < 0
    assert found["zones"][0]["celsius_night"] < 0
    scenarios.undo(plan.pk, 2, park.pk, yard.ACTOR)
    assert total(plan)["mean_celsius_night"] == 0
    scenarios.undo(plan.pk, 3, planted.pk, yard.ACTOR)
    assert total(plan)["mean_celsius_night"] == 0


def test_a_night_that_followed_the_edits_is_the_night_reckoned_anew(city: City) -> None:
    plan = scenarios.make(city, "밤", yard.ACTOR)
    held = Held()
    night = View(
        city=city.pk, scenario=plan.pk, layer="night", box=BOX, width=64, height=80, raw=True
    )
    seen = []
    for version, code in enumerate((2, 1, 2)):
        shifted = [(x + 40 * version, y) for x, y in PARK]
        scenarios.draw(plan.pk, version, [Drawn(Kind.LAND, [shifted], code)], yard.ACTOR)
        seen.append(np.frombuffer(_data(held, night), np.float32))
    anew = np.frombuffer(_data(Held(), night), np.float32)
    known = np.isfinite(anew)
    assert known.any()
    np.testing.assert_allclose(seen[-1][known], anew[known], atol=0.01)
    assert np.abs(seen[-1][known] - seen[0][known]).max() > 0.02


def _data(held: Held, question: View) -> bytes:
    found = answer(held, question)
    data: bytes = found.data  # type: ignore[attr-defined]
    return data


def test_a_table_without_intensities_leaves_the_night_unknown(city: City) -> None:
    lines = [line for line in yard.table().decode().splitlines() if ",intensity," not in line]
    tables.bring(city, "no intensities", "\n".join(lines).encode(), yard.ACTOR)
    assert by_district(city, Premises())[0].night is None
    assert by_district(city, Premises())[0].temperature is not None
    zone = asking.ask(Squares(city=city.pk, size=500.0)).body["squares"][0]  # type: ignore[union-attr]
    assert zone["celsius_night"] is None
    assert zone["celsius"] is not None
    refused = Client().get(f"{API}/view/night.png", {
        "west": BOX[0], "south": BOX[1], "east": BOX[2], "north": BOX[3], "width": 8, "height": 8,
    }, headers={"accept-language": "en"})  # fmt: skip
    assert refused.status_code == 422
    assert "no intensity" in refused.json()["detail"]


def test_results_are_the_same_again_whoever_reckons_them_and_say_on_what_they_stand(
    city: City,
) -> None:
    plan = scenarios.make(city, "다시", yard.ACTOR)
    ring = [[(200_010.0, 519_700.0), (200_290.0, 519_700.0), (200_290.0, 519_900.0)]]
    worn = Held()  # it holds what edits, tries and what was taken back left behind
    for version in range(0, 6, 2):
        drawn = Drawn(Kind.LAND, [[(x + 9 * version, y) for x, y in PARK]], 2)
        [edit] = scenarios.draw(plan.pk, version, [drawn], yard.ACTOR)
        answer(worn, Total(city=city.pk, scenario=plan.pk))
        if version < 4:
            scenarios.undo(plan.pk, version + 1, edit.pk, yard.ACTOR)
        else:
            scenarios.draw(
                plan.pk, 5, [Drawn(Kind.TREES, STREET, what={"species": "pine"})], yard.ACTOR
            )
        tried = ("trees", STREET, None, {"species": "ginkgo"})
        answer(worn, Total(city=city.pk, scenario=plan.pk, drawn=tried))  # type: ignore[arg-type]
    for scenario in (None, plan.pk):
        for question in (Zones(city=city.pk, scenario=scenario, rings=[ring]),
                         Squares(city=city.pk, scenario=scenario, size=250.0)):  # fmt: skip
            first, second = (answer(held, question) for held in (worn, Held()))
            assert isinstance(first, Said)
            assert isinstance(second, Said)
            assert first.body["digest"] == second.body["digest"]
            assert {"inputs", "classes", "premises", "method", "simulated"} <= set(first.body)
            assert ("plan" in first.body) == (scenario is not None)
    found = Client().get(f"{API}/coefficients", {"table": first.body["classes"]["table"]}).json()
    assert found["sha256"] == first.body["classes"]["sha256"]
    assert {row["source"] for row in found["rows"]} == {"a test"}
    over_time = Client().get(f"{API}/trends").json()
    assert over_time["digest"]
    assert over_time["moments"] == []


def test_intervals_hold_what_they_are_of_and_stay_shares() -> None:
    cells = np.array([[60, 30, 10], [0, 0, 5], [0, 0, 0]])
    column = np.array([1.0, 0.5, 0.0])
    ends = doubt.shares(cells, column, doubt.COEFFICIENT)
    assert ends[0, 0] < 0.75 < ends[0, 1] <= 1
    assert ends[1].tolist() == [0, 0]
    assert ends[2].tolist() == [0, 0]
    narrow = doubt.shares(cells, column)
    assert np.diff(narrow[0]) < np.diff(ends[0])
    low, high = doubt.spent([100.0, 50.0], doubt.PRICE)
    assert 100 < low < 150 < high < 200
    assert doubt.spent([], doubt.PRICE) == (0, 0)
