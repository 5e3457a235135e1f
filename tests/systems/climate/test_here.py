"""The page for citizens: a place typed, sentences and a table about it, the plans that touch it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from fixtures import surfaces as yard
from fixtures.people import make_person
from madang.ground.city.models import City
from madang.ground.city.public import Record, Source, write
from madang.ground.notify.models import Notice
from madang.ground.people.models import Account
from madang.ground.people.public import create_organisation
from madang.systems.climate import asking
from madang.systems.climate.domain import reckoning, scenarios
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.messages import Said, Zones
from madang.systems.climate.models import Kind, Parcel, Report, Scenario, Tree
from madang.systems.climate.report import paper

STREET = [[(200_020.0, 519_800.0), (200_260.0, 519_800.0)]]
WOOD = [[(200_400.0, 519_700.0), (200_500.0, 519_700.0), (200_500.0, 519_800.0)]]


@pytest.fixture
def city(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    yard.answer_here(monkeypatch)
    return yard.city(tmp_path)


@pytest.fixture
def plan(city: City) -> Scenario:
    made = scenarios.make(city, "행궁동 가로수", yard.ACTOR)
    trees = scenarios.Drawn(Kind.TREES, STREET, what={"species": "ginkgo", "unit_cost": 400_000})
    scenarios.draw(made.pk, 0, [trees], yard.ACTOR)
    return made


def person(city: City, role: str = "operator") -> Account:
    hall = create_organisation(yard.ACTOR, city, f"hall-{role}", "city", {"ko": "시청"})
    return make_person(role, hall)


def page(path: str, language: str = "en", client: Client | None = None) -> str:
    found = (client or Client()).get(path, headers={"accept-language": language})
    assert found.status_code == 200, found
    return found.content.decode()


def test_a_dong_typed_is_told_in_sentences_and_a_table_with_its_plans(
    city: City, plan: Scenario
) -> None:
    reckoning.reckon(city.pk)
    spot = yard.box(city, 200_140, 519_790, 200_141, 519_791).centroid
    tree = {"species": "소나무", "equation": "pine", "dbh": 30.0}
    write(city, Source("trees", {"ko": "수목"}), [Record(Tree, "1", tree, spot)], yard.ACTOR)
    told = page("/yard/climate/here/?q=1동")
    assert "Plants and soil within 300 m hold about" in told
    assert "1 tree of the city" in told
    assert "The whole city" in told
    assert f"/yard/climate/plans/{plan.pk}/" in told
    assert "30" in told
    for language, word in (("ko", "반경 300 m"), ("ja", "300 m")):
        assert word in page("/yard/climate/here/?q=1동", language)


def test_a_parcel_is_found_by_its_number_and_its_address(city: City) -> None:
    shape = yard.box(city, 200_400, 519_700, 200_420, 519_720)
    values = {"address": "마당동 12-3", "area_m2": 400.0}
    rows = [Record(Parcel, "4111112900100120003", values, shape)]
    write(city, Source("parcels", {"ko": "지적도"}), rows, yard.ACTOR)
    for typed in ("마당동 12-3", "4111112900100120003"):
        told = page(f"/yard/climate/here/?q={typed}")
        assert "<title>마당동 12-3 · " in told
        assert "of the ground is green" in told


@pytest.mark.parametrize(
    ("typed", "says"),
    [("없는곳", "No such place was found"), ("35.1, 129.0", "outside"), ("", "Address, dong")],
)
def test_what_is_not_found_is_said(city: City, typed: str, says: str) -> None:
    assert says in page(f"/yard/climate/here/?q={typed}")


def test_whoever_follows_is_told_once_a_day_and_not_of_their_own_drawing(
    city: City, plan: Scenario
) -> None:
    citizen, client = person(city), Client()
    here = f"/yard/climate/plans/{plan.pk}/"
    assert client.post(f"{here}follow/").headers["Location"].startswith("/account/")
    client.force_login(citizen)
    client.post(f"{here}follow/")
    assert "Follow no longer" in page(here, client=client)
    for seen in (1, 2):
        roof = scenarios.Drawn(Kind.ROOF, WOOD, what={"roof": "light"})
        scenarios.draw(plan.pk, seen, [roof], yard.ACTOR)
    [notice] = Notice.objects.filter(account=citizen)
    assert notice.path == here
    assert page(here, client=client).count("Green roof (light)") >= 2
    client.post(f"{here}follow/", {"leave": "1"})
    assert "Follow this plan" in page(here, client=client)
    feed = Client().get(f"{here}feed.atom").content.decode()
    assert feed.count("<entry>") == 3


def test_a_polygon_is_the_sum_of_its_parts_with_and_without_a_plan(
    city: City, plan: Scenario
) -> None:
    def zones(
        *rings: list[tuple[float, float]], scenario: Scenario | None = None
    ) -> list[dict[str, Any]]:
        found = asking.ask(
            Zones(city=city.pk, scenario=scenario and scenario.pk, rings=[[r] for r in rings])
        )
        assert isinstance(found, Said)
        zones: list[dict[str, Any]] = found.body["zones"]
        return zones

    def box(west: float, east: float) -> list[tuple[float, float]]:
        return [(west, 519_600), (east, 519_600), (east, 520_000), (west, 520_000)]

    west, east, whole = zones(box(200_000, 200_300), box(200_300, 200_600), box(200_000, 200_600))
    assert whole["hectares"] == pytest.approx(24)
    assert whole["carbon_t"] == pytest.approx(west["carbon_t"] + east["carbon_t"])
    assert east["carbon_t"] == pytest.approx(480)
    assert (west["green_share"], east["green_share"]) == (0, 1)
    assert west["celsius"] > east["celsius"]
    [planted] = zones(box(200_000, 200_300), scenario=plan)
    assert planted["covers"] > 0
    assert planted["celsius"] < west["celsius"]
    [gone] = zones([(0, 0), (1, 0), (1, 1)])
    assert gone["refused"] == "outside-grid"


def test_a_report_has_its_letters_in_it_and_says_the_same_as_its_data(
    city: City, plan: Scenario
) -> None:
    roof = scenarios.Drawn(Kind.ROOF, WOOD, what={"roof": "light"})
    scenarios.draw(plan.pk, 1, [roof], yard.ACTOR)
    where = f"/yard/climate/plans/{plan.pk}/report."
    client, korean = Client(), {"accept-language": "ko"}
    assert client.get(where + "pdf", headers=korean).status_code == 302  # to where it is asked for
    asked = where.replace("report.", "report/")
    for _twice in range(2):
        assert client.post(asked, headers=korean).status_code == 302
    assert "보고서를 만들고 있습니다" in client.get(asked, headers=korean).content.decode()
    assert Report.objects.count() == 1
    yard.make_reports()
    assert f"{where}pdf" in client.get(asked, headers=korean).content.decode()
    made = client.get(where + "pdf", headers=korean)
    assert made["Content-Type"] == "application/pdf"
    assert made.content.startswith(b"%PDF-")
    assert made.content.count(b"/FontFile") == 2  # regular and bold, inside
    assert b"/Subtype /Image" in made.content  # how the air changes, under the map
    data = json.loads(page(where + "json"))
    years = data["yearly"]
    assert len(years) == 31
    assert years[-1]["carbon_t"] == pytest.approx(data["total"]["carbon_t"], abs=1e-5)
    assert years[-1]["low_t"] == pytest.approx(data["total"]["carbon_low_t"], abs=1e-5)
    assert years[0]["balance_t"] < 0  # a roof's making comes first
    told = page(where + "csv")
    assert data["digest"] in told
    held = next(
        line for line in told.splitlines() if line.startswith("summary,CO₂ held in the end")
    )
    assert float(held.split(",")[3]) == pytest.approx(data["total"]["co2_t"])
    assert Client().get(where + "exe").status_code == 404
    drawn = json.loads(page(where + "geojson"))["features"]
    assert [each["geometry"]["type"] for each in drawn] == ["MultiLineString", "Polygon"]
    assert drawn[1]["geometry"]["coordinates"][0][0] == drawn[1]["geometry"]["coordinates"][0][-1]
    scenarios.draw(plan.pk, 2, [roof], yard.ACTOR)
    assert client.get(where + "pdf", headers=korean).status_code == 302  # of what no longer holds


def test_a_report_that_cannot_be_made_says_why_and_can_be_asked_for_again(
    city: City, plan: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(question: object) -> None:
        raise Refusal("away")

    asked = f"/yard/climate/plans/{plan.pk}/report/"
    client = Client(headers={"accept-language": "en"})
    with monkeypatch.context() as context:
        context.setattr(paper, "ask", away)
        client.post(asked)
        yard.make_reports()
    assert "Nobody computes carbon and heat just now" in page(asked)
    client.post(asked)
    assert Report.objects.get().state == Report.State.WAITING


def test_outlines_are_told_over_the_api_to_everybody(city: City, plan: Scenario) -> None:
    def asked(**given: Any) -> Any:
        where = "/api/v1/cities/yard/climate/zones"
        return Client(enforce_csrf_checks=True).post(where, given, content_type="application/json")

    inside, outside = (
        [list(yard.box(city, west, 519_650, west + 100, 519_750).exterior.coords)]
        for west in (200_400, 300_000)
    )
    found = asked(outlines=[inside, outside]).json()
    assert found["zones"][0]["hectares"] == pytest.approx(1, rel=0.05)
    assert found["zones"][0]["green_share"] == 1
    assert found["zones"][1]["refused"] == "outside-grid"
    assert found["inputs"]["land"]
    assert asked(outlines=[inside], plan=str(plan.pk)).json()["zones"][0]["covers"] == 0
    assert asked(outlines=[inside], plan=str(plan.city_id)).status_code == 404
