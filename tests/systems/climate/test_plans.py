"""Plans over the API: what is drawn changes the totals and the map, is never lost, and comes back."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from numpy.typing import NDArray
from PIL import Image
from pyproj import Transformer

from fixtures import surfaces as yard
from fixtures.people import make_person
from madang.ground.city.models import City
from madang.ground.city.public import to_degrees
from madang.ground.people.public import create_organisation
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor
from madang.systems.climate import asking, siting
from madang.systems.climate.answering import answer
from madang.systems.climate.engine.grid import Grid
from madang.systems.climate.engine.measures import along, crowns, shares
from madang.systems.climate.engine.planned import Planned
from madang.systems.climate.held import Held
from madang.systems.climate.messages import encode, questions
from madang.systems.climate.models import Edit, Scenario

pytestmark = pytest.mark.one_server

PLANS = "/api/v1/cities/yard/climate/plans"


class Within:
    """The climate process, without the process: what it holds can be thrown away."""

    def __init__(self) -> None:
        self.held = Held()
        self.away = False

    def ask(self, subject: str, question: bytes, patience: float) -> bytes:
        if self.away:
            raise asking.UnansweredError("climate.ask.1: nobody")
        return encode(answer(self.held, questions.decode(question)))


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Within:
    within = Within()
    monkeypatch.setattr(asking, "asker", lambda: within)
    return within


@pytest.fixture
def city(db: None, tmp_path: Path) -> City:
    return yard.city(tmp_path)


@pytest.fixture
def planner(city: City) -> Client:
    return person(city, "planner")


def person(city: City, role: str) -> Client:
    hall = create_organisation(Actor(name="test"), city, f"hall-{role}", "city", {"ko": "시청"})
    client = Client()
    client.force_login(make_person(role, hall))
    return client


def lonlat(city: City, points: list[tuple[float, float]]) -> list[list[float]]:
    lon, lat = to_degrees(*np.array(points).T, city.crs)
    return np.column_stack([lon, lat]).tolist()


def in_view(city: City, west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A view of what lies between these metres of the city."""
    to_map = Transformer.from_crs(city.crs, "EPSG:3857", always_xy=True)
    (left, right), (bottom, top) = to_map.transform([west, east], [south, north])
    return {"west": left, "south": bottom, "east": right, "north": top, "width": 300, "height": 200}


