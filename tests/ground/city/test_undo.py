from pathlib import Path

import pytest
from django.utils import translation

from madang.ground.city.domain.undo import undo
from madang.ground.city.models import DataSet, District, Import, Place, Population
from madang.ground.city.reasons import Refused
from madang.ground.trail.models import Entry

from .bringing import ACTOR, bring_file, dump, new_city, stops_csv, stops_file

pytestmark = pytest.mark.django_db
A, B = ("a", "가", "127.0", "37.27"), ("b", "나", "127.0", "37.27")


def test_a_later_import_on_the_same_rows_must_go_first(tmp_path: Path) -> None:
    city = new_city()
    one = bring_file(city, stops_file(tmp_path, [A, B]))
    two = bring_file(city, stops_file(tmp_path, [("a", "다른 이름", "127.0", "37.27")]))
    with pytest.raises(Refused) as refused:
        undo(one, ACTOR)
    assert refused.value.code == "later"
    assert refused.value.figures == {"files": "anything.txt", "count": 1, "keys": "a"}
    undo(two, ACTOR)
    undo(one, ACTOR)
    assert not Place.objects.exists()
    assert not DataSet.objects.exists()


def test_a_later_import_that_found_the_rows_the_same_is_no_hindrance(tmp_path: Path) -> None:
    city = new_city()
    one = bring_file(city, stops_file(tmp_path, [A, B]))
    bring_file(city, stops_file(tmp_path, [A, B]))
    undo(one, ACTOR)
    assert not Place.objects.exists()


def test_undo_is_once_and_in_the_trail(tmp_path: Path) -> None:
    city = new_city()
    done = bring_file(city, stops_file(tmp_path, [A]))
    undo(done, ACTOR)
    with pytest.raises(Refused) as refused:
        undo(done, ACTOR)
    assert refused.value.code == "not-applied"
    assert Entry.objects.filter(action="city.import.undone", thing_id=str(done.id)).exists()


def test_undone_and_imported_again(tmp_path: Path) -> None:
    city = new_city()
    path = stops_file(tmp_path, [A, B])
    undo(bring_file(city, path), ACTOR)
    assert bring_file(city, path).new == 2


def test_districts_that_population_stands_on_are_refused(tmp_path: Path) -> None:
    from shapely import box

    from .bringing import geojson_file

    city = new_city()
    dong = {"adm_cd2": "4111156000", "dong": "파장동", "gu": "장안구"}
    districts = bring_file(city, geojson_file(tmp_path, [(dong, box(127, 37.2, 127.1, 37.3))]))
    table = tmp_path / "p.csv"
    table.write_text(
        stops_csv([("4111156000", 10, 20)], ["code", "households", "population"]), "utf-8"
    )
    people = bring_file(city, table)
    before = dump()
    with pytest.raises(Refused) as refused:
        undo(districts, ACTOR)
    assert (refused.value.code, refused.value.figures["files"]) == ("stood-on", "p.csv")
    assert dump() == before
    undo(people, ACTOR)
    undo(districts, ACTOR)
    assert not District.objects.exists()
    assert not Population.objects.exists()
    assert Import.objects.filter(state="undone").count() == 2


def test_the_day_of_the_data_set_is_as_before(tmp_path: Path) -> None:
    city = new_city()
    path = stops_file(tmp_path, [A])
    from datetime import date

    bring_file(city, path, date=date(2025, 1, 1))
    later = bring_file(city, path, date=date(2026, 1, 1))
    assert DataSet.objects.get().as_of == date(2026, 1, 1)
    undo(later, ACTOR)
    assert DataSet.objects.get().as_of == date(2025, 1, 1)


WEATHER = "지점,지점명,일시,기온(°C),풍속(m/s),습도(%)\n"


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("ko", "관측값 1건"),
        ("en", "observations: 1"),
        ("ja", "観測値1件"),
    ],
)
def test_weather_whose_station_a_later_file_uses_says_which_to_undo_first(
    tmp_path: Path, language: str, says: str
) -> None:
    city = new_city()
    first, second = tmp_path / "2020.csv", tmp_path / "2021.csv"
    first.write_text(f"{WEATHER}119,수원,2020-01-01 0:00,1,1,1\n")
    second.write_text(f"{WEATHER}119,수원,2021-01-01 0:00,1,1,1\n")
    one, two = bring_file(city, first), bring_file(city, second)
    with translation.override(language), pytest.raises(Refused) as refused:
        undo(one, ACTOR)
    assert (refused.value.code, refused.value.figures["files"]) == ("stood-on", "2021.csv")
    with translation.override(language):
        assert says in str(refused.value)
    undo(two, ACTOR)
    undo(one, ACTOR)
    assert not DataSet.objects.exists()
