"""The demo city, at seeds and sizes nobody chose: what must be true of every one of them."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from madang.demo.city.cameras import POLES
from madang.demo.city.generate import DemoCity, generate
from madang.demo.city.grades import Grade
from madang.demo.city.people import RESIDENTS

CITIES = [(1, 0.1), (7, 0.1), (2026, 0.05), (99, 0.3)]
made = cache(generate)


@pytest.fixture(params=CITIES, ids=lambda chosen: f"seed {chosen[0]}, scale {chosen[1]}")
def city(request: pytest.FixtureRequest) -> DemoCity:
    return made(*request.param)


def test_same_seed_same_bytes_and_another_seed_another_city(city: DemoCity) -> None:
    assert generate(1, 0.1).digest() == made(1, 0.1).digest()
    assert made(7, 0.1).digest() != made(1, 0.1).digest()


def test_scale_out_of_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="between"):
        generate(1, 0.001)


def test_one_can_drive_from_anywhere_to_anywhere(city: DemoCity) -> None:
    roads = city.roads
    begin, end = roads.begin[: roads.main], roads.end[: roads.main]
    count = len(roads.nodes)
    graph = coo_matrix((np.ones(roads.main), (begin, end)), shape=(count, count))
    _, part = connected_components(graph, directed=True, connection="strong")
    used = np.unique([begin, end])
    assert np.bincount(part[used]).max() >= 0.99 * len(used)


def test_local_streets_lead_to_the_main_roads_and_back(city: DemoCity) -> None:
    roads = city.roads
    count = len(roads.nodes)
    assert len(roads.begin) > 5 * roads.main
    graph = coo_matrix((np.ones(len(roads.begin)), (roads.begin, roads.end)), shape=(count, count))
    parts, _ = connected_components(graph, directed=True, connection="strong")
    assert parts == 1  # and there is no crossing that no road leads to


def test_links_are_drivable(city: DemoCity) -> None:
    roads = city.roads
    assert roads.lengths().min() > 1
    assert roads.lanes.min() >= 1
    assert roads.speed_kmh.min() >= 20
    assert all(roads.name)
    assert roads.begin.max() < len(roads.nodes)


def test_every_road_but_ramps_runs_both_ways(city: DemoCity) -> None:
    roads = city.roads
    both = roads.grade != Grade.RAMP
    ways = Counter(zip(roads.begin[both].tolist(), roads.end[both].tolist(), strict=True))
    assert all(ways[b, a] == count for (a, b), count in ways.items())
    ramps = np.flatnonzero(~both)
    one_way = {(int(roads.begin[link]), int(roads.end[link])) for link in ramps}
    assert not any((b, a) in one_way for a, b in one_way)


def test_links_begin_and_end_at_their_nodes(city: DemoCity) -> None:
    roads = city.roads
    first = np.array([line[0] for line in roads.lines])
    last = np.array([line[-1] for line in roads.lines])
    room = roads.lanes * 3.2 + 1.5
    assert (np.hypot(*(first - roads.nodes[roads.begin]).T) < room).all()
    assert (np.hypot(*(last - roads.nodes[roads.end]).T) < room).all()


def test_crossings_have_three_arms_or_more(city: DemoCity) -> None:
    kinds = Counter(city.roads.node_kind.tolist())
    assert kinds["crossing"] > kinds["end"]
    arms = np.bincount(city.roads.end[: city.roads.main], minlength=len(city.roads.nodes))
    at_crossing = arms[city.roads.node_kind == "crossing"]
    assert (at_crossing >= 2).all()
    assert np.median(at_crossing) >= 3


def test_roads_lead_through_water_on_bridges_only(city: DemoCity) -> None:
    roads = city.roads
    water = city.terrain.water.buffer(-6)
    shapely.prepare(water)
    ground = np.flatnonzero(
        (roads.structure == "ground") & (np.arange(len(roads.begin)) < roads.main)
    )
    wet = shapely.intersection([shapely.LineString(roads.lines[link]) for link in ground], water)
    assert shapely.length(wet).sum() < 0.002 * roads.lengths()[ground].sum()


def test_everything_is_in_the_city(city: DemoCity) -> None:
    border = city.outline.border.buffer(35)
    shapely.prepare(border)
    points = [*((p.x, p.y) for p in city.places), *((c.x, c.y) for c in city.cameras)]
    points += [(d.x, d.y) for d in city.devices if d.x is not None]
    assert shapely.contains_xy(border, np.array(points)).all()
    assert shapely.contains_xy(border, np.vstack(city.roads.lines)).all()


def test_nothing_stands_in_water(city: DemoCity) -> None:
    water = city.terrain.water
    shapely.prepare(water)
    assert not shapely.intersects(water, city.buildings.polygons).any()
    poles = np.array([(c.x, c.y) for c in city.cameras])
    assert shapely.intersects_xy(water, poles).mean() < 0.002
    places = np.array([(p.x, p.y) for p in city.places if p.kind not in ("underpass", "bus-stop")])
    assert shapely.intersects_xy(water, places).mean() < 0.01


def test_counts_follow_the_scale(city: DemoCity) -> None:
    sites = sum(pole.sites for pole in POLES) * city.scale
    assert city.residents.sum() == round(RESIDENTS * city.scale)
    assert city.residents.min() > 0
    assert abs(len(city.cameras) - sites) < 12
    assert 2.9 < sum(site.cameras for site in city.cameras) / len(city.cameras) < 3.6
    assert abs(len(city.emergency) - 120 * city.scale) < 4
    assert 2000 * city.scale < city.roads.main < 250 + 4200 * city.scale


def test_keys_are_unique(city: DemoCity) -> None:
    for things in (city.places, city.cameras, city.devices, (*city.emergency, *city.others)):
        assert len({thing.key for thing in things}) == len(things)


def test_vehicles_have_homes_and_gauges_their_underpass(city: DemoCity) -> None:
    places = {place.key: place for place in city.places}
    assert all(
        places[vehicle.home].kind in ("fire-station", "police") for vehicle in city.emergency
    )
    gauges = [device for device in city.devices if device.kind == "underpass_gauge"]
    assert gauges
    assert all(city.roads.structure[gauge.link] == "underpass" for gauge in gauges)


def test_there_is_an_emergency_room_and_a_zone_around_every_elementary_school(
    city: DemoCity,
) -> None:
    assert any(place.details.get("emergency_room") for place in city.places)
    schools = {p.key for p in city.places if p.details.get("level") == "elementary"}
    assert schools <= {p.details["school"] for p in city.places if p.kind == "child-zone"}
