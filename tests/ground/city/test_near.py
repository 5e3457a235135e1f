"""The database's answers about nearness against answers computed the long way."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from madang.ground.city.models import City, District, Place, RoadLink
from madang.ground.city.public import (
    Record,
    Source,
    along_road,
    districts_of,
    nearest,
    within_distance,
    within_polygon,
    write,
)

from .bringing import ACTOR, new_city

pytestmark = pytest.mark.django_db
SOURCE = Source("test", {"ko": "시험"})
quiet = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def city() -> City:
    city, other = new_city(), new_city("other")
    random = np.random.default_rng(3)
    kinds = ["school", "hospital", "bell"]
    for each in (city, other):
        places = [
            Record(Place, str(i), {"kind": kinds[i % 3]}, Point(127 + a / 50, 37.27 + b / 50))
            for i, (a, b) in enumerate(random.random((300, 2)))
        ]
        write(each, SOURCE, places, ACTOR)
    return city


@given(a=st.floats(-0.01, 0.03), b=st.floats(-0.01, 0.03), k=st.integers(1, 20))
@quiet
def test_nearest_and_within_are_exact(city: City, a: float, b: float, k: int) -> None:
    rows = list(Place.objects.filter(city=city, kind="school"))
    x, y = rows[0].x + a * 90_000, rows[0].y + b * 90_000
    metres = np.hypot([row.x - x for row in rows], [row.y - y for row in rows])
    found = nearest(Place, city, x, y, k, kind="school")
    assert [near.metres for near in found] == pytest.approx(np.sort(metres)[:k].tolist())
    within = within_distance(Place, city, x, y, 700, kind=["school", "bell"])
    assert {near.row.kind for near in within} <= {"school", "bell"}
    assert sum(near.row.kind == "school" for near in within) == (metres <= 700).sum()


def test_within_a_polygon_with_a_hole(city: City) -> None:
    ring = Polygon(
        [(127, 37.27), (127.02, 37.27), (127.02, 37.29), (127, 37.29)],
        [[(127.005, 37.275), (127.015, 37.275), (127.015, 37.285), (127.005, 37.285)]],
    )
    found = {row.key for row in within_polygon(Place, city, ring)}
    rows = Place.objects.filter(city=city)
    assert found == {row.key for row in rows if ring.intersects(Point(row.lon, row.lat))}
    assert 0 < len(found) < 300
    assert within_polygon(Place, city, box(0, 0, 1, 1)) == []


def test_along_a_road_in_order_and_of_both_directions_once() -> None:
    city = new_city()
    there = LineString([(127, 37.27), (127.01, 37.27)])
    back = LineString([(127.01, 37.27005), (127, 37.27005)])
    links = [
        Record(
            RoadLink, key, {"from_node": "", "to_node": "", "rank": "city", "name": "효원로"}, line
        )
        for key, line in (("1", there), ("2", back))
    ]
    places = [
        Record(Place, key, {"kind": "bell"}, Point(lon, lat))
        for key, lon, lat in (
            ("c", 127.008, 37.2701),
            ("a", 127.001, 37.2699),
            ("far", 127.005, 37.28),
        )
    ]
    write(city, SOURCE, [*links, *places], ACTOR)
    found = along_road(Place, city, "효원로", 30)
    keys = [each.row.key for each in found]
    assert keys in (["a", "c"], ["c", "a"])
    assert abs(found[1].along - found[0].along) == pytest.approx(620, abs=5)
    assert along_road(Place, city, "없는 길") == []


def grid(side: int) -> list[Record]:
    return [
        Record(
            District,
            f"{i}-{j}",
            {"level": "dong", "names": {"ko": f"{i}-{j}"}},
            box(127 + i / 100, 37 + j / 100, 127 + (i + 1) / 100, 37 + (j + 1) / 100),
        )
        for i in range(side)
        for j in range(side)
    ]


def test_the_districts_of_many_points_at_once() -> None:
    city = new_city()
    write(city, Source("districts", {}), grid(5), ACTOR)
    random = np.random.default_rng(1)
    lon, lat = random.uniform(126.99, 127.06, 5_000), random.uniform(36.99, 37.06, 5_000)
    index = districts_of(city)
    found = index.of(lon, lat)
    for place, x, y in zip(found[:500], lon, lat, strict=False):
        inside = [row.key for row in index.rows if shapely.intersects_xy(_outline(row), x, y)]
        assert (index.rows[place].key in inside) if place >= 0 else not inside


def test_districts_are_read_again_when_they_change() -> None:
    city = new_city()
    source = Source("districts", {})
    assert districts_of(city).at(127.005, 37.005) is None
    write(city, source, grid(1), ACTOR)
    found = districts_of(city).at(127.005, 37.005)
    assert found is not None
    assert found.key == "0-0"
    moved = Record(District, "0-0", {"level": "dong", "names": {}}, box(128, 37, 128.1, 37.1))
    write(city, source, [moved], ACTOR)
    assert districts_of(city).at(127.005, 37.005) is None


def _outline(row: District) -> object:
    return shapely.from_wkb(bytes(row.geometry))
