"""Two at once, on two real connections: one wins, the other is told; nothing is there twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from fixtures.database import TestDatabase
from madang.ground.cases.domain.handling import acknowledge
from madang.ground.cases.domain.incidents import Situation, open_incident
from madang.ground.cases.domain.raising import Cause, Finding, raise_alarm
from madang.ground.cases.domain.refusals import AlreadyDone
from madang.ground.cases.kinds import Severity
from madang.ground.cases.models import Alarm, Incident
from madang.ground.city.models import City
from madang.ground.trail.public import Actor

NOON = datetime(2026, 7, 1, 3, tzinfo=UTC)
CAUSE = Cause("level", "device:7")
FINDING = Finding(happened=NOON, subject="수위계 7")


@pytest.fixture
def city(django_database: TestDatabase) -> City:
    return City.objects.create(key="demo")


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all acts at the same moment, each on its own connection; their results or refusals."""
    results: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def do(place: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            results[place] = act()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_operators_who_acknowledge_at_once_one_wins_and_the_others_are_told(
    city: City,
) -> None:
    alarm = raise_alarm(Actor(), city.id, CAUSE, FINDING)
    names = ["김관제", "이관제", "박관제", "최관제"]
    acts = [
        lambda name=name: acknowledge(Actor(name=name), city.id, alarm.id, seen=1) for name in names
    ]
    results = at_once(*acts)
    [winner] = [result for result in results if isinstance(result, Alarm)]
    losers = [result for result in results if isinstance(result, AlreadyDone)]
    assert len(losers) == 3
    assert {loser.by for loser in losers} == {winner.acknowledged_by_name}


def test_a_cause_found_by_many_at_once_raises_one_alarm(city: City) -> None:
    results = at_once(*[lambda: raise_alarm(Actor(), city.id, CAUSE, FINDING) for _ in range(6)])
    assert all(isinstance(result, Alarm) for result in results), results
    alarm = Alarm.objects.get()
    assert alarm.repeats == 5


def test_incidents_opened_at_once_get_numbers_of_their_own(city: City) -> None:
    situation = Situation("fire", Severity.MAJOR, "연기", NOON)
    at_once(*[lambda: open_incident(Actor(), city.id, situation) for _ in range(6)])
    numbers = Incident.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5, 6]
