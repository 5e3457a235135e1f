"""An alarm from its raising to its closing, on the real database as the application's role."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from madang.ground.bus.messages import Reader
from madang.ground.cases.domain.handling import acknowledge, close, note, reopen
from madang.ground.cases.domain.linking import Thing, link
from madang.ground.cases.domain.raising import (
    Cause,
    Finding,
    Spot,
    clear_alarm,
    raise_alarm,
)
from madang.ground.cases.domain.refusals import AlreadyDone, Changed, NoSuchCase, Refused
from madang.ground.cases.kinds import Severity, UnknownKind
from madang.ground.cases.messages import AlarmSaid
from madang.ground.cases.models import Alarm, Link, Outcome, Outgoing, Step, TimelineEntry
from madang.ground.city.models import City
from madang.ground.measure import Measure
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db

DESK = Actor(name="desk")
KIM = Actor(account=uuid4(), name="김관제")
LEE = Actor(account=uuid4(), name="이관제")
NOON = datetime(2026, 7, 1, 3, tzinfo=UTC)
WATER = Cause("underpass_flooded", "device:7:water_depth")
DEEP = Finding(
    happened=NOON,
    subject="장안지하차도 수위계",
    spot=Spot("장안지하차도", "4111100000", 127.0, 37.29, 203_000.0, 520_000.0),
    measure=Measure(value=16.0, unit="cm", time=NOON, provenance="measured"),
    threshold=15.0,
)


@pytest.fixture
def city(db: None) -> City:
    return City.objects.create(key="demo")


def steps(alarm: Alarm) -> list[str]:
    return list(alarm.timeline.values_list("step", flat=True))


def test_a_finding_becomes_an_alarm_with_all_that_is_known(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    alarm.refresh_from_db()
    assert (alarm.kind, alarm.severity, alarm.state) == ("underpass_flooded", 4, "open")
    assert (alarm.place, alarm.lon, alarm.y) == ("장안지하차도", 127.0, 520_000.0)
    assert alarm.measure is not None
    assert (alarm.measure["value"], alarm.measure["threshold"]) == (16.0, 15.0)
    assert steps(alarm) == ["raised"]


def test_a_cause_raises_one_alarm_while_that_is_open_and_is_counted(city: City) -> None:
    first = raise_alarm(DESK, city.id, WATER, DEEP)
    again = raise_alarm(DESK, city.id, WATER, DEEP)
    assert again.id == first.id
    assert again.repeats == 1
    assert again.version == 1, "what a person decided on is not another for being counted"
    close(KIM, city.id, first.id, Outcome.TRUE)
    assert raise_alarm(DESK, city.id, WATER, DEEP).id != first.id


def test_another_city_has_alarms_of_its_own(city: City) -> None:
    other = City.objects.create(key="other")
    mine = raise_alarm(DESK, city.id, WATER, DEEP)
    assert raise_alarm(DESK, other.id, WATER, DEEP).id != mine.id
    with pytest.raises(NoSuchCase):
        acknowledge(KIM, other.id, mine.id)


def test_a_graver_finding_raises_the_severity_and_a_lighter_one_does_not_lower_it(
    city: City,
) -> None:
    cause = Cause("level", "device:8:water_depth")
    grave = Finding(happened=NOON, subject="수위계", severity=Severity.CRITICAL)
    light = Finding(happened=NOON, subject="수위계", severity=Severity.INFO)
    raise_alarm(DESK, city.id, cause, light)
    raise_alarm(DESK, city.id, cause, grave)
    alarm = raise_alarm(DESK, city.id, cause, light)
    assert alarm.severity == Severity.CRITICAL
    assert steps(alarm) == ["raised", "escalated"]


def test_an_unregistered_kind_is_refused(city: City) -> None:
    with pytest.raises(UnknownKind, match="nonsense"):
        raise_alarm(DESK, city.id, Cause("nonsense", "x"), DEEP)


def test_the_water_goes_back_and_the_alarm_waits_for_a_person(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    clear_alarm(DESK, city.id, WATER, NOON + timedelta(minutes=5))
    clear_alarm(DESK, city.id, WATER, NOON + timedelta(minutes=6))
    alarm.refresh_from_db()
    assert (alarm.state, alarm.cleared) == ("open", NOON + timedelta(minutes=5))
    raise_alarm(DESK, city.id, WATER, DEEP)
    alarm.refresh_from_db()
    assert alarm.cleared is None
    assert steps(alarm) == ["raised", "cleared", "returned"]


def test_a_device_that_speaks_again_closes_its_alarm(city: City) -> None:
    cause = Cause("device_silent", "device:7")
    alarm = raise_alarm(DESK, city.id, cause, Finding(happened=NOON, subject="버스 12"))
    clear_alarm(DESK, city.id, cause, NOON + timedelta(minutes=5))
    alarm.refresh_from_db()
    assert (alarm.state, alarm.outcome, alarm.closed_by_name) == ("closed", "passed", "desk")
    assert steps(alarm) == ["raised", "cleared", "closed"]


def test_a_cause_without_an_alarm_clears_nothing(city: City) -> None:
    clear_alarm(DESK, city.id, WATER, NOON)
    assert not Alarm.objects.exists()


def test_who_acknowledged_is_said_to_who_comes_second(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    won = acknowledge(KIM, city.id, alarm.id, seen=1)
    assert (won.state, won.acknowledged_by_name, won.version) == ("acknowledged", "김관제", 2)
    with pytest.raises(AlreadyDone, match="김관제") as refusal:
        acknowledge(LEE, city.id, alarm.id, seen=1)
    assert (refusal.value.by, refusal.value.when) == ("김관제", won.acknowledged)


def test_what_changed_meanwhile_must_be_looked_at_first(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    clear_alarm(DESK, city.id, WATER, NOON)
    with pytest.raises(Changed):
        acknowledge(KIM, city.id, alarm.id, seen=1)
    with pytest.raises(Changed):
        close(KIM, city.id, alarm.id, Outcome.TRUE, seen=1)
    assert acknowledge(KIM, city.id, alarm.id, seen=2).version == 3


def test_a_closed_alarm_refuses_everything(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    close(KIM, city.id, alarm.id, Outcome.FALSE, "수위계 점검 중")
    with pytest.raises(AlreadyDone, match="김관제"):
        acknowledge(LEE, city.id, alarm.id)
    with pytest.raises(AlreadyDone, match="김관제"):
        close(LEE, city.id, alarm.id, Outcome.TRUE)
    with pytest.raises(AlreadyDone):
        note(LEE, city.id, Alarm, alarm.id, "늦은 말")
    with pytest.raises(Refused):
        link(LEE, city.id, Alarm, alarm.id, Thing("camera", "1", "카메라 1"))


def test_things_are_linked_once(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    camera = Thing("camera", "1", "장안지하차도 북측 카메라")
    link(KIM, city.id, Alarm, alarm.id, camera)
    linked = link(LEE, city.id, Alarm, alarm.id, camera)
    assert [link.label for link in linked.links.all()] == [camera.label]
    assert linked.version == 2
    with pytest.raises(Refused):
        link(KIM, city.id, Alarm, alarm.id, Thing("camera", "", "무명"))


def test_an_empty_note_is_refused(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    with pytest.raises(Refused):
        note(KIM, city.id, Alarm, alarm.id, "  ")
    note(KIM, city.id, Alarm, alarm.id, " 현장 출동 ")
    assert alarm.timeline.last().text == "현장 출동"  # type: ignore[union-attr]


def test_every_step_is_in_the_trail_and_in_the_outbox(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    acknowledge(KIM, city.id, alarm.id)
    close(KIM, city.id, alarm.id, Outcome.TRUE, "배수 완료")
    acts = Entry.objects.filter(thing_kind="alarm", thing_id=str(alarm.id)).order_by("id")
    assert [act.action for act in acts] == ["alarm.raised", "alarm.acknowledged", "alarm.closed"]
    assert [act.actor for act in acts] == [None, KIM.account, KIM.account]
    reader = Reader(AlarmSaid)
    said = [reader.decode(bytes(one.body)) for one in Outgoing.objects.order_by("id")]
    assert [(one.state, one.number) for one in said if isinstance(one, AlarmSaid)] == [
        ("open", 1),
        ("acknowledged", 2),
        ("closed", 3),
    ]
    assert {one.city for one in said} == {"demo"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "acknowledged"},
        {"state": "closed"},
        {"state": "gone"},
        {"severity": 9},
        {"lon": None},
        {"lat": 137.0},
        {"repeats": -1},
        {"version": 3},
        {"severity": 1},
        {"cause": "another"},
        {"raised": NOON - timedelta(days=1)},
        {"acknowledged": NOON, "acknowledged_by_name": "x"},
    ],
)
def test_the_database_refuses_what_no_alarm_can_be(city: City, wrong: dict[str, object]) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    with pytest.raises(DatabaseError), transaction.atomic():
        Alarm.objects.filter(id=alarm.id).update(**wrong)


def test_the_database_takes_no_acknowledgement_back(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    acknowledge(KIM, city.id, alarm.id)
    back = {"state": "open", "acknowledged": None, "acknowledged_by_name": "", "version": 3}
    with pytest.raises(DatabaseError, match="stays so"), transaction.atomic():
        Alarm.objects.filter(id=alarm.id).update(**back)
    close(KIM, city.id, alarm.id, Outcome.TRUE)
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Alarm.objects.filter(id=alarm.id).update(repeats=5)


def test_nothing_of_another_city_can_be_attached(city: City) -> None:
    other = City.objects.create(key="other")
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)

    @transaction.atomic
    def link_from_elsewhere() -> None:
        facts = {"thing_kind": "camera", "thing_id": "1", "label": "x", "actor_name": "x"}
        Link.objects.create(city=other, alarm=alarm, **facts)

    with pytest.raises(DatabaseError, match="of_one_city"):
        link_from_elsewhere()


def test_a_version_without_its_entry_is_refused_at_commit(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)

    @transaction.atomic
    def change_in_silence() -> None:
        Alarm.objects.filter(id=alarm.id).update(severity=1, version=2)
        check_as_at_commit()

    with pytest.raises(DatabaseError, match="no entry"):
        change_in_silence()


def test_an_entry_of_a_version_not_reached_is_refused_at_commit(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)

    @transaction.atomic
    def write_ahead() -> None:
        facts = {"number": 7, "step": Step.NOTED, "actor_name": "x"}
        TimelineEntry.objects.create(city=city, alarm=alarm, **facts)
        check_as_at_commit()

    with pytest.raises(DatabaseError, match="not reached"):
        write_ahead()


def check_as_at_commit() -> None:
    """Let the deferred constraints speak now: the test's own transaction never commits."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_what_the_same_person_does_twice_is_done_once(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    once = uuid4()
    for _ in range(2):
        acknowledge(KIM, city.id, alarm.id, seen=1)
        note(KIM, city.id, Alarm, alarm.id, "현장 출동", once)
    for _ in range(2):
        close(KIM, city.id, alarm.id, Outcome.TRUE, seen=3)
    assert steps(alarm) == ["raised", "acknowledged", "noted", "closed"]
    with pytest.raises(AlreadyDone):
        close(KIM, city.id, alarm.id, Outcome.FALSE)


