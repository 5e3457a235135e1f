"""The pages of people: what they show, to whom, and that their forms do what they say."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation
from structlog.testing import capture_logs

from fixtures.people import PASSWORD, MakePerson
from madang.ground.city.models import City
from madang.ground.people.domain.grants import break_glass
from madang.ground.people.models import (
    Account,
    BreakGlass,
    CameraScope,
    DutyShift,
    Grant,
    Invitation,
    Membership,
    Organisation,
)
from madang.ground.people.public import give_role
from madang.ground.people.rights import has_second_factor, may, title_of
from madang.ground.people.roles import title
from madang.ground.trail.models import Entry
from madang.ground.trail.personal import opened
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db


def page_of(account: Any, path: str, **words: Any) -> Any:
    client = Client()
    client.force_login(account)
    return client.post(f"/quiet/{path}", words) if words else client.get(f"/quiet/{path}")


@pytest.mark.parametrize(
    "path", ["", "organisations/", "roles/", "invitations/", "invitations/new/", "shifts/"]
)
def test_an_administrator_sees_every_page(person: MakePerson, path: str) -> None:
    answer = page_of(person("administrator"), f"people/{path}")
    assert answer.status_code == 200
    assert "style=" not in answer.content.decode()


def test_a_page_is_closed_to_who_has_no_right_and_says_why(person: MakePerson) -> None:
    hidden = person("operator")
    answer = page_of(person("planner"), "people/")
    assert answer.status_code == 403
    words = answer.content.decode()
    assert str(hidden.email) not in words
    assert "people.view" not in words
    with translation.override("ko"):
        for one in (title_of("people.view"), title("shift_leader"), title("administrator")):
            assert one in words
    visitor = Client().get("/quiet/people/")
    assert visitor.status_code == 302
    assert visitor.headers["Location"].startswith("/account/login/")


def test_a_refusal_is_logged(person: MakePerson) -> None:
    planner = person("planner")
    with capture_logs() as lines:
        page_of(planner, "people/")
    said = next(line for line in lines if line["event"] == "people.refused")
    assert (said["right"], said["account"]) == ("people.view", str(planner.pk))


def test_an_administrator_ends_somebodys_sessions(person: MakePerson, police: Organisation) -> None:
    officer, administrator = person("", factor=False), person("administrator")
    give_role(Actor(), officer, police, "seconded_police")
    client = Client()
    client.post("/account/login/", {"login": officer.email, "password": PASSWORD})
    assert client.get("/account/").status_code == 200
    assert (
        page_of(person("operator"), f"people/{officer.pk}/sessions/end/", yes=1).status_code == 403
    )
    assert client.get("/account/").status_code == 200
    page_of(administrator, f"people/{officer.pk}/sessions/end/", yes=1)
    assert client.get("/account/").status_code == 302
    entry = Entry.objects.get(action="people.session.ended")
    assert (entry.actor, entry.thing_id) == (administrator.pk, str(officer.pk))


def test_a_role_that_sleeps_is_told_to_set_up_a_second_factor(person: MakePerson) -> None:
    answer = page_of(person("administrator", factor=False), "people/")
    assert answer.status_code == 403
    assert "/account/2fa/" in answer.content.decode()


def test_a_role_of_another_city_opens_nothing(person: MakePerson) -> None:
    City.objects.create(key="elsewhere")
    client = Client()
    client.force_login(person("administrator"))
    assert client.get("/elsewhere/people/").status_code == 403


def test_people_are_found_by_the_beginning_of_name_or_address(person: MakePerson) -> None:
    operator, administrator = person("operator"), person("administrator")
    client = Client()
    client.force_login(administrator)
    answer = client.post(
        "/quiet/people/", {"q": operator.email[:7], "role": "operator"}, follow=True
    )
    (address, _status), *_more = answer.redirect_chain
    assert "role=operator" in address
    assert operator.email[:6] not in address, "who was looked for stands in no address"
    text = answer.content.decode()
    assert operator.email in text
    assert administrator.email not in text.split("<table")[1]
    other = Client()
    other.force_login(administrator)
    assert administrator.email in other.get(address.replace("role=operator", "")).content.decode()


def test_a_role_is_given_and_ended_on_the_persons_page(
    person: MakePerson, hall: Organisation
) -> None:
    administrator, other = person("administrator"), person("planner")
    words = {"form": "role", "organisation": hall.pk, "role": "operator"}
    assert page_of(administrator, f"people/{other.pk}/", **words).status_code == 302
    given = Membership.objects.get(account=other, role="operator")
    assert given.given_by == administrator
    path = f"people/{other.pk}/roles/{given.pk}/end/"
    page_of(administrator, path, yes=1)
    given.refresh_from_db()
    assert given.state == "over"


def test_cameras_are_given_on_the_persons_page(person: MakePerson) -> None:
    operator = person("operator")
    member = Membership.objects.get(account=operator)
    words = {
        "form": "scope",
        "membership": member.pk,
        "acts": ["view"],
        "domains": ["park"],
        "purposes": ["school-zone"],
    }
    administrator = person("administrator")
    assert page_of(administrator, f"people/{operator.pk}/", **words).status_code == 302
    scope = CameraScope.objects.get()
    assert (scope.acts, scope.domains, scope.purposes) == (["view"], ["park"], ["school-zone"])
    with translation.override("en"):
        assert scope.which_words == "Park safety · School zone"
    assert page_of(administrator, f"people/{operator.pk}/").status_code == 200
    page_of(administrator, f"people/{operator.pk}/scopes/{scope.pk}/end/", yes=1)
    scope.refresh_from_db()
    assert scope.ends is not None


def test_who_may_only_look_cannot_give(person: MakePerson, hall: Organisation) -> None:
    leader, other = person("shift_leader"), person("planner")
    words = {"form": "role", "organisation": hall.pk, "role": "operator"}
    page_of(leader, f"people/{other.pk}/", **words)
    assert not Membership.objects.filter(account=other, role="operator").exists()
    assert page_of(leader, "people/invitations/").status_code == 403


def test_an_organisation_of_another_city_cannot_be_chosen(person: MakePerson) -> None:
    far = City.objects.create(key="elsewhere", simulated=True)
    body = Organisation.objects.create(city=far, key="x", kind="city", names={"ko": "x"})
    words = {"form": "role", "organisation": body.pk, "role": "operator"}
    other = person("planner")
    assert page_of(person("administrator"), f"people/{other.pk}/", **words).status_code == 200
    assert not Membership.objects.filter(organisation=body).exists()


def test_an_invitation_goes_by_letter_and_opens_an_account(
    person: MakePerson, police: Organisation, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    words = {
        "email": "new@example.org",
        "name": "신입",
        "organisation": police.pk,
        "role": "seconded_police",
    }
    answer = page_of(person("administrator"), "people/invitations/new/", **words)
    assert answer.status_code == 200, answer.content.decode()
    letter = mail.outbox[0]
    found = re.search(r"http://testserver(/account/invitation/\S+)", letter.body)
    assert found
    guest = Client()
    opened = guest.get(found[1], follow=True)
    assert "seconded" not in opened.content.decode()
    (address, _status) = opened.redirect_chain[-1]
    assert address == "/account/invitation/open/", "the word is in no address that stays"
    accepted = guest.post(address, {"name": "신입", "password": "아주 긴 비밀번호 하나"})
    assert accepted.status_code == 302
    assert guest.get("/account/").status_code == 200
    assert guest.get(found[1], follow=True).status_code == 410


def test_an_open_invitation_is_withdrawn(person: MakePerson, police: Organisation) -> None:
    administrator = person("administrator")
    words = {"email": "a@example.org", "name": "A", "organisation": police.pk}
    page_of(administrator, "people/invitations/new/", **words, role="seconded_police")
    made = Invitation.objects.get()
    page_of(administrator, f"people/invitations/{made.pk}/withdraw/", yes=1)
    made.refresh_from_db()
    assert made.state == "withdrawn"


def test_lost_factors_are_taken_away_with_a_proof_of_who_it_is(person: MakePerson) -> None:
    operator, administrator = person("operator"), person("administrator")
    city = City.objects.get()
    path, words = f"people/{operator.pk}/factors/end/", {"way": "id", "who": "11-22 09:30 본인"}
    for wrong in ({}, {"way": "id"}, {"way": "hearsay", "who": "x"}):
        page_of(administrator, path, **{"form": "x", **wrong})
        assert has_second_factor(operator), wrong
    page_of(administrator, f"people/{administrator.pk}/factors/end/", **words)
    assert has_second_factor(administrator), "nobody takes away their own here"
    assert page_of(person("shift_leader"), path, **words).status_code == 403
    page_of(administrator, path, **words)
    assert not has_second_factor(operator)
    assert not may(Account.objects.get(pk=operator.pk), "cases.view", city)
    with opened(city.pk):
        assert "11-22" in Entry.objects.get(action="people.factor.lost").personal.reason


def test_a_shift_is_planned_and_cancelled(person: MakePerson) -> None:
    leader = person("shift_leader")
    member = Membership.objects.get(account=person("operator"))
    start = timezone.localtime(timezone=ZoneInfo("Asia/Seoul")) + timedelta(hours=1)
    words = {
        "membership": member.pk,
        "begins": start.strftime("%Y-%m-%dT%H:%M"),
        "ends": (start + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M"),
    }
    assert page_of(leader, "people/shifts/", **words).status_code == 302
    shift = DutyShift.objects.get()
    page_of(leader, f"people/shifts/{shift.pk}/cancel/", yes=1)
    shift.refresh_from_db()
    assert shift.cancelled is not None


def test_emergency_access_is_opened_with_a_reason_and_looked_into(person: MakePerson) -> None:
    operator, officer = person("operator"), person("privacy_officer")
    assert page_of(operator, "people/emergency/", kind="other", words="x").status_code == 200
    assert not BreakGlass.objects.exists()
    page_of(operator, "people/emergency/", kind="call", words="실종 아동을 찾고 있음")
    glass = BreakGlass.objects.get()
    assert glass.reason == "112·119 요청 · 실종 아동을 찾고 있음"
    path = f"people/emergency/{glass.pk}/review/"
    assert page_of(operator, path).status_code == 403
    assert page_of(officer, "people/emergency/").status_code == 200
    page_of(officer, path, finding="아동을 찾아 돌려보냄", justified="yes")
    glass.refresh_from_db()
    assert glass.justified is True


def test_an_operator_sees_only_their_own_emergency_access(city: City, person: MakePerson) -> None:
    other = person("operator")
    break_glass(Actor(name="test"), other, city, "다른 사람의 사정")
    text = page_of(person("operator"), "people/emergency/").content.decode()
    assert "다른 사람의 사정" not in text


def test_a_grant_is_given_and_revoked_on_its_pages(
    city: City, person: MakePerson, police: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from madang.ground.people import grant_sources
    from madang.ground.people.grant_sources import Choice

    incident, camera = Choice(uuid4(), "2026-000001 화재"), Choice(uuid4(), "정조로 800")
    sources = grant_sources.Sources(
        lambda at: [incident], lambda at, words: [camera], lambda at, ids: [camera]
    )
    monkeypatch.setattr(grant_sources, "_sources", sources)
    leader, officer = person("shift_leader"), person("seconded_police", police)
    until = timezone.localtime(timezone=ZoneInfo("Asia/Seoul")) + timedelta(hours=2)
    words = {
        "incident": incident.id,
        "organisation": police.pk,
        "cameras": [camera.id],
        "acts": ["view"],
        "until": until.strftime("%Y-%m-%dT%H:%M"),
        "reason": "화재 현장 확인",
    }
    assert page_of(leader, "people/grants/new/", **words).status_code == 302
    grant = Grant.objects.get()
    assert "정조로 800" in page_of(officer, "people/grants/mine/").content.decode()
    assert page_of(leader, "people/grants/").status_code == 200
    page_of(leader, f"people/grants/{grant.pk}/revoke/", reason="x")
    grant.refresh_from_db()
    assert grant.state == "now"
    page_of(leader, f"people/grants/{grant.pk}/revoke/", reason="상황이 끝남")
    grant.refresh_from_db()
    assert grant.state == "revoked"
    assert "정조로 800" not in page_of(officer, "people/grants/mine/").content.decode()
