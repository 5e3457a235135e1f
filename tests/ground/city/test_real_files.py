"""Suwon's and Jamsil's real files, where they lie beside the project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from madang.ground.city.models import City, DataSet, District, Import, Population, RoadLink
from madang.ground.city.queries.summaries import districts
from madang.ground.city.reasons import say
from madang.systems.cameras.models import Site

from .bringing import bring_file, bring_files, counts, dump, new_city, plan
from .test_commands import run

SHARED = Path(__file__).parents[4] / "shared"
SUWON, JAMSIL = SHARED / "suwon", SHARED / "traffic" / "seoul_jamsil.osm"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_server,
    pytest.mark.skipif(not SUWON.exists(), reason="the real files are not beside the project"),
]


@pytest.fixture
def suwon() -> tuple[City, dict[str, Import]]:
    city = new_city("suwon")
    return city, {done.file: done for done in bring_files(city, SUWON)}


def test_suwon_is_imported_again_and_taken_back_in_a_terminal() -> None:
    """What the first page of the guide shows, word for word: import, again, undo, newest first."""
    empty = dump()
    first = run("import", str(SUWON), "--city", "suwon", "--name", "수원시")
    for line in (
        "districts.geojson: District outlines, applied. read 44 = new 44 + ",
        "road_links.geojson: Standard road links, applied. read 3028 = new 3028 + ",
        "cctv.csv: National register of cameras, applied. read 4934 = new 4921 + changed 0 + same 0"
        " + rejected 13",
        "holidays_kr.csv: refused. Nothing here recognises its columns: date, na",
        "README.md: refused. Nothing here recognises its columns",
    ):
        assert line in first
    files = {path.name for path in SUWON.iterdir()}
    assert all(f"{name}: " in first for name in files)
    full = dump()
    again = run("import", str(SUWON), "--city", "suwon")
    assert again.count("= new 0 + changed 0 + same ") == len(files) - 2
    assert dump() == full
    for each in Import.objects.filter(state="applied").order_by("-began"):
        said = run("undo", str(each.id)[-12:], "--reason", "시험")
        assert f"{each.file}: {each.new + each.derived} rows taken out" in said
    assert dump() == empty
    assert not DataSet.objects.exists()


def test_every_row_of_suwon_is_accounted_for(suwon: tuple[City, dict[str, Import]]) -> None:
    _, done = suwon
    assert counts(done["districts.geojson"]) == (44, 44, 0, 0, 0)
    assert counts(done["road_links.geojson"]) == (3028, 3028, 0, 0, 0)
    assert counts(done["road_nodes.geojson"]) == (1003, 1003, 0, 0, 0)
    assert counts(done["weather_2020_hourly.csv"]) == (8784, 8784, 0, 0, 0)
    assert counts(done["air_quality.csv"]) == (192, 189, 0, 0, 3)
    cameras = done["cctv.csv"]
    assert counts(cameras) == (4934, 4921, 0, 0, 13)
    reasons = {say(each.reason, {**each.figures, "km": "?"}) for each in cameras.rejections.all()}
    assert len(reasons) == len(set(cameras.rejections.values_list("figures__lon", "figures__lat")))
    assert sum(Site.objects.values_list("cameras", flat=True)) > 15_800
    for each in done.values():
        assert each.read == each.new + each.changed + each.same + each.rejected


def test_files_that_are_not_recognised_are_refused_with_what_would_be() -> None:
    refused = {step.name: step.refused for step in plan(SUWON) if step.refused}
    assert set(refused) == {"README.md", "holidays_kr.csv"}
    assert all(reason.code == "unrecognised" for reason in refused.values())


def test_districts_are_a_tree_with_suwons_residents(suwon: tuple[City, dict[str, Import]]) -> None:
    city, _ = suwon
    assert District.objects.filter(level="gu").count() == 4
    assert District.objects.filter(level="dong").count() == 44
    figures = districts(city)
    assert sum(each.residents or 0 for each in figures if each.parent is None) == 1_185_677
    assert sum(each.households or 0 for each in figures if each.parent is None) == 546_407
    assert sum(each.area_km2 for each in figures if each.parent is None) == pytest.approx(
        121, abs=1
    )
    assert Population.objects.filter(date=None).count() == 44


def test_roads_are_like_their_source(suwon: tuple[City, dict[str, Import]]) -> None:
    links = RoadLink.objects.all()
    assert links.filter(speed_kmh=None).count() == 680
    assert links.filter(structure="underpass").count() == 76
    lengths = np.array(links.values_list("length_m", flat=True))
    assert 400_000 < lengths.sum() < 1_000_000


@pytest.mark.skipif(not JAMSIL.exists(), reason="the real files are not beside the project")
def test_jamsil_is_a_city_without_districts() -> None:
    city = new_city("jamsil")
    done = bring_file(city, JAMSIL)
    assert (done.state, done.rejected) == ("applied", 0)
    city.refresh_from_db()
    assert city.west is not None
    assert 127.0 < city.west < 127.2
    assert RoadLink.objects.filter(city=city).count() > 900
    assert counts(bring_file(city, JAMSIL)) == (done.read, 0, 0, done.read, 0)