def test_a_closed_alarm_is_opened_again_and_waits_anew(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    with pytest.raises(Refused):
        reopen(KIM, city.id, alarm.id, "아직 열려 있음")
    acknowledge(KIM, city.id, alarm.id)
    close(KIM, city.id, alarm.id, Outcome.FALSE)
    with pytest.raises(Refused):
        reopen(KIM, city.id, alarm.id, " ")
    with pytest.raises(Changed):
        reopen(KIM, city.id, alarm.id, "오탐이 아님", seen=2)
    again = reopen(KIM, city.id, alarm.id, "오탐이 아님", seen=3)
    assert (again.state, again.outcome, again.acknowledged, again.closed_by) == (
        "open",
        "",
        None,
        None,
    )
    assert acknowledge(LEE, city.id, alarm.id).acknowledged_by_name == "이관제"
    assert steps(alarm)[-2:] == ["reopened", "acknowledged"]


def test_an_alarm_whose_cause_rings_anew_stays_closed(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    close(KIM, city.id, alarm.id, Outcome.TRUE)
    raise_alarm(DESK, city.id, WATER, DEEP)
    with pytest.raises(Refused):
        reopen(KIM, city.id, alarm.id, "다시")


@pytest.mark.parametrize("also", [{"severity": 1}, {"repeats": 9}, {"version": 5}])
def test_the_database_changes_nothing_else_when_one_is_opened_again(
    city: City, also: dict[str, int]
) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    close(KIM, city.id, alarm.id, Outcome.TRUE)
    back = {"state": "open", "closed": None, "closed_by": None, "closed_by_name": "", "outcome": ""}
    with pytest.raises(DatabaseError, match="opened again"), transaction.atomic():
        Alarm.objects.filter(id=alarm.id).update(**{**back, "version": 3, **also})


def test_the_trail_says_under_which_right_a_person_acted(city: City) -> None:
    alarm = raise_alarm(DESK, city.id, WATER, DEEP)
    acknowledge(KIM, city.id, alarm.id)
    close(KIM, city.id, alarm.id, Outcome.TRUE)
    acts = Entry.objects.filter(thing_kind="alarm").order_by("time")
    assert [act.right for act in acts] == ["", "cases.acknowledge", "cases.close"]
