"""Thresholds: dated, with a source, superseded and never changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from madang.ground.cases.domain.refusals import Refused
from madang.ground.cases.domain.thresholds import (
    Rule,
    adopt_defaults,
    default_rules,
    set_threshold,
)
from madang.ground.cases.kinds import Severity, UnknownKind
from madang.ground.cases.queries import thresholds_at
from madang.ground.city.models import City
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db

KIM = Actor(name="김관제")
MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
WATER = Rule(
    "underpass_gauge",
    "water_depth",
    "cm",
    "underpass_flooded",
    Severity.CRITICAL,
    15.0,
    10.0,
    "국토교통부 예규",
)


@pytest.fixture
def city(db: None) -> City:
    return City.objects.create(key="demo")


def levels(city: City, when: datetime) -> list[float | None]:
    return [threshold.level for threshold in thresholds_at(city.id, when)]


def test_a_later_rule_counts_from_its_day_on(city: City) -> None:
    set_threshold(KIM, city.id, WATER, MAY)
    set_threshold(KIM, city.id, replace(WATER, level=12.0, clear_level=8.0), JUNE)
    assert levels(city, MAY - timedelta(seconds=1)) == []
    assert levels(city, MAY) == [15.0]
    assert levels(city, JUNE - timedelta(seconds=1)) == [15.0]
    assert levels(city, JUNE) == [12.0]


def test_switching_off_is_a_dated_rule_too(city: City) -> None:
    set_threshold(KIM, city.id, WATER, MAY)
    set_threshold(KIM, city.id, replace(WATER, level=None, clear_level=None), JUNE)
    assert levels(city, JUNE) == []


def test_a_ladder_of_severities_stands_together(city: City) -> None:
    set_threshold(KIM, city.id, WATER, MAY)
    set_threshold(KIM, city.id, replace(WATER, severity=Severity.MINOR, level=10.0), MAY)
    assert levels(city, JUNE) == [15.0, 10.0]


def test_the_defaults_come_once_and_name_their_sources(city: City) -> None:
    assert adopt_defaults(KIM, city.id, MAY) == len(default_rules()) > 0
    assert adopt_defaults(KIM, city.id, MAY) == 0
    assert all(threshold.source for threshold in thresholds_at(city.id, MAY))
    assert Entry.objects.filter(action="threshold.set").count() == len(default_rules())


def test_the_default_closes_an_underpass_at_15_cm(city: City) -> None:
    [rule] = [rule for rule in default_rules() if rule.alarm_kind == "underpass_flooded"]
    assert (rule.level, rule.unit, rule.severity) == (15.0, "cm", Severity.CRITICAL)


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": " "},
        {"clear_level": None},
        {"clear_level": 16.0},
        {"above": False},
        {"level": None},
        {"level": float("nan")},
        {"hold": -1.0},
    ],
)
def test_nonsense_is_refused_with_a_reason(city: City, wrong: dict[str, object]) -> None:
    with pytest.raises(Refused, match=r"\w+"):
        set_threshold(KIM, city.id, replace(WATER, **wrong), MAY)


def test_a_second_rule_from_the_same_time_is_refused(city: City) -> None:
    set_threshold(KIM, city.id, WATER, MAY)
    with pytest.raises(Refused):
        set_threshold(KIM, city.id, WATER, MAY)


def test_an_unregistered_kind_is_refused(city: City) -> None:
    with pytest.raises(UnknownKind):
        set_threshold(KIM, city.id, replace(WATER, alarm_kind="nonsense"), MAY)
