"""The pages of cases, by forms alone: the inbox, an alarm, an incident, and who may press what."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from fixtures.people import MakePerson
from madang.ground.cases import home
from madang.ground.cases.domain.handling import acknowledge
from madang.ground.cases.domain.raising import Cause, Finding, Spot, raise_alarm
from madang.ground.cases.domain.thresholds import adopt_defaults
from madang.ground.cases.models import Alarm, Incident, Threshold
from madang.ground.city.models import City
from madang.ground.measure import Measure
from madang.ground.sensing.domain.kinds import ChannelSpec, KindSpec, declare_kind
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db
DESK = Actor(name="desk")
NOON = datetime(2026, 7, 1, 3, tzinfo=UTC)
DEEP = Finding(
    happened=NOON,
    subject="장안지하차도 수위계",
    spot=Spot("장안지하차도", "", 127.0, 37.29, 203_000.0, 520_000.0),
    measure=Measure(value=16.0, unit="cm", time=NOON, provenance="simulated"),
    threshold=15.0,
    simulated=True,
)


@pytest.fixture
def alarm(city: City) -> Alarm:
    return raise_alarm(DESK, city.pk, Cause("underpass_flooded", "device:7"), DEEP)


def signed_in(account: Any) -> Client:
    client = Client()
    client.force_login(account)
    return client


def text_of(client: Client, path: str) -> str:
    answer = client.get(f"/quiet/{path}")
    assert answer.status_code == 200, path
    text = answer.content.decode()
    assert "style=" not in text
    return text


def press(client: Client, page: str, act: str, **words: Any) -> str:
    """Fill the form of a page whose address ends with act, and send it; the page it leads to."""
    found = re.search(rf'<form[^>]*action="([^"]*/{act}/)".*?</form>', text_of(client, page), re.S)
    assert found, f"no form for {act}"
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found[0])
    answer = client.post(found[1], {**dict(hidden), **words}, follow=True)
    return answer.content.decode()


def test_an_operator_takes_an_alarm_from_the_inbox_and_brings_it_to_its_end(
    person: MakePerson, alarm: Alarm
) -> None:
    operator, leader = signed_in(person("operator")), signed_in(person("shift_leader"))
    inbox = text_of(operator, "alarms/")
    assert "장안지하차도 수위계" in inbox
    assert "16" in inbox
    press(operator, "alarms/", "acknowledge")
    page = f"alarms/{alarm.pk}/"
    assert "확인했습니다" in leader.post(f"/quiet/{page}acknowledge/", follow=True).content.decode()
    assert "배수펌프 가동" in press(operator, page, "note", text="배수펌프 가동")
    opened = press(operator, page, "incident", title="장안지하차도 침수")
    incident = Incident.objects.get()
    assert incident.reference in opened
    assert "종결" in press(operator, page, "close", outcome="true", text="배수 완료")
    ending = press(leader, f"incidents/{incident.pk}/", "close", result="통행 재개")
    assert "통행 재개" in ending
    again = press(leader, f"incidents/{incident.pk}/", "reopen", text="다시 참")
    assert "다시 참" in again
    assert "다시 참" in press(leader, page, "reopen", text="다시 참")
    for path in ("alarms/all/?state=open&severity=4", "incidents/", "incidents/new/"):
        text_of(operator, path)


def test_what_was_decided_on_an_old_picture_is_refused_with_words(
    person: MakePerson, alarm: Alarm
) -> None:
    operator = signed_in(person("operator"))
    acknowledge(Actor(name="이관제"), alarm.city_id, alarm.pk)
    old = {"seen": 1, "outcome": "false"}
    answer = operator.post(f"/quiet/alarms/{alarm.pk}/close/", old, follow=True)
    assert "바뀌었습니다" in answer.content.decode()
    assert Alarm.objects.get().state == "acknowledged"


def test_who_may_not_act_sees_no_button_and_is_refused(person: MakePerson, alarm: Alarm) -> None:
    engineer = signed_in(person("traffic_engineer"))
    page = text_of(engineer, f"alarms/{alarm.pk}/")
    assert "/acknowledge/" not in page
    assert engineer.post(f"/quiet/alarms/{alarm.pk}/acknowledge/").status_code == 403
    planner = signed_in(person("planner"))
    for path in ("alarms/", "alarms/all/", f"alarms/{alarm.pk}/", "incidents/"):
        refused = planner.get(f"/quiet/{path}")
        assert refused.status_code == 403
        assert "장안" not in refused.content.decode()
    assert Client().get("/quiet/alarms/").status_code == 302


def test_thresholds_are_shown_with_their_source(person: MakePerson, city: City) -> None:
    adopt_defaults(DESK, city.pk, NOON)
    assert "예규" in text_of(signed_in(person("operator")), "alarms/thresholds/")


def test_an_incident_that_was_told_is_opened_by_form(person: MakePerson, city: City) -> None:
    operator = signed_in(person("operator"))
    words = {"kind": "fire", "severity": "4", "title": "연기 신고", "place": "팔달문"}
    answer = operator.post("/quiet/incidents/new/", words, follow=True)
    assert "연기 신고" in answer.content.decode()
    wrong = operator.post("/quiet/incidents/new/", {**words, "kind": "x"})
    assert wrong.status_code == 200
    assert Incident.objects.count() == 1


def test_alarms_are_taken_away_as_files(person: MakePerson, alarm: Alarm) -> None:
    answer = signed_in(person("operator")).get("/quiet/alarms/all/?export=geojson")
    text = b"".join(answer.streaming_content).decode()
    assert "127.0" in text
    assert "simulated" in text


def test_the_card_says_how_much_there_is_to_do(city: City, alarm: Alarm) -> None:
    assert home.state(city.pk).level == "attention"
    acknowledge(DESK, city.pk, alarm.pk)
    assert home.state(city.pk).level == "ok"


def test_a_leader_sets_a_level_with_its_source_and_day(person: MakePerson, alarm: Alarm) -> None:
    declare_kind(
        alarm.city,
        KindSpec(
            "stream_gauge", {"ko": "하천 수위계"}, [ChannelSpec("level", {"ko": "수위"}, "m")]
        ),
    )
    leader, operator = signed_in(person("shift_leader")), signed_in(person("operator"))
    path = "/quiet/alarms/thresholds/new/"
    assert operator.get(path).status_code == 403
    words = {
        "measured": "stream_gauge/level",
        "alarm_kind": "level",
        "severity": "3",
        "side": "above",
        "level": "2.5",
        "clear_level": "2.0",
        "source": "수원시 재난상황관리 규정",
    }
    early = {**words, "valid_from": "2020-01-01T09:00"}
    assert "지금" in leader.post(path, early).content.decode()
    unsafe = leader.post(path, {**words, "clear_level": "3"}).content.decode()
    assert not Threshold.objects.filter(quantity="level").exists(), unsafe
    page = leader.post(path, words, follow=True).content.decode()
    assert "하천 수위계: 수위" in page
    assert "수원시 재난상황관리 규정" in page
    entry = Entry.objects.get(action="threshold.set", detail__level=2.5)
    assert entry.right == "cases.set_thresholds"
