"""The API of cases: lists, acts, who may, and what it says to who came too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from fixtures.people import MakePerson
from madang.ground.cases.domain.raising import Cause, Finding, Spot, raise_alarm
from madang.ground.cases.domain.thresholds import adopt_defaults
from madang.ground.cases.models import Alarm
from madang.ground.city.models import City
from madang.ground.people.models import Organisation
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db

DESK = Actor(name="desk")
NOON = datetime(2026, 7, 1, 3, tzinfo=UTC)
API = "/api/v1/cities/quiet"


class Caller:
    """Somebody who is signed in and speaks JSON."""

    def __init__(self, account: Any) -> None:
        self.name = str(account)
        self.client = Client()
        self.client.force_login(account)

    def get(self, path: str, **words: Any) -> Any:
        return self.client.get(f"{API}/{path}", words)

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"{API}/{path}", body, content_type="application/json")


@pytest.fixture
def operator(person: MakePerson) -> Caller:
    return Caller(person("operator"))


@pytest.fixture
def leader(person: MakePerson) -> Caller:
    return Caller(person("shift_leader"))


def rise(city: City, kind: str = "underpass_flooded", cause: str = "device:7", **more: Any) -> str:
    more = {"subject": "장안지하차도 수위계", "spot": Spot("장안지하차도"), **more}
    return str(raise_alarm(DESK, city.pk, Cause(kind, cause), Finding(NOON, **more)).pk)


def test_alarms_are_narrowed_and_paged(city: City, operator: Caller) -> None:
    keys = [
        rise(city, "level", f"device:{number}", subject=f"수위계 {number}") for number in range(5)
    ]
    rise(city)
    elsewhere = City.objects.create(key="elsewhere")
    rise(elsewhere)
    first = operator.get("alarms", kind="level", limit=3).json()
    rest = operator.get("alarms", kind="level", limit=3, cursor=first["next"]).json()
    assert [one["id"] for one in (*first["items"], *rest["items"])] == keys[::-1]
    assert rest["next"] is None
    assert len(operator.get("alarms").json()["items"]) == 6
    assert len(operator.get("alarms", severity=4).json()["items"]) == 1
    assert len(operator.get("alarms", domain="flood").json()["items"]) == 1
    assert len(operator.get("alarms", q="수위계 3").json()["items"]) == 1
    operator.post(f"alarms/{keys[0]}/acknowledge")
    assert len(operator.get("alarms", state="waiting", kind="level").json()["items"]) == 5
    assert len(operator.get("alarms", state="open", kind="level").json()["items"]) == 4
    assert operator.get("alarms/counts").json() == {
        "open": 5,
        "acknowledged": 1,
        "by_severity": {"1": 0, "2": 0, "3": 4, "4": 1},
        "incidents": 0,
    }


@pytest.mark.parametrize(
    "words", [{"state": "x"}, {"severity": 9}, {"since": "noon"}, {"since": "2026-07-01T00:00:00"},
              {"cursor": "x"}, {"q": "\x00"}, {"incident": "1"}, {"limit": 0}]
)  # fmt: skip
def test_nonsense_is_refused_with_its_place(operator: Caller, words: dict[str, Any]) -> None:
    answer = operator.get("alarms", **words)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"]


def test_an_alarm_from_acknowledging_to_its_incident_closed(
    city: City, operator: Caller, leader: Caller
) -> None:
    key = rise(city)
    taken = operator.post(f"alarms/{key}/acknowledge", seen=1).json()
    assert (taken["state"], taken["acknowledged_by"]) == ("acknowledged", operator.name)
    late = leader.post(f"alarms/{key}/acknowledge", seen=1)
    assert late.status_code == 409
    assert operator.name in late.json()["detail"]
    once = str(uuid4())
    for _ in range(2):
        noted = operator.post(f"alarms/{key}/notes", text="현장 출동", once=once).json()
    assert [line["step"] for line in noted["timeline"]] == ["raised", "acknowledged", "noted"]
    other = rise(city, "level", "device:8")
    linked = operator.post(f"alarms/{key}/links", kind="alarm", id=other).json()
    assert [(one["kind"], one["id"]) for one in linked["links"]] == [("alarm", other)]
    assert operator.post(f"alarms/{key}/links", kind="alarm", id="x").status_code == 409
    incident = operator.post("incidents", alarms=[key], title="장안지하차도 침수").json()
    assert incident["domain"] == "flood"
    operator.post(f"incidents/{incident['id']}/alarms", alarms=[other])
    loose = operator.post(f"alarms/{other}/detach", text="다른 곳").json()
    assert (loose["incident"], loose["timeline"][-1]["step"]) == (None, "detached")
    operator.post(f"incidents/{incident['id']}/alarms", alarms=[other])
    assert operator.post(f"incidents/{incident['id']}/close", result="배수 완료").status_code == 403
    early = leader.post(f"incidents/{incident['id']}/close", result="배수 완료")
    assert early.status_code == 409
    for one in (key, other):
        assert operator.post(f"alarms/{one}/close", outcome="true").json()["outcome"] == "true"
    closed = leader.post(f"incidents/{incident['id']}/close", result="배수 완료").json()
    assert (closed["state"], len(closed["alarms"])) == ("closed", 2)
    assert operator.post(f"incidents/{incident['id']}/reopen", text="x").status_code == 403
    assert (
        leader.post(f"incidents/{incident['id']}/reopen", text="다시 참").json()["state"] == "open"
    )
    assert leader.post(f"alarms/{key}/reopen", text="다시 참").json()["state"] == "open"
    assert operator.get("incidents", state="open").json()["items"][0]["id"] == incident["id"]


def test_an_incident_without_an_alarm_is_told(city: City, operator: Caller) -> None:
    said = {"kind": "fire", "title": "연기 신고", "place": "팔달문", "lon": 127.0165, "lat": 37.277}
    incident = operator.post("incidents", **said).json()
    assert (incident["kind"], incident["place"], incident["lon"]) == ("fire", "팔달문", 127.0165)
    assert operator.post("incidents", kind="fire", title=" ").status_code == 409
    assert operator.post("incidents", kind="x", title="x").status_code == 422
    assert operator.post("incidents", kind="fire", title="x", lon=127.0).status_code == 422
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    later = operator.post("incidents", kind="fire", title="x", happened=tomorrow)
    assert later.status_code == 422


def test_a_role_acts_in_its_domain_alone(
    city: City, police: Organisation, person: MakePerson
) -> None:
    officer = Caller(person("seconded_police", police))
    flooded, silent = rise(city), rise(city, "device_silent", "device:9")
    assert officer.get(f"alarms/{flooded}").status_code == 200
    refused = officer.post(f"alarms/{flooded}/acknowledge")
    assert refused.status_code == 403
    assert Alarm.objects.get(pk=flooded).state == "open"
    engineer = Caller(person("traffic_engineer"))
    assert engineer.post(f"alarms/{silent}/acknowledge").status_code == 200
    assert engineer.post(f"alarms/{silent}/notes", text="점검").status_code == 200
    assert engineer.post("incidents", alarms=[silent]).status_code == 403


def test_who_has_no_right_learns_nothing(city: City, person: MakePerson) -> None:
    key = rise(city)
    for path in ("alarms", "alarms/counts", f"alarms/{key}", "incidents", "alarms/thresholds"):
        assert Client().get(f"{API}/{path}").status_code == 401
        answer = Caller(person("planner")).get(path)
        assert answer.status_code == 403
        assert "장안" not in answer.content.decode()


def test_another_citys_alarm_is_not_there(operator: Caller) -> None:
    elsewhere = City.objects.create(key="elsewhere")
    key = rise(elsewhere)
    assert operator.get(f"alarms/{key}").status_code == 404
    assert operator.post(f"alarms/{key}/acknowledge").status_code == 404
    assert operator.post("incidents", alarms=[key]).status_code == 404


def test_thresholds_name_their_source(city: City, operator: Caller) -> None:
    adopt_defaults(DESK, city.pk, NOON)
    [one] = [t for t in operator.get("alarms/thresholds").json() if t["quantity"] == "water_depth"]
    assert (one["level"], one["unit"]) == (15.0, "cm")
    assert "예규" in one["source"]
