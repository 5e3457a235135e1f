"""Cameras are seen by scope, by grant and by broken glass, each as narrow as it was given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from fixtures.people import MakePerson
from madang.ground.city.models import City
from madang.ground.people.camera_rights import (
    CameraFacts,
    Scope,
    Span,
    read_camera_rights,
)
from madang.ground.people.domain.grants import (
    Incident,
    break_glass,
    end_scope,
    give_grant,
    give_scope,
    review_glass,
    revoke_grant,
)
from madang.ground.people.models import BreakGlass, Grant, Membership, Organisation
from madang.ground.people.public import PeopleError, end_role
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor

ACTOR = Actor(name="test")
INCIDENT = Incident(uuid4(), "2026-000001 화재")
REASON = "화재 현장 확인"
NOW = datetime.now(UTC)


def camera(city: City, purpose: str = "crime", **words: str) -> CameraFacts:
    return CameraFacts(uuid4(), city.pk, purpose, **words)


def by(account: object, seen: CameraFacts, act: str = "view", hours: float = 0) -> str | None:
    rights = read_camera_rights(account.pk)  # type: ignore[attr-defined]
    return rights.by(seen, act, timezone.now() + timedelta(hours=hours))


def soon(hours: float = 1) -> datetime:
    return timezone.now() + timedelta(hours=hours)


def test_a_role_alone_shows_no_camera(city: City, person: MakePerson) -> None:
    assert by(person("operator"), camera(city)) is None


def test_a_scope_opens_what_it_names(city: City, person: MakePerson) -> None:
    operator = person("operator")
    member = Membership.objects.get(account=operator)
    scope = give_scope(ACTOR, member, ["view"], purposes=["crime"], districts=["yeongtong"])
    seen = camera(city, "crime", district="yeongtong")
    assert by(operator, seen) == f"scope:{scope.pk}"
    assert by(operator, seen, "export") is None
    assert by(operator, camera(city, "enforcement", district="yeongtong")) is None
    assert by(operator, camera(city, "crime", district="paldal")) is None
    assert by(operator, CameraFacts(seen.id, uuid4(), "crime", district="yeongtong")) is None
    end_scope(ACTOR, scope)
    assert by(operator, seen) is None


def test_a_scope_ends_with_its_role(city: City, person: MakePerson) -> None:
    operator = person("operator")
    member = Membership.objects.get(account=operator)
    give_scope(ACTOR, member, ["view"])
    assert by(operator, camera(city))
    end_role(ACTOR, member)
    assert by(operator, camera(city)) is None


def test_without_a_second_factor_no_camera_opens(city: City, person: MakePerson) -> None:
    operator = person("operator", factor=False)
    give_scope(ACTOR, Membership.objects.get(account=operator), ["view"])
    assert by(operator, camera(city)) is None


@given(minute=st.integers(0, 1439), begin=st.integers(0, 1439), end=st.integers(0, 1439))
def test_hours_are_of_the_citys_clock_and_may_pass_midnight(
    minute: int, begin: int, end: int
) -> None:
    here = UUID(int=1)
    zone = ZoneInfo("Asia/Seoul")
    moment = datetime(2026, 3, 1, minute // 60, minute % 60, tzinfo=zone)
    always = (Span(datetime(2020, 1, 1, tzinfo=UTC), None),)
    scope = Scope("x", here, always, frozenset({"view"}), hours=(begin, end), zone=zone)
    inside = {(begin + step) % 1440 for step in range((end - begin) % 1440 or 1440)}
    seen = CameraFacts(UUID(int=2), here, "crime")
    assert scope.covers(seen, "view", moment.astimezone(UTC)) is (minute in inside)


def test_a_grant_opens_its_cameras_until_its_minute(
    city: City, police: Organisation, person: MakePerson
) -> None:
    officer = person("seconded_police", police)
    seen, other = camera(city), camera(city)
    grant = give_grant(ACTOR, police, INCIDENT, [seen.id], soon(1), REASON)
    assert by(officer, seen) == f"grant:{grant.pk}"
    assert by(officer, other) is None
    assert by(officer, seen, "play") is None
    assert by(officer, seen, hours=1.01) is None
    revoke_grant(ACTOR, grant, "상황 종료")
    assert by(officer, seen) is None


def test_a_grant_in_the_future_is_not_yet_open(
    city: City, police: Organisation, person: MakePerson
) -> None:
    officer, seen = person("seconded_police", police), camera(city)
    give_grant(ACTOR, police, INCIDENT, [seen.id], soon(2), REASON, begins=soon(1))
    assert by(officer, seen) is None
    assert by(officer, seen, hours=1.5)


def test_a_grant_for_one_officer_opens_nothing_to_another(
    city: City, police: Organisation, person: MakePerson
) -> None:
    one, other = person("seconded_police", police), person("seconded_police", police)
    seen = camera(city)
    give_grant(ACTOR, police, INCIDENT, [seen.id], soon(), REASON, account=one)
    assert by(one, seen)
    assert by(other, seen) is None


def test_an_operator_of_the_city_gets_nothing_by_the_polices_grant(
    city: City, police: Organisation, person: MakePerson
) -> None:
    seen = camera(city)
    give_grant(ACTOR, police, INCIDENT, [seen.id], soon(), REASON)
    assert by(person("operator"), seen) is None


def test_a_clock_set_back_opens_nothing_before_the_beginning(
    city: City, police: Organisation, person: MakePerson
) -> None:
    officer, seen = person("seconded_police", police), camera(city)
    give_grant(ACTOR, police, INCIDENT, [seen.id], soon(), REASON)
    assert by(officer, seen, hours=-1) is None


@pytest.mark.parametrize(
    "words",
    [
        {"until": NOW - timedelta(hours=1)},
        {"until": NOW + timedelta(days=30)},
        {"reason": " ㅇㅇ "},
        {"cameras": []},
        {"acts": []},
        {"acts": ["identify-faces"]},
    ],
)
def test_a_grant_that_is_too_wide_or_says_nothing_is_refused(
    police: Organisation, words: dict[str, object]
) -> None:
    given_words = {"cameras": [uuid4()], "until": soon(), "reason": REASON, **words}
    with pytest.raises(PeopleError):
        give_grant(ACTOR, police, INCIDENT, **given_words)  # type: ignore[arg-type]
    assert not Grant.objects.exists()
    assert not Entry.objects.filter(action="people.grant.given").exists()


def test_a_grant_is_for_another_agency(hall: Organisation) -> None:
    with pytest.raises(PeopleError):
        give_grant(ACTOR, hall, INCIDENT, [uuid4()], soon(), REASON)


def test_what_was_granted_cannot_be_rewritten(city: City, police: Organisation) -> None:
    grant = give_grant(ACTOR, police, INCIDENT, [uuid4()], soon(), REASON)
    for change in ({"until": soon(48)}, {"cameras": [uuid4()]}, {"reason": "다른 이유"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.filter(pk=grant.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        grant.delete()


def test_broken_glass_opens_all_for_half_an_hour_and_is_looked_into(
    city: City, person: MakePerson
) -> None:
    operator, officer = person("operator"), person("privacy_officer")
    glass = break_glass(ACTOR, operator, city, "실종 아동 수색")
    assert by(operator, camera(city)) == f"break-glass:{glass.pk}"
    assert by(operator, camera(city), "export") is None
    assert by(operator, camera(city), hours=0.51) is None
    with pytest.raises(PeopleError):
        break_glass(ACTOR, operator, city, "다시 한번 열기")
    with pytest.raises(PeopleError):
        review_glass(Actor(account=operator.pk), glass, "아무 문제 없음", True)
    review_glass(Actor(account=officer.pk), glass, "아동을 찾음", True)
    assert BreakGlass.objects.get().justified is True
    with pytest.raises(PeopleError):
        review_glass(Actor(account=officer.pk), glass, "또 한 번 확인", False)