def pixels(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def roof(city: City, **what: Any) -> dict[str, Any]:
    ring = [(200_052, 519_948), (200_080, 519_948), (200_080, 519_930), (200_052, 519_930)]
    return {"kind": "roof", "rings": [lonlat(city, ring)], "what": {"roof": "light", **what}}


def street(city: City) -> dict[str, Any]:
    line = [(200_020, 519_800), (200_260, 519_800)]
    return {
        "kind": "trees", "rings": [lonlat(city, line)],
        "what": {"species": "zelkova", "spacing": 8, "unit_cost": 400_000},
    }  # fmt: skip


def send(client: Client, address: str, **body: Any) -> Any:
    return client.post(address, body, content_type="application/json")


def begun(planner: Client, name: str = "가로수") -> str:
    made = send(planner, PLANS, name=name)
    assert made.status_code == 201, made.content
    return f"{PLANS}/{made.json()['id']}"


def test_trees_and_a_roof_change_carbon_heat_and_cost_and_undo_takes_them_back(
    planner: Client, city: City, process: Within
) -> None:
    plan = begun(planner)
    planted = send(planner, f"{plan}/edits", seen=0, edits=[street(city)]).json()
    total = planted["total"]
    assert (planted["version"], total["trees"], total["cost"]) == (1, 30, 30 * 400_000)
    assert total["mean_celsius"] < 0 < total["carbon_low_t"] < total["carbon_t"]
    assert total["carbon_t"] < total["carbon_high_t"]
    assert total["people_degree_hours"] is None  # nobody said who lives there: unknown, not 0
    greened = send(planner, f"{plan}/edits", seen=1, edits=[roof(city)]).json()["total"]
    area = 28 * 18 * 0.8
    assert greened["area_m2"]["roof"] == pytest.approx(area, rel=0.03)
    gained = greened["carbon_t"] - total["carbon_t"]
    assert gained == pytest.approx(area * 0.375 / 1000, rel=0.03)
    assert greened["embodied_t"] > gained  # its making cost more than it holds, and that is said
    back = send(planner, f"{plan}/undo", seen=2).json()
    assert back["total"]["carbon_t"] == pytest.approx(total["carbon_t"], abs=1e-5)
    assert back["total"]["mean_celsius"] == pytest.approx(total["mean_celsius"], abs=1e-5)
    assert Entry.objects.filter(action="climate.scenario_edited").count() == 3


def test_a_thing_tried_is_told_and_forgotten(planner: Client, city: City, process: Within) -> None:
    plan = begun(planner)
    before = planner.get(f"{plan}/total").json()
    tried = send(planner, f"{plan}/preview", **street(city)).json()
    assert tried["trees"] == 30
    assert tried["mean_celsius"] < 0
    assert not Edit.objects.exists()
    after = planner.get(f"{plan}/total").json()
    assert (after["carbon_t"], after["trees"]) == (before["carbon_t"], 0)
    drawn = send(planner, f"{plan}/edits", seen=0, edits=[street(city)]).json()["total"]
    assert drawn["carbon_t"] == pytest.approx(tried["carbon_t"], abs=1e-5)


def test_what_was_tried_and_then_drawn_is_not_reckoned_twice_and_is_the_same(
    planner: Client, city: City, process: Within, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, added = begun(planner), []
    once = Planned.add
    monkeypatch.setattr(
        Planned, "add", lambda self, *words: added.append(words[0]) or once(self, *words)
    )
    send(planner, f"{plan}/preview", **roof(city))
    tried = send(planner, f"{plan}/preview", **street(city)).json()
    send(planner, f"{plan}/preview", **street(city))
    drawn = send(planner, f"{plan}/edits", seen=0, edits=[street(city)]).json()["total"]
    assert added == [1, 1]  # the roof, and the street once
    process.held = Held()
    assert drawn == {**planner.get(f"{plan}/total").json(), "reached": drawn["reached"]}
    assert {**tried, "version": 1} == {**drawn, "reached": tried["reached"]}
    send(planner, f"{plan}/preview", **roof(city))
    other = send(planner, f"{plan}/edits", seen=1, edits=[street(city), roof(city)]).json()["total"]
    process.held = Held()
    anew = planner.get(f"{plan}/total").json()
    assert other["people_degree_hours"] == pytest.approx(anew["people_degree_hours"], abs=1e-3)
    assert (other["edits"], other["trees"]) == (anew["edits"], anew["trees"])


def test_what_cannot_be_drawn_cannot_be_tried(planner: Client, city: City, process: Within) -> None:
    plan = begun(planner)
    bow = [(200_030, 519_900), (200_090, 519_960), (200_090, 519_900), (200_030, 519_960)]
    words = {**roof(city), "rings": [lonlat(city, bow)]}
    crossed = send(planner, f"{plan}/preview", **words)
    assert crossed.status_code == 422


def test_an_edit_does_not_read_the_citys_land_again(
    planner: Client, city: City, process: Within
) -> None:
    plan = begun(planner)
    send(planner, f"{plan}/edits", seen=0, edits=[street(city)])
    with CaptureQueriesContext(connection) as asked:
        send(planner, f"{plan}/preview", **street(city))
        send(planner, f"{plan}/edits", seen=1, edits=[street(city)])
    assert not [one for one in asked.captured_queries if '"file"' in one["sql"]]


def test_two_people_draw_and_the_slower_is_told_and_sees_the_other(
    planner: Client, city: City, process: Within
) -> None:
    plan = begun(planner)
    send(planner, f"{plan}/edits", seen=0, edits=[street(city)])
    other = send(planner, f"{plan}/edits", seen=0, edits=[roof(city)])
    assert other.status_code == 409
    assert [edit["kind"] for edit in planner.get(plan).json()["edits"]] == ["trees"]
    send(planner, f"{plan}/edits", seen=1, edits=[roof(city)])
    assert len(planner.get(plan).json()["edits"]) == 2


def test_a_process_that_forgot_everything_says_the_same_from_the_rows(
    planner: Client, city: City, process: Within
) -> None:
    plan = begun(planner)
    send(planner, f"{plan}/edits", seen=0, edits=[street(city), roof(city)])
    send(planner, f"{plan}/undo", seen=2)
    send(planner, f"{plan}/edits", seen=3, edits=[roof(city, roof="heavy")])
    before, told = planner.get(f"{plan}/result").json(), planner.get(f"{plan}/total").json()
    process.held = Held()
    again = planner.get(f"{plan}/result").json()
    assert again["digest"] == before["digest"]
    assert again["coefficients"]["roof.heavy.load"]["source"]
    assert planner.get(f"{plan}/total").json()["carbon_t"] == pytest.approx(told["carbon_t"])


def test_what_is_drawn_while_the_process_is_away_is_kept(
    planner: Client, city: City, process: Within
) -> None:
    plan = begun(planner)
    process.away = True
    drawn = send(planner, f"{plan}/edits", seen=0, edits=[street(city)])
    assert (drawn.status_code, drawn.json()["total"]) == (200, None)
    assert planner.get(f"{plan}/total").status_code == 503
    process.away = False
    assert planner.get(f"{plan}/total").json()["trees"] == 30


def test_layers_come_as_pictures_and_numbers(planner: Client, city: City, process: Within) -> None:
    plan = begun(planner)
    send(planner, f"{plan}/edits", seen=0, edits=[street(city)])
    [lon], [lat] = to_degrees([200_140], [519_800], city.crs)
    x = int((lon + 180) / 360 * 2**17)
    y = int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**17)
    here = f"/api/v1/cities/yard/climate/tiles/%s/17/{x}/{y}"
    words = {"plan": plan.rsplit("/", 1)[1]}
    picture = planner.get(here % "temperature_change" + ".png", words)
    assert picture.content.startswith(b"\x89PNG")
    changed = planner.get(here % "temperature_change" + ".f32", words).content
    degrees = np.frombuffer(changed, "<f4").reshape(256, 256)
    assert np.nanmin(degrees) < -0.001
    assert np.nanmax(degrees) < 1e-5
    carbon = np.frombuffer(planner.get(here % "carbon" + ".f32", words).content, "<f4")
    assert np.nanmax(carbon) > 0


def test_who_may_not_plan_reads_and_draws_nothing(city: City, planner: Client) -> None:
    assert send(Client(), PLANS, name="x").status_code == 401
    assert send(person(city, "operator"), PLANS, name="x").status_code == 403
    assert Client().get(PLANS).status_code == 200
    assert not Scenario.objects.exists()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"what": {"species": "palm"}}, "palm"),
        ({"what": {"species": "pine", "spacing": 0}}, "0"),
        ({"rings": [[[0.0, 0.0], [0.1, 0.1]]]}, "outside"),
        ({"rings": [[[127.0, 37.0]]]}, "two points"),
        ({"kind": "roof", "what": {"roof": "glass"}}, "glass"),
        ({"kind": "roof", "what": {"roof": "light", "height": 3}}, "height"),
        ({"kind": "land", "code": 9, "what": {}}, "polygon"),
    ],
)
def test_what_cannot_be_drawn_is_refused_whole(
    planner: Client, city: City, process: Within, changed: dict[str, Any], says: str
) -> None:
    plan = begun(planner)
    edits = [street(city), {**street(city), **changed}]
    with translation.override("en"):
        refused = planner.post(
            f"{plan}/edits", {"seen": 0, "edits": edits}, content_type="application/json",
            headers={"accept-language": "en"},
        )  # fmt: skip
    assert refused.status_code == 422, refused.content
    assert says in refused.json()["detail"]
    assert not Edit.objects.exists()


