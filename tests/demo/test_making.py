"""The demo city in the database: whole, marked, and made once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import shapely
from django.conf import settings
from django.db import connection, transaction

from madang.demo.city import make_if_missing
from madang.demo.city.earlier import renew_kinds
from madang.demo.city.generate import DemoCity, generate
from madang.demo.city.making import ACTOR, TakenError, bring, make, register
from madang.demo.devices.credentials import credential
from madang.demo.devices.kinds import KINDS
from madang.demo.world import loading
from madang.demo.world.world import World
from madang.ground.city.models import (
    City,
    DataSet,
    District,
    Place,
    Population,
    RoadLink,
    RoadNode,
    Shape,
)
from madang.ground.city.public import make_city
from madang.ground.sensing.domain.devices import credential_hash
from madang.ground.sensing.domain.kinds import declare_kind
from madang.ground.sensing.models import Channel, Device, KindLimits
from madang.systems.cameras.models import Policy, Site
from madang.systems.climate.models import ClassTable, Layer, Surface

pytestmark = [pytest.mark.django_db, pytest.mark.one_server]

made = cache(generate)


def nothing(text: str) -> None:
    del text


@pytest.fixture(scope="module")
def tiny_city(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """Made once: each test works in a savepoint above it."""
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        transaction.atomic(),
    ):
        patch.setattr("madang.demo.city.making.generate", lambda *_: made(3, 0.05))
        yield make("tiny", say=nothing)
        transaction.set_rollback(True)


@pytest.fixture
def city(tiny_city: City, db: None) -> City:
    return tiny_city


@pytest.fixture
def tiny() -> DemoCity:
    return made(3, 0.05)


def test_everything_made_is_in_the_database(city: City, tiny: DemoCity) -> None:
    assert city.simulated
    assert city.names["en"] == "Madang City"
    assert District.objects.filter(city=city).count() == 60
    assert RoadNode.objects.filter(city=city).count() == len(tiny.roads.nodes)
    assert RoadLink.objects.filter(city=city).count() == len(tiny.roads.lines)
    assert Site.objects.filter(city=city).count() == len(tiny.cameras)
    bare = Site.objects.filter(city=city, basis="").values_list("details__use", flat=True)
    assert set(bare) <= {"facility"}  # one use is left as a real register often is
    assert Policy.objects.get(city=city).viewing
    kept = Surface.objects.filter(city=city, data_set__simulated=True)
    assert {surface.layer for surface in kept} == set(Layer) - {
        Layer.RED,
        Layer.INFRARED,
        Layer.BIOTOPE,
    }
    assert ClassTable.objects.get(city=city).simulated
    buildings = Shape.objects.filter(city=city, kind="building")
    assert buildings.count() == len(tiny.buildings.polygons)
    assert Place.objects.filter(city=city).exclude(kind="bell").count() == len(tiny.places)


def test_residents_of_dong_and_gu_add_up(city: City, tiny: DemoCity) -> None:
    for level in ("gu", "dong"):
        people = Population.objects.filter(city=city, district__level=level)
        assert sum(row.residents or 0 for row in people) == tiny.residents.sum()


def test_what_is_invented_is_marked_and_outlines_name_their_source(city: City) -> None:
    marked = dict(DataSet.objects.filter(city=city).values_list("key", "simulated"))
    assert marked.pop("demo-districts") is False
    assert marked
    assert all(marked.values())
    assert "국토지리정보원" in DataSet.objects.get(city=city, key="demo-districts").attribution


def test_links_know_their_nodes(city: City) -> None:
    nodes = set(RoadNode.objects.filter(city=city).values_list("key", flat=True))
    ends = RoadLink.objects.filter(city=city).values_list("from_node", "to_node")
    assert {node for pair in ends for node in pair} <= nodes


def test_devices_are_simulated_and_let_in_by_their_own_credentials(
    city: City, tiny: DemoCity
) -> None:
    devices = Device.objects.filter(city=city)
    assert devices.count() == len(tiny.devices) + len(tiny.emergency) + len(tiny.others)
    assert all(device.simulated for device in devices)
    car = devices.filter(kind__key="ambulance").first()
    assert car is not None
    assert Place.objects.filter(city=city, key=car.external_key, kind="fire-station").exists()
    word = credential(settings.DEMO_DEVICES_SECRET, "tiny", car.key)
    assert bytes(car.credential_hash) == credential_hash(word)


def test_the_world_can_live_in_it(city: City, tiny: DemoCity) -> None:
    assert loading.demo_city() == city
    world = World(loading.setting(city), 1, 1_795_143_600.0)
    assert len(world.vehicles) == len(tiny.emergency) + len(tiny.others)
    assert len(world.street) >= 0.99 * tiny.roads.main
    for _ in range(60):
        world.step(world.now + 1)
    x, y, _ = world.place()
    border = tiny.outline.border.buffer(30)
    assert shapely.contains_xy(border, x, y).all()


def test_a_taken_key_is_refused_with_what_to_do(city: City) -> None:
    with pytest.raises(TakenError, match="--key"):
        make(city.key, say=nothing)


def test_a_city_half_made_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr("madang.demo.city.making.register", fail)
    with pytest.raises(RuntimeError):
        make("half", seed=3, scale=0.05, say=nothing)
    assert not City.objects.filter(key="half").exists()


def test_the_first_start_makes_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madang.demo.city.making.generate", lambda *_: made(3, 0.05))
    first = make_if_missing(nothing)
    assert first is not None
    said: list[str] = []
    assert make_if_missing(said.append) == first
    assert said == []  # it lacks nothing


def test_one_that_an_earlier_version_made_is_kept_and_what_it_lacks_is_said() -> None:
    earlier = make_city("demo", {"ko": "데모시"}, ACTOR, simulated=True)
    bus = next(kind for kind in KINDS if kind.key == "bus")
    declare_kind(earlier, replace(bus, channels=bus.channels[:1], max_speed=20))
    said: list[str] = []
    assert make_if_missing(said.append) == earlier
    [words] = said
    assert "street network and signals" in words
    assert "cameras of the register" in words
    assert "MADANG_HOME" in words
    known = Channel.objects.filter(kind__city=earlier).values_list("kind__key", "key")
    assert set(known) >= {(kind.key, one.key) for kind in KINDS for one in kind.channels}


def test_a_demo_city_s_kinds_stay_as_somebody_set_them(city: City) -> None:
    KindLimits.objects.filter(kind__city=city, kind__key="bus").update(max_speed=20)
    renew_kinds(city)
    [limits] = KindLimits.objects.filter(kind__city=city, kind__key="bus")
    assert limits.max_speed == 20


def test_a_real_city_called_demo_is_left_alone() -> None:
    make_city("demo", {"ko": "데모시"}, ACTOR)
    assert make_if_missing(nothing) is None
    assert not District.objects.filter(city__key="demo").exists()


def test_bringing_it_again_changes_nothing(city: City, tiny: DemoCity) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(version) FROM city_dataset WHERE key <> 'demo-districts'")
        before = cursor.fetchone()
        bring(city, tiny, nothing)
        register(city, tiny, nothing)
        cursor.execute("SELECT sum(version) FROM city_dataset WHERE key <> 'demo-districts'")
        assert cursor.fetchone() == before
