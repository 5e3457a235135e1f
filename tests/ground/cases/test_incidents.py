"""Incidents: numbered without a gap, made of alarms, closed with how they ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from madang.ground.cases.domain.handling import close, note, reopen
from madang.ground.cases.domain.incidents import (
    Situation,
    attach_alarms,
    close_incident,
    detach_alarm,
    open_incident,
    open_incident_of,
    reopen_incident,
)
from madang.ground.cases.domain.linking import Thing, link
from madang.ground.cases.domain.raising import Cause, Finding, raise_alarm
from madang.ground.cases.domain.refusals import AlreadyDone, Changed, Refused
from madang.ground.cases.kinds import Severity, UnknownKind
from madang.ground.cases.models import Incident, Outcome
from madang.ground.city.models import City
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db

KIM = Actor(account=uuid4(), name="김관제")
NOON = datetime(2026, 7, 1, 3, tzinfo=UTC)
FLOOD = Situation("flood", Severity.CRITICAL, "장안지하차도 침수", NOON)


@pytest.fixture
def city(db: None) -> City:
    return City.objects.create(key="demo")


def test_numbers_follow_each_other_and_a_failure_leaves_no_gap(city: City) -> None:
    first = open_incident(KIM, city.id, FLOOD)

    @transaction.atomic
    def open_and_fail() -> None:
        open_incident(KIM, city.id, FLOOD)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        open_and_fail()
    second = open_incident(KIM, city.id, FLOOD)
    assert second.number == first.number + 1
    assert second.reference == f"{second.year}-000002"


def test_each_city_counts_for_itself(city: City) -> None:
    other = City.objects.create(key="other")
    open_incident(KIM, city.id, FLOOD)
    assert open_incident(KIM, other.id, FLOOD).number == 1


def test_an_incident_out_of_an_alarm_takes_over_what_it_knows(city: City) -> None:
    cause = Cause("underpass_flooded", "device:7")
    alarm = raise_alarm(Actor(), city.id, cause, Finding(happened=NOON, subject="수위계 7"))
    incident = open_incident_of(KIM, city.id, [alarm.id])
    assert (incident.kind, incident.title, incident.happened) == ("flood", "수위계 7", NOON)
    assert list(incident.alarms.all()) == [alarm]
    steps = [entry.step for entry in incident.timeline.all()]
    assert steps == ["opened", "attached"]
    assert open_incident_of(KIM, city.id, [alarm.id]) == incident, "a double click opens one"
    with pytest.raises(Refused, match=incident.reference):
        open_incident_of(Actor(account=uuid4(), name="이관제"), city.id, [alarm.id])


def test_it_ends_after_its_alarms_and_with_a_word(city: City) -> None:
    cause = Cause("level", "device:8")
    alarm = raise_alarm(Actor(), city.id, cause, Finding(happened=NOON, subject="수위계 8"))
    incident = open_incident(KIM, city.id, FLOOD)
    attach_alarms(KIM, city.id, [alarm.id], incident.id)
    with pytest.raises(Refused):
        close_incident(KIM, city.id, incident.id, "배수 완료")
    close(KIM, city.id, alarm.id, Outcome.TRUE)
    with pytest.raises(Refused):
        close_incident(KIM, city.id, incident.id, " ")
    with pytest.raises(Changed):
        close_incident(KIM, city.id, incident.id, "배수 완료", seen=1)
    assert close_incident(KIM, city.id, incident.id, "배수 완료", seen=2).state == "closed"
    with pytest.raises(AlreadyDone, match="김관제"):
        close_incident(KIM, city.id, incident.id, "다시")
    with pytest.raises(Refused):
        link(KIM, city.id, Incident, incident.id, Thing("camera", "1", "카메라"))


def test_a_closed_alarm_opens_no_incident(city: City) -> None:
    cause = Cause("level", "device:8")
    alarm = raise_alarm(Actor(), city.id, cause, Finding(happened=NOON, subject="수위계 8"))
    close(KIM, city.id, alarm.id, Outcome.FALSE)
    with pytest.raises(AlreadyDone):
        open_incident_of(KIM, city.id, [alarm.id])


def test_nonsense_is_refused(city: City) -> None:
    with pytest.raises(UnknownKind):
        open_incident(KIM, city.id, Situation("nonsense", Severity.INFO, "x", NOON))
    with pytest.raises(Refused):
        open_incident(KIM, city.id, Situation("fire", Severity.INFO, " ", NOON))


@pytest.mark.parametrize("wrong", [{"number": 9, "version": 2}, {"version": 3}, {"title": "x"}])
def test_the_database_refuses_what_no_incident_can_be(city: City, wrong: dict[str, object]) -> None:
    incident = open_incident(KIM, city.id, FLOOD)
    with pytest.raises(DatabaseError), transaction.atomic():
        Incident.objects.filter(id=incident.id).update(**wrong)


def test_several_alarms_become_one_incident_as_grave_as_the_gravest(city: City) -> None:
    alarms = [
        raise_alarm(
            Actor(), city.id, Cause("level", f"device:{number}"), Finding(when, f"수위계 {number}")
        )
        for number, when in enumerate([NOON, NOON - timedelta(minutes=9)])
    ]
    flooded = raise_alarm(
        Actor(), city.id, Cause("underpass_flooded", "device:9"), Finding(NOON, "장안지하차도")
    )
    keys = [alarm.id for alarm in (*alarms, flooded)]
    incident = open_incident_of(KIM, city.id, keys)
    assert (incident.title, incident.severity) == ("장안지하차도", Severity.CRITICAL)
    assert incident.happened == NOON - timedelta(minutes=9)
    assert attach_alarms(KIM, city.id, keys, incident.id).version == 4, "they belong to it already"
    with pytest.raises(Refused):
        open_incident_of(KIM, city.id, [])


def test_it_is_opened_again_with_a_reason_and_then_its_alarms_may_be(city: City) -> None:
    cause = Cause("level", "device:8")
    alarm = raise_alarm(Actor(), city.id, cause, Finding(happened=NOON, subject="수위계 8"))
    incident = open_incident_of(KIM, city.id, [alarm.id])
    with pytest.raises(Refused):
        reopen_incident(KIM, city.id, incident.id, "아직 열려 있음")
    close(KIM, city.id, alarm.id, Outcome.TRUE)
    close_incident(KIM, city.id, incident.id, "배수 완료")
    assert close_incident(KIM, city.id, incident.id, "배수 완료").version == 3, "told twice"
    with pytest.raises(Refused, match=incident.reference):
        reopen(KIM, city.id, alarm.id, "물이 다시 참")
    reopen_incident(KIM, city.id, incident.id, "물이 다시 참")
    reopen(KIM, city.id, alarm.id, "물이 다시 참")
    incident.refresh_from_db()
    assert (incident.state, incident.closed, incident.result) == ("open", None, "")


def test_an_alarm_that_does_not_belong_is_taken_out_and_both_remember(city: City) -> None:
    cause = Cause("level", "device:8")
    alarm = raise_alarm(Actor(), city.id, cause, Finding(happened=NOON, subject="수위계 8"))
    with pytest.raises(Refused):
        detach_alarm(KIM, city.id, alarm.id, "잘못 묶음")
    incident = open_incident_of(KIM, city.id, [alarm.id])
    with pytest.raises(Refused):
        detach_alarm(KIM, city.id, alarm.id, " ")
    detach_alarm(KIM, city.id, alarm.id, "잘못 묶음")
    assert not incident.alarms.exists()
    for case in (alarm, incident):
        last = case.timeline.order_by("number").last()
        assert last is not None
        assert (last.step, last.text, last.actor_name) == ("detached", "잘못 묶음", "김관제")
    entry = Entry.objects.filter(action="alarm.detached").get()
    assert entry.right == "cases.open_incident"
    other = open_incident_of(KIM, city.id, [alarm.id])
    assert other != incident
    close(KIM, city.id, alarm.id, Outcome.TRUE)
    with pytest.raises(AlreadyDone):
        detach_alarm(KIM, city.id, alarm.id, "늦음")


def test_a_note_that_is_sent_twice_is_written_once(city: City) -> None:
    incident = open_incident(KIM, city.id, FLOOD)
    once = uuid4()
    for _ in range(2):
        note(KIM, city.id, Incident, incident.id, "배수펌프 가동", once)
    assert [entry.text for entry in incident.timeline.all()] == ["", "배수펌프 가동"]
    with pytest.raises(Refused):
        note(KIM, city.id, Incident, incident.id, " ")
