"""`madang city` in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from madang.ground.city.commands import city as commands
from madang.ground.city.models import City, Import, Place

from .bringing import INSIDE, stops_file

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    done = CliRunner().invoke(commands, list(words))
    return done.output


def test_an_empty_city_of_ones_own() -> None:
    assert "/tokyo/" in run(
        "new", "tokyo", "--name-en", "Tokyo", "--crs", "EPSG:6677", "--time-zone", "Asia/Tokyo"
    )
    made = City.objects.get(key="tokyo")
    assert (made.names, made.crs, made.time_zone) == ({"en": "Tokyo"}, "EPSG:6677", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["api"], "api"),
        (["Big City"], "Big City"),
        (["yard", "--crs", "EPSG:4326"], "metres"),
        (["yard", "--crs", "EPSG:999999"], "no coordinate system"),
        (["yard", "--time-zone", "Moon/Sea"], "no time zone"),
    ],
)
def test_a_city_that_cannot_be(words: list[str], says: str) -> None:
    assert says in run("new", *words)
    assert not City.objects.exists()


def test_what_is_recognised_is_said_once(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text("date,name\n2020-01-01,x\n")
    said = run("import", str(tmp_path), "--city", "yard")
    assert said.count("Nothing here recognises its columns: date, name") == 2
    assert said.count("What is recognised") == 1
    assert said.count("Bus stops: ") == 1


def test_a_dry_run_shows_and_changes_nothing(tmp_path: Path) -> None:
    path = stops_file(tmp_path, [["1", "A", *INSIDE], ["2", "B", "", ""]])
    said = run("import", str(path), "--city", "yard", "--dry-run")
    assert "new 1" in said
    assert "rejected 1 such as row 3" in said
    assert not Import.objects.exists()
    assert not City.objects.exists()


def test_imported_asked_before_changes_and_undone(tmp_path: Path) -> None:
    run("import", str(stops_file(tmp_path, [["1", "A", *INSIDE]])), "--city", "yard")
    changed = stops_file(tmp_path, [["1", "B", *INSIDE]])
    assert "Not applied" in run("import", str(changed))
    assert Place.objects.get().name == "A"
    assert "changed 1" in run("import", str(changed), "--yes")
    assert Place.objects.get().name == "B"
    last = Import.objects.filter(state="applied").latest("began")
    assert "1 as before" in run("undo", str(last.id)[-12:])
    assert Place.objects.get().name == "A"