def test_a_city_without_surfaces_says_what_it_lacks(db: None, process: Within) -> None:
    City.objects.create(key="bare", west=126.9, south=37.2, east=127.1, north=37.3)
    found = Client().get("/api/v1/cities/bare/climate/state").json()
    assert set(found["missing"]) == {"land", "eto", "classes"}


def test_shares_and_crowns_are_those_of_the_shapes() -> None:
    grid = Grid(10, 10, 5.0, 0.0, 50.0, 5186)
    _, share = shares(grid, [np.array([(3.0, 47.0), (9.0, 47.0), (9.0, 41.0), (3.0, 41.0)])])
    assert share.sum() * 25 == pytest.approx(36, abs=1e-3)
    points = along(np.array([(10.0, 25.0), (40.0, 25.0)]), 10)
    assert points[:, 0].tolist() == pytest.approx([15, 25, 35])
    _, crown, trees = crowns(grid, points, 6.0)
    assert trees.sum() == 3
    assert crown.sum() * 25 == pytest.approx(3 * np.pi * 9, rel=0.05)


def test_trees_stand_at_the_kerbs_of_a_street_never_in_its_middle(city: City) -> None:
    yard.streets(city)
    sides = {site.key: site.rings[0][0][1] for site in siting.streets(city, None)}
    assert set(sides) == {
        "1-2:-1",
        "2-1:-1",
        "3-4:1",
        "3-4:-1",
    }  # right of each way, both of one way
    assert sides["1-2:-1"] < 519_748.4 - 3
    assert sides["2-1:-1"] > 519_751.6 + 3


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("trees", {"species": "zelkova", "spacing": 8, "unit_cost": 400_000}),
        ("cool", {"share": 0.9, "unit_cost": 30_000}),
        ("roof", {"roof": "light"}),
    ],
)
def test_what_a_budget_buys_stays_within_it_and_is_chosen_again(
    planner: Client, city: City, process: Within, kind: str, what: dict[str, Any]
) -> None:
    yard.houses(city)
    yard.streets(city)
    plan = begun(planner)
    words = {"kind": kind, "what": what, "budget": 40_000_000, "heat": 1, "people": 0}
    found = send(planner, f"{plan}/choice", **words).json()
    assert 0 < found["cost"] <= 40_000_000
    assert found["cost_low"] < found["cost"] < found["cost_high"]
    assert {"inputs", "classes", "coefficients", "premises", "method", "plan"} <= set(found)
    process.held = Held()
    again = send(planner, f"{plan}/choice", **words).json()
    assert again["digest"] == found["digest"]
    chosen = [site for site in found["sites"] if site["chosen"]]
    drawn = [{"kind": kind, "rings": site["rings"], "what": what} for site in chosen]
    send(planner, f"{plan}/edits", seen=0, edits=drawn)
    rest = send(planner, f"{plan}/choice", **words).json()
    assert rest["able"] == found["able"] - len(chosen)  # what is drawn is not bought again


