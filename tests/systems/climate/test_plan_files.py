"""Plans from files: shown first, faults by number and reason, drawn whole or not at all, and back again."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fixtures import surfaces as yard
from fixtures.people import make_person
from madang.ground.city.models import City
from madang.ground.people.public import create_organisation
from madang.systems.climate import asking
from madang.systems.climate.domain import plan_files, scenarios
from madang.systems.climate.domain.premises import Premises
from madang.systems.climate.domain.scenarios import Drawn, in_force
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.messages import Said, Total
from madang.systems.climate.models import Kind, PlanFile, Scenario
from madang.systems.climate.queries import by_district

pytestmark = pytest.mark.one_server

STREET = [
    [(200_020.33, 519_800.17), (200_260.0, 519_803.71)],
    [(200_020.0, 519_700.0), (200_090.0, 519_700.0)],
]
HOUSE = [
    (200_030.0, 519_900.0),
    (200_046.0, 519_900.0),
    (200_046.0, 519_916.0),
    (200_030.0, 519_916.0),
]
COURT = [(200_034.0, 519_904.0), (200_038.0, 519_904.0), (200_038.0, 519_908.0)]
LOT = [(200_100.0, 519_850.0), (200_160.0, 519_850.0), (200_160.0, 519_910.0)]


@pytest.fixture
def city(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    yard.answer_here(monkeypatch)
    return yard.city(tmp_path)


@pytest.fixture
def planner(city: City) -> Client:
    client = Client(headers={"accept-language": "en"})
    hall = create_organisation(yard.ACTOR, city, "hall", "city", {"ko": "시청"})
    client.force_login(make_person("planner", hall))
    return client


def total(plan: Scenario) -> dict[str, Any]:
    found = asking.ask(Total(city=plan.city_id, scenario=plan.pk, zones=True))
    assert isinstance(found, Said)
    return found.body


def drawn(city: City) -> Scenario:
    """A plan with everything that can be drawn."""
    plan = scenarios.make(city, "모두", yard.ACTOR)
    things = [
        Drawn(Kind.TREES, STREET, what={"species": "ginkgo", "spacing": 7.5, "unit_cost": 400_000}),
        Drawn(Kind.ROOF, [HOUSE, COURT], what={"roof": "heavy", "share": 0.7}),
        Drawn(Kind.COOL, [HOUSE], what={}),
        Drawn(Kind.LAND, [LOT], 2, {"unit_cost": 1000}),
    ]
    scenarios.draw(plan.pk, 0, things, yard.ACTOR)
    plan.refresh_from_db()
    return plan


def send(client: Client, plan: Scenario, name: str, data: bytes, crs: str = "") -> Any:
    file = SimpleUploadedFile(name, data)
    return client.post(f"/yard/climate/plans/{plan.pk}/bring/", {"file": file, "crs": crs})


def test_what_leaves_as_geojson_comes_back_to_the_same_numbers(city: City, planner: Client) -> None:
    plan = drawn(city)
    left = planner.get(f"/yard/climate/plans/{plan.pk}/report.geojson").content
    other = scenarios.make(city, "다시", yard.ACTOR)
    shown = planner.get(send(planner, other, "plan.geojson", left)["Location"])
    told = shown.content.decode()
    assert "Green roof (heavy)" in told
    assert "Draw all of it" in told
    assert not in_force(other)  # nothing is drawn by looking
    where = shown.request["PATH_INFO"]
    assert planner.post(where, {"answer": "draw", "seen": "0"})["Location"].endswith(f"{other.pk}/")
    before, after = (
        [(e.kind, e.rings, e.code, e.what) for e in in_force(p)] for p in (plan, other)
    )
    assert before == after
    assert total(plan) == total(other)
    assert not PlanFile.objects.exists()


def test_a_plan_with_trees_and_roofs_is_told_by_district(city: City) -> None:
    plan = drawn(city)
    bare, planned = (by_district(city, Premises(), scenario=s)[0] for s in (None, plan))
    assert planned.covers > 0
    assert planned.carbon > bare.carbon
    assert planned.temperature is not None
    assert bare.temperature is not None
    assert planned.temperature < bare.temperature


@pytest.mark.parametrize("driver", ["ESRI Shapefile", "GPKG"])
def test_korean_columns_of_a_shapefile_and_a_geopackage_are_understood(
    city: City, tmp_path: Path, driver: str
) -> None:
    plan = scenarios.make(city, "파일", yard.ACTOR)
    shapes = [shapely.LineString(STREET[0]), shapely.LineString(STREET[1])]
    columns = {"수목명": ["느티나무", "이팝나무"], "간격": [8.0, 6.0], "단가": [400_000.0, np.nan]}
    path = tmp_path / ("plan.shp" if driver == "ESRI Shapefile" else "plan.gpkg")
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(shapes)), [np.array(v, object if k == "수목명" else float)
        for k, v in columns.items()], list(columns), geometry_type="LineString", crs="EPSG:5186",
        driver=driver, encoding="UTF-8",
    )  # fmt: skip
    if driver == "ESRI Shapefile":
        with zipfile.ZipFile(tmp_path / "plan.zip", "w") as archive:
            for part in tmp_path.glob("plan.*"):
                if part.suffix != ".zip":
                    archive.write(part, part.name)
        path = tmp_path / "plan.zip"
    found = plan_files.read(plan, path, path.name)
    assert found.rejected == []
    assert [dict(each.what) for each in found.drawn] == [
        {"species": "zelkova", "spacing": 8.0, "unit_cost": 400_000.0},
        {"species": "fringe", "spacing": 6.0},
    ]
    assert np.allclose(found.drawn[0].rings[0], STREET[0], atol=1e-3)


def collection(city: City, *features: tuple[dict[str, Any], Any]) -> bytes:
    def degrees(shape: Any) -> Any:
        from madang.ground.city.projection import reproject

        return json.loads(
            shapely.to_geojson(reproject(np.array([shape]), city.crs, "EPSG:4326")[0])
        )

    rows = [{"type": "Feature", "properties": words, "geometry": shape and degrees(shape)}
            for words, shape in features]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": rows}).encode()


def test_one_feature_that_cannot_be_keeps_all_of_the_file_out(city: City, planner: Client) -> None:
    plan = scenarios.make(city, "틀린 파일", yard.ACTOR)
    bow = shapely.Polygon(
        [(200_000, 519_700), (200_050, 519_750), (200_050, 519_700), (200_000, 519_750)]
    )
    house, tree = shapely.Polygon(HOUSE), shapely.Point(200_100.0, 519_900.0)
    far = shapely.Polygon([(201_000, 519_900), (201_050, 519_900), (201_050, 519_950)])
    faults: list[tuple[dict[str, Any], Any]] = [
        ({"kind": "trees", "species": "바나나"}, shapely.LineString(STREET[0])),
        ({"kind": "옥상녹화", "녹화유형": "경량"}, bow),
        ({"kind": "roof", "roof": "light"}, far),
        ({"kind": "roof", "roof": "light", "share": "칠할"}, house),
        ({"kind": "land", "code": 99}, house),
        ({"kind": "cool"}, tree),
        ({"name": "아무것"}, house),
        ({"kind": "trees", "species": "pine"}, None),
    ]  # fmt: skip
    sound: tuple[dict[str, Any], Any] = ({"kind": "trees", "species": "pine"}, tree)
    data = collection(city, sound, *faults)
    shown = planner.get(send(planner, plan, "wrong.geojson", data)["Location"])
    told, row = shown.content.decode(), PlanFile.objects.get()
    assert sorted(int(number) for number, _code, _words in row.rejected) == list(range(2, 10))
    assert {code for _number, code, _words in row.rejected} == {
        "unknown-species", "crossing", "outside-grid", "no-number", "unknown-class",
        "other-geometry", "no-kind", "no-shape",
    }  # fmt: skip
    assert "바나나 is not a species known here" in told
    assert "Draw all of it" not in told
    with pytest.raises(Refusal, match="file-has-faults"):
        plan_files.apply(row.pk, plan.pk, 0, yard.ACTOR)
    assert planner.post(shown.request["PATH_INFO"], {"answer": "away"}).status_code == 302
    assert not PlanFile.objects.exists()
    assert not in_force(plan)


def test_over_the_api_points_become_trees_and_the_slower_of_two_is_told(
    city: City, planner: Client
) -> None:
    plan = scenarios.make(city, "점", yard.ACTOR)
    where = f"/api/v1/cities/yard/climate/plans/{plan.pk}/files"
    points = [({"kind": "가로수", "수종": "은행나무"}, shapely.Point(200_050.0 + 9 * n, 519_900.0))
              for n in range(5)]  # fmt: skip
    file = SimpleUploadedFile("trees.json", collection(city, *points))
    sent = planner.post(where, {"file": file})
    assert sent.status_code == 201, sent.content
    assert (sent.json()["features"], sent.json()["things"], sent.json()["rejected"]) == (5, 1, [])
    at = f"{where}/{sent.json()['id']}/draw"
    assert planner.post(at, {"seen": 3}, content_type="application/json").status_code == 409
    done = planner.post(at, {"seen": 0}, content_type="application/json")
    assert done.json()["total"]["trees"] == 5
    assert planner.post(at, {"seen": 1}, content_type="application/json").status_code == 404
    bad = planner.post(where, {"file": SimpleUploadedFile("a.json", b'{"features": [{"ty')})
    assert bad.status_code == 422
    assert Client().post(where, {"file": file}).status_code in (401, 403)


def test_a_shapefile_without_prj_that_lies_anywhere_says_what_to_do_and_draws_nothing(
    city: City, planner: Client, tmp_path: Path
) -> None:
    plan = scenarios.make(city, "좌표계 없음", yard.ACTOR)
    far = shapely.LineString([(5e6, 5e6), (5e6 + 90, 5e6)])
    pyogrio.raw.write(
        tmp_path / "plan.shp", shapely.to_wkb(np.array([far])), [np.array(["느티나무"], object)],
        ["수목명"], geometry_type="LineString", crs=None, driver="ESRI Shapefile", encoding="UTF-8",
    )  # fmt: skip
    with zipfile.ZipFile(tmp_path / "plan.zip", "w") as archive:
        for part in tmp_path.glob("plan.*"):
            if part.suffix not in (".zip", ".prj"):
                archive.write(part, part.name)
    file = SimpleUploadedFile("plan.zip", (tmp_path / "plan.zip").read_bytes())
    refused = planner.post(f"/api/v1/cities/yard/climate/plans/{plan.pk}/files", {"file": file})
    assert refused.status_code == 422
    assert "EPSG:5186" in refused.json()["detail"]
    assert not PlanFile.objects.exists()
    assert not in_force(plan)
