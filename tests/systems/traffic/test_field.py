"""What stands at crossings, as the platform reads it: reported phases, turning counts, section times."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import translation

from fixtures.field_devices import count, put, say, take
from fixtures.lit_streets import bring_streets
from madang.ground.city.models import City
from madang.ground.web.console import Asking, Thing
from madang.systems.traffic import console, field_console
from madang.systems.traffic.domain.phases import CLEARING, Now, signals_now
from madang.systems.traffic.domain.reported import reported
from madang.systems.traffic.domain.streets_now import held_network, plans_at
from madang.systems.traffic.engine.approaches import approaches, channel
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.engine.running import CLEARS

pytestmark = pytest.mark.django_db
NODE = "N000005"  # the middle of nine crossings


@pytest.fixture
def lit(city: City) -> City:
    bring_streets(city, side=3)
    return city


def network(city: City) -> Network:
    held = held_network(city, datetime.now(UTC))
    assert held is not None
    return held.network


def signal(city: City) -> int:
    return [one.key for one in network(city).signals.controllers].index(NODE)


def now_at(city: City) -> Now:
    now = datetime.now(UTC)
    local = now.astimezone(ZoneInfo(city.time_zone))
    said = reported(city, network(city), now)
    return list(signals_now(network(city), local, said))[signal(city)]


def facts(thing: Thing | None) -> dict[str, Any]:
    assert thing is not None
    return {str(fact.title): fact.value for fact in thing.facts}


def inspected(city: City) -> Thing | None:
    return console.signal_thing(Asking(city, None, "en", lambda right: True), "signal", NODE)


def test_a_fresh_report_is_shown_and_the_plan_once_it_is_old(lit: City) -> None:
    device, found = put(lit, "signal_controller", NODE), network(lit)
    programs = found.signals.controllers[signal(lit)].programs
    assert now_at(lit).heard is None
    with translation.override("en"):
        assert "does not report" in facts(inspected(lit))["Known from"]
        say(device, "plan", "3", 400)
        say(device, "phase", "φ2", 400)
        assert "fell silent" in facts(inspected(lit))["Known from"]
        say(device, "phase", "φ1", 3)
        one = now_at(lit)
        assert (one.plan, one.phase, one.names) == ("3", 1, "φ1")
        assert one.heard is not None
        rush = next(each for each in programs if each.key == "3")
        assert one.left_s == pytest.approx(rush.phases[0].green_s - 3, abs=1.5)
        assert facts(inspected(lit))["Known from"] == "the report of the controller"
        say(device, "phase", CLEARS, 1)
        assert now_at(lit).phase == CLEARING
        say(device, "phase", "nonsense", 0)
        assert now_at(lit).heard is None
        assert "do not fit" in facts(inspected(lit))["Known from"]


def test_a_controller_that_runs_another_plan_is_told(lit: City) -> None:
    device, found = put(lit, "signal_controller", NODE), network(lit)
    local = datetime.now(UTC).astimezone(ZoneInfo(lit.time_zone))
    plan = plans_at(found, local)[signal(lit)]
    programs = found.signals.controllers[signal(lit)].programs
    table = programs[plan - int(found.signals.plan_first[signal(lit)])].key
    other = next(one.key for one in programs if one.key != table)
    say(device, "plan", other, 5)
    say(device, "phase", "φ1", 5)
    one = now_at(lit)
    assert (one.plan, one.table) == (other, table)
    with translation.override("en"):
        assert facts(inspected(lit))["Plan by the table"].startswith(f"{table}: ")


def test_turning_counts_stand_in_the_inspector_by_approach(lit: City) -> None:
    device = put(lit, "smart_crossing", NODE)
    found = approaches(network(lit), signal(lit))
    bearings = [one.bearing for one in found]
    assert bearings == sorted(bearings)
    for ago in (60, 360, 5000):
        for number, one in enumerate(found, 1):
            for way in one.turns:
                count(device, channel(number, way), 300, 10 * number, ago)
    with translation.override("en"):
        thing = inspected(lit)
        assert thing is not None
        said = {str(one.title): one.facts for one in thing.sections}
        quarter = said["Turning counts of 15 minutes"]
        day = said["Turning counts of the day"]
        assert len(quarter) == len(found) + 1
        assert "through\u00a020" in str(quarter[0].value)
        assert "through\u00a030" in str(day[0].value)
        assert "from the" in str(quarter[0].title)
        assert "approach_1_left" not in str(quarter)


def test_sections_have_their_times_with_age_and_share(
    lit: City, client: Client, person: Any
) -> None:
    device = put(lit, "travel_time_section", "N000004>N000006")
    client.force_login(person("operator"))

    def asked() -> dict[str, Any]:
        answer = client.get(f"/api/v1/cities/{lit.key}/traffic/sections")
        assert answer.status_code == 200
        (feature,) = json.loads(answer.content)["features"]
        assert feature["geometry"]["type"] == "LineString"
        properties: dict[str, Any] = feature["properties"]
        return properties

    before = asked()
    assert (before["state"], before["seconds"], before["share"]) == ("unheard", None, None)
    assert 400 < before["metres"] < 560
    count(device, "read", 300, 40, 30)
    count(device, "matched", 300, 10, 30)
    take(device, "travel_time", 150.0, 30)
    after = asked()
    assert (after["state"], after["seconds"], after["share"]) == ("congested", 150, 25)
    thing = Thing("device", str(device.pk), "", "", "timer", 127.0, 37.0, (), ())
    with translation.override("en"):
        (section,) = field_console.section_sections(
            Asking(lit, None, "en", lambda right: True), thing
        )
        assert any("10 of 40" in str(fact.value) for fact in section.facts)


def test_without_the_right_sections_are_not_said(lit: City, client: Client, person: Any) -> None:
    client.force_login(person(""))
    assert client.get(f"/api/v1/cities/{lit.key}/traffic/sections").status_code == 403