@pytest.mark.parametrize(
    "box",
    [(200_000, 519_600, 200_600, 520_000), (200_040, 519_780, 200_090, 519_815),
     (199_000, 519_000, 203_000, 521_000), (200_400, 519_900, 200_500, 519_990)],
    ids=["city", "near", "far", "beside"],
)  # fmt: skip
@pytest.mark.parametrize(
    "layer", ["temperature", "temperature_change", "mitigation", "carbon", "carbon_change"]
)
def test_what_changed_of_a_picture_makes_the_new_one_of_the_old(
    planner: Client, city: City, process: Within, box: tuple[float, ...], layer: str
) -> None:
    plan, view = begun(planner), in_view(city, *box)
    look = {"layer": layer, **view}

    def whole() -> NDArray[np.uint8]:
        words = {**view, "plan": plan.rpartition("/")[2]}
        return pixels(
            planner.get(f"/api/v1/cities/yard/climate/view/{layer}.png", words).content
        ).copy()

    acts = [
        ("edits", {"edits": [street(city)]}), ("edits", {"edits": [roof(city), street(city)]}),
        ("undo", {}),
    ]  # fmt: skip
    seen, before = 0, whole()
    for act, words in acts:
        said = send(planner, f"{plan}/{act}", seen=seen, look=look, **words).json()
        patch, seen = said["picture"], said["version"]
        if patch["width"]:
            put = pixels(base64.b64decode(patch["png"]))
            assert put.shape[:2] == (patch["height"], patch["width"])
            rows = slice(patch["top"], patch["top"] + patch["height"])
            before[rows, patch["left"] : patch["left"] + patch["width"]] = put
        after = whole()
        np.testing.assert_array_equal(before, after)


def test_a_picture_that_edits_do_not_tell_is_asked_for_anew(
    planner: Client, city: City, process: Within
) -> None:
    plan, view = begun(planner), in_view(city, 200_000, 519_600, 200_600, 520_000)
    for seen, layer in enumerate(("night", "night_change", "now")):
        said = send(planner, f"{plan}/edits", seen=seen, edits=[street(city)],
                    look={"layer": layer, **view})  # fmt: skip
        assert said.status_code == 200
        assert said.json()["picture"] is None
    wrong = {"layer": "temperature", **view, "east": view["west"]}
    refused = send(planner, f"{plan}/edits", seen=3, edits=[street(city)], look=wrong)
    assert (refused.status_code, Scenario.objects.get().version) == (422, 3)
