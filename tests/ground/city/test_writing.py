"""The bulk door: rows come whole or not at all, and the same rows again change nothing."""

import pytest
from django.db import IntegrityError, transaction
from shapely import LineString, Point, box

from madang.ground.city.models import (
    City,
    DataSet,
    District,
    Import,
    Place,
    PreviousRow,
    RoadLink,
)
from madang.ground.city.public import Record, RepeatedKeyError, Source, make_city, write
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db
ACTOR = Actor(name="test")
SOURCE = Source("places", {"ko": "장소"}, source="a test", simulated=True)


@pytest.fixture
def city() -> City:
    return make_city("yard", {"ko": "마당", "en": "Yard"}, ACTOR)


def place(key: str, lon: float = 127.0, **values: object) -> Record:
    return Record(Place, key, {"kind": "school", "name": key, **values}, Point(lon, 37.27))


def counts(done: Import) -> tuple[int, ...]:
    return done.read, done.new, done.changed, done.same, done.rejected


def test_new_same_and_changed_rows_are_told_apart(city: City) -> None:
    assert counts(write(city, SOURCE, [place("a"), place("b")], ACTOR)) == (2, 2, 0, 0, 0)
    again = write(city, SOURCE, [place("a"), place("b", name="새 이름"), place("c")], ACTOR)
    assert counts(again) == (3, 1, 1, 1, 0)
    assert {p.key: p.name for p in Place.objects.all()} == {"a": "a", "b": "새 이름", "c": "c"}
    assert PreviousRow.objects.get().content["name"] == "b"


def test_points_are_in_degrees_and_metres(city: City) -> None:
    write(city, SOURCE, [place("a", 127.0), place("b", 127.01)], ACTOR)
    a, b = Place.objects.order_by("key")
    assert (a.lon, a.lat) == (127.0, 37.27)
    assert a.x == pytest.approx(200_000, abs=0.01)
    assert b.x - a.x == pytest.approx(886.6, abs=1)


def test_lines_and_polygons_are_measured(city: City) -> None:
    link = {"from_node": "1", "to_node": "2", "rank": "city"}
    write(
        city,
        Source("roads", {"ko": "도로"}),
        [Record(RoadLink, "1-2", link, LineString([(127.0, 37.27), (127.01, 37.27)]))],
        ACTOR,
    )
    assert RoadLink.objects.get().length_m == pytest.approx(886.6, abs=1)
    dong = {"level": "dong", "names": {"ko": "가동"}}
    write(
        city,
        Source("districts", {"ko": "동"}),
        [Record(District, "1", dong, box(127.0, 37.26, 127.01, 37.27))],
        ACTOR,
    )
    district = District.objects.get()
    assert district.area_m2 == pytest.approx(886.6 * 1109.8, rel=0.01)
    assert 127.0 < district.lon < 127.01


def test_the_city_is_as_large_as_its_districts(city: City) -> None:
    write(city, SOURCE, [place("a", 126.9), place("b", 127.1)], ACTOR)
    city.refresh_from_db()
    assert (city.west, city.east) == (126.9, 127.1)
    dong = {"level": "dong", "names": {"ko": "가동"}}
    outline = box(127.0, 37.26, 127.01, 37.27)
    write(city, Source("d", {}), [Record(District, "1", dong, outline)], ACTOR)
    city.refresh_from_db()
    assert (city.west, city.south, city.east, city.north) == (127.0, 37.26, 127.01, 37.27)


def test_a_key_given_twice_is_refused_whole(city: City) -> None:
    with pytest.raises(RepeatedKeyError, match="a"):
        write(city, SOURCE, [place("a"), place("a")], ACTOR)
    assert not Place.objects.exists()
    assert not DataSet.objects.exists()


def test_the_version_grows_only_when_rows_change(city: City) -> None:
    for rows, version in (([place("a")], 1), ([place("a")], 1), ([place("a", name="b")], 2)):
        write(city, SOURCE, rows, ACTOR)
        assert DataSet.objects.get().version == version


def test_an_import_is_in_the_trail(city: City) -> None:
    done = write(city, SOURCE, [place("a")], ACTOR)
    entry = Entry.objects.get(action="city.import.applied")
    assert entry.thing_id == str(done.id)
    assert entry.detail["new"] == 1


def test_the_database_refuses_counts_that_do_not_add_up(city: City) -> None:
    with pytest.raises(IntegrityError, match="counts_add_up"):
        Import.objects.create(city=city, read=3, new=1)


def test_the_database_refuses_a_row_of_another_citys_data_set(city: City) -> None:
    done = write(city, SOURCE, [place("a")], ACTOR)
    other = make_city("other", {"ko": "다른 시"}, ACTOR)
    with pytest.raises(IntegrityError, match="of_one_city"), transaction.atomic():
        Place.objects.create(
            city=other,
            data_set=done.data_set,
            key="x",
            made_by=done,
            touched_by=done,
            kind="school",
            lon=0,
            lat=0,
            x=0,
            y=0,
        )


def test_two_cities_keep_the_same_key_apart(city: City) -> None:
    other = make_city("other", {"ko": "다른 시"}, ACTOR)
    for one in (city, other):
        assert write(one, SOURCE, [place("a")], ACTOR).new == 1
