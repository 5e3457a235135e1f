"""The street as the console draws it: levels of what is counted, signals by their plans, who may see it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import translation

from fixtures.lit_streets import bring_streets, put_detectors
from madang.ground.city.models import City
from madang.ground.web.console import Asking, Layer, Section, Thing, entries
from madang.systems.traffic import console, home
from madang.systems.traffic.domain.phases import signals_now
from madang.systems.traffic.domain.streets_now import held_network, streets_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def lit(city: City) -> City:
    bring_streets(city, side=3)
    found = streets_now(city, datetime.now(UTC))
    assert found is not None
    keys = [road.key for road in found.roads]
    put_detectors(city, {keys[0]: 60, keys[1]: 2400})
    return city


def asked(city: City) -> Asking:
    return Asking(city, None, "ko", lambda right: True)


def answer(client: Client, what: str, city: City) -> dict[str, Any]:
    response = client.get(f"/api/v1/cities/{city.key}/traffic/{what}")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = json.loads(response.content)
    return found


def test_what_is_counted_has_a_level_and_the_rest_is_unknown(lit: City) -> None:
    found = streets_now(lit, datetime.now(UTC))
    assert found is not None
    light, heavy, *others = found.roads
    assert light.level in "ABCD"
    assert heavy.level in ("F", "FF", "FFF")
    assert heavy.delay is not None
    assert light.delay is not None
    assert heavy.delay > 100 > light.delay
    assert light.volume == pytest.approx(60, rel=0.35)
    assert {(road.level, road.delay, road.volume) for road in others} == {("", None, None)}
    assert light.simulated


def test_counts_grow_old(lit: City) -> None:
    found = streets_now(lit, datetime.now(UTC) + timedelta(hours=1))
    assert found is not None
    assert {road.level for road in found.roads} == {""}


def test_a_signal_shows_what_its_plan_says(lit: City) -> None:
    zone = ZoneInfo(lit.time_zone)
    held = held_network(lit, datetime.now(UTC))
    assert held is not None
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=zone)
    for one in signals_now(held.network, noon):
        later = list(signals_now(held.network, noon + timedelta(seconds=one.left_s + 0.5)))
        assert 0 <= one.phase <= one.phases
        assert later[one.signal].phase != one.phase
        again = list(signals_now(held.network, noon + timedelta(seconds=one.cycle_s)))
        assert again[one.signal].phase == one.phase


def test_the_api_draws_it(lit: City, client: Client, person: Any) -> None:
    client.force_login(person("operator"))
    links = answer(client, "links", lit)
    levels = {each["properties"]["level"] for each in links["features"]}
    assert "" in levels
    assert levels & {"F", "FF", "FFF"}
    assert "도로용량편람" in links["source"]
    assert all(len(each["geometry"]["coordinates"]) > 1 for each in links["features"])
    signals = answer(client, "signals", lit)["features"]
    assert signals
    assert all(each["properties"]["left"] >= 0 for each in signals)
    counts = answer(client, "detectors", lit)["features"]
    assert [each["properties"]["state"] for each in counts] == ["fresh", "fresh"]
    key = counts[0]["properties"]["key"]
    assert key == "VDS-0001"
    road = next(each for each in links["features"] if each["properties"]["volume"])
    volume = answer(client, f"course/volume/link/{road['properties']['id']}", lit)
    assert volume["unit"] == "/h"
    assert volume["points"]
    crossing = signals[0]["properties"]["id"]
    assert answer(client, f"course/delay/signal/{crossing}", lit)["unit"] == "s"
    missing = client.get(f"/api/v1/cities/{lit.key}/traffic/course/volume/link/nowhere")
    assert missing.status_code == 404


@pytest.mark.parametrize("what", ["links", "signals", "detectors", "course/volume/link/L000001"])
def test_without_the_right_nothing_is_said(
    lit: City, client: Client, person: Any, what: str
) -> None:
    assert client.get(f"/api/v1/cities/{lit.key}/traffic/{what}").status_code in (401, 403)
    client.force_login(person(""))
    assert client.get(f"/api/v1/cities/{lit.key}/traffic/{what}").status_code == 403


def test_a_city_without_a_network_says_so(city: City, client: Client, person: Any) -> None:
    client.force_login(person("operator"))
    for what in ("links", "signals", "detectors"):
        assert answer(client, what, city)["features"] == []
    with translation.override("en"):
        (section,) = console.sections(asked(city))
    assert section.facts[0].value is not None


def test_the_inspector_tells_road_and_signal(lit: City) -> None:
    found = streets_now(lit, datetime.now(UTC))
    assert found is not None
    with translation.override("en"):
        road = console.road_thing(asked(lit), "street", found.roads[1].key)
        assert road is not None
        facts = {str(fact.title): fact.value for fact in road.facts}
        assert facts["Level of service"] in ("F", "FF", "FFF")
        charts = [section.chart for section in road.sections if section.chart]
        assert charts[0].startswith("traffic/course/volume/link/")
        key = found.network.signals.controllers[found.roads[0].signal].key
        signal = console.signal_thing(asked(lit), "signal", key)
        assert signal is not None
        assert _section(signal, "Approaches").facts
        assert console.road_thing(asked(lit), "street", "nowhere") is None
        assert console.signal_thing(asked(lit), "signal", "nowhere") is None
        worst = [one for one in console.sections(asked(lit)) if str(one.title) == "Held up most"]
        assert "· " in str(worst[0].facts[0].value)


def _section(thing: Thing, title: str) -> Section:
    return next(one for one in thing.sections if str(one.title) == title)


def test_no_level_is_told_by_colour_alone() -> None:
    layer = next(one for one in entries(Layer, lambda right: True) if one.key == "street")
    assert isinstance(layer.looks, tuple)
    shown = [(look.width, look.dash) for look in layer.looks]
    assert len(set(shown)) == len(shown)
    assert layer.label == "level"


def test_detectors_are_drawn_once(lit: City, client: Client, person: Any) -> None:
    client.force_login(person("operator"))
    gauges = client.get(f"/api/v1/cities/{lit.key}/console/gauges")
    assert json.loads(gauges.content)["features"] == []


def test_the_overview_says_which_network_is_in_force(lit: City) -> None:
    values = [figure.measure.value for figure in home.state(lit.pk).figures]
    assert all(values)
    assert values[-1] == 2  # detectors


def test_the_home_card_of_a_city_without_a_network_says_so(city: City) -> None:
    assert home.state(city.pk).level == "empty"
