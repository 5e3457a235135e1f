"""Why somebody looks at cameras: chosen by a key, inherited from an incident, kept in every entry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from fixtures.people import MakePerson
from madang.ground.city.models import City
from madang.ground.people import grant_sources
from madang.ground.people.domain.reasons import choose_reason, note_looking, reason_of
from madang.ground.people.errors import PeopleError
from madang.ground.people.grant_sources import Choice, Sources
from madang.ground.people.models import ChosenReason
from madang.ground.trail.models import Entry
from madang.ground.trail.personal import opened
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db
ACTOR = Actor(name="operator")
RIGHT = "scope:1"


def looked(entry: UUID) -> Entry:
    with opened(None):
        return Entry.objects.select_related("personal").get(pk=entry)


@pytest.fixture
def incident(monkeypatch: pytest.MonkeyPatch) -> Choice:
    fire = Choice(uuid4(), "2026-000001 화재")
    monkeypatch.setattr(grant_sources, "_sources", Sources(incidents=lambda city: [fire]))
    return fire


def test_a_layout_is_one_entry_that_lists_its_cameras(city: City, person: MakePerson) -> None:
    operator = person("operator")
    choose_reason(operator, city, "patrol")
    cameras = [uuid4() for _ in range(16)]
    rights = {one: "grant:9" if number == 3 else RIGHT for number, one in enumerate(cameras)}
    entry = looked(note_looking(ACTOR, city.pk, "layout", rights, reason_of(operator.pk, city.pk)))
    assert entry.action == "people.cameras.layout"
    assert entry.detail["cameras"]["grant:9"] == [str(cameras[3])]
    assert len(entry.detail["cameras"][RIGHT]) == 15
    assert entry.personal.reason == "순찰관제"


@pytest.mark.parametrize("how", ["enlarge", "steer", "play", "export"])
def test_what_is_done_with_one_camera_is_an_entry_each(
    city: City, person: MakePerson, how: Any
) -> None:
    operator, camera = person("operator"), uuid4()
    choose_reason(operator, city, "call", "2026-1234")
    reason = reason_of(operator.pk, city.pk)
    entry = looked(note_looking(ACTOR, city.pk, how, {camera: RIGHT}, reason))
    assert (entry.thing_kind, entry.thing_id, entry.right) == ("camera", str(camera), RIGHT)
    assert entry.personal.reason == "112·119 요청 · 2026-1234"
    with pytest.raises(PeopleError):
        note_looking(ACTOR, city.pk, how, {camera: RIGHT, uuid4(): RIGHT}, reason)


def test_a_reason_is_inherited_from_an_open_incident_and_no_other(
    city: City, person: MakePerson, incident: Choice
) -> None:
    operator = person("operator")
    choose_reason(operator, city, "event", incident=incident.id)
    reason = reason_of(operator.pk, city.pk)
    assert reason is not None
    entry = looked(note_looking(ACTOR, city.pk, "enlarge", {uuid4(): RIGHT}, reason))
    assert entry.detail["incident"] == str(incident.id)
    assert entry.personal.reason == "이벤트 확인 · 2026-000001 화재"
    with pytest.raises(PeopleError):
        choose_reason(operator, city, "event", incident=uuid4())


def test_nobody_looks_without_a_reason_and_a_reason_ends(city: City, person: MakePerson) -> None:
    operator = person("operator")
    with pytest.raises(PeopleError):
        note_looking(ACTOR, city.pk, "patrol", {uuid4(): RIGHT}, reason_of(operator.pk, city.pk))
    choose_reason(operator, city, "check")
    over = timezone.now() - timedelta(minutes=1)
    ChosenReason.objects.update(chosen=over - timedelta(hours=1), until=over)
    assert reason_of(operator.pk, city.pk) is None


@pytest.mark.parametrize(("kind", "words"), [("other", " "), ("spying", "x"), ("", "")])
def test_what_is_no_reason_is_refused(
    city: City, person: MakePerson, kind: str, words: str
) -> None:
    with pytest.raises(PeopleError):
        choose_reason(person("operator"), city, kind, words)
    assert not ChosenReason.objects.exists()


def test_a_reason_is_chosen_and_forgotten_by_the_api(city: City, person: MakePerson) -> None:
    client = Client()
    client.force_login(person("operator"))
    path = "/api/v1/cities/quiet/people/reason"
    before = client.get(path).json()
    assert before["kind"] == ""
    assert [one["key"] for one in before["kinds"]] == [1, 2, 3, 4, 5]
    assert before["kinds"][0]["title"] == "순찰관제"
    answer = client.put(path, {"kind": "patrol"}, "application/json")
    assert answer.json()["kind"] == "patrol"
    assert client.put(path, {"kind": "other"}, "application/json").status_code == 422
    assert client.put(path, {"kind": "no"}, "application/json").status_code == 422
    assert client.get(path).json()["kind"] == "patrol"
    assert client.delete(path).json()["kind"] == ""
    other = Client()
    other.force_login(person("planner"))
    assert other.put(path, {"kind": "patrol"}, "application/json").status_code == 403
    assert Client().get(path).status_code == 401


def test_the_reason_of_one_city_is_not_that_of_another(city: City, person: MakePerson) -> None:
    operator = person("operator")
    choose_reason(operator, city, "patrol")
    elsewhere = City.objects.create(key="elsewhere")
    assert reason_of(operator.pk, elsewhere.pk) is None
