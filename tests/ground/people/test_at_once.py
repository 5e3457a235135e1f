"""Two administrators at one thing in the same moment: one wins, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

from django.utils import timezone

from fixtures.database import TestDatabase
from fixtures.people import make_person
from madang.ground.city.models import City
from madang.ground.people.domain.grants import Incident, break_glass, give_grant, revoke_grant
from madang.ground.people.domain.invitations import invite, use_invitation
from madang.ground.people.domain.memberships import end_role, give_role
from madang.ground.people.domain.organisations import create_organisation
from madang.ground.people.domain.shifts import plan_shift
from madang.ground.people.errors import PeopleError
from madang.ground.people.models import (
    Account,
    BreakGlass,
    DutyShift,
    Membership,
    Organisation,
)
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor

ONE, OTHER = Actor(name="one"), Actor(name="other")


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do acts in threads with connections of their own, all at the same moment: what each came to."""
    gate = Barrier(len(acts))

    def do(act: Callable[[], object]) -> str:
        from django.db import connection

        try:
            connection.ensure_connection()
            gate.wait(30)
            act()
        except PeopleError:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(do, acts))


def hall() -> Organisation:
    city = City.objects.create(key="quiet", simulated=True)
    return create_organisation(ONE, city, "hall", "city", {"ko": "시청"})


def test_a_role_given_by_two_at_once_is_held_once(django_database: TestDatabase) -> None:
    where = hall()
    account = make_person("", where)
    found = at_once(
        lambda: give_role(ONE, account, where, "operator"),
        lambda: give_role(OTHER, account, where, "operator"),
    )
    assert found == ["done", "refused"]
    assert Membership.objects.filter(account=account, role="operator").count() == 1
    assert Entry.objects.filter(action="people.role.given").count() == 1


def test_two_halves_that_must_be_apart_are_not_given_at_once(
    django_database: TestDatabase,
) -> None:
    where = hall()
    account = make_person("", where)
    found = at_once(
        lambda: give_role(ONE, account, where, "spending_officer"),
        lambda: give_role(OTHER, account, where, "paying_officer"),
    )
    assert found == ["done", "refused"]
    assert Membership.objects.filter(account=account).count() == 1


def test_a_role_ended_by_two_at_once_ends_once(django_database: TestDatabase) -> None:
    where = hall()
    account = make_person("operator", where)
    member = Membership.objects.get(account=account)
    assert at_once(lambda: end_role(ONE, member), lambda: end_role(OTHER, member)) == [
        "done",
        "refused",
    ]
    assert Entry.objects.filter(action="people.role.ended").count() == 1


def test_an_invitation_used_twice_at_once_makes_one_account(django_database: TestDatabase) -> None:
    where = hall()
    boss = make_person("administrator", where)
    word = invite(ONE, boss, where, "new@example.org", "신입", "operator")[1]
    found = at_once(
        *(lambda: use_invitation(ONE, word, "신입", "아주 긴 비밀번호 하나") for _ in range(2))
    )
    assert found == ["done", "refused"]
    assert Account.objects.filter(email="new@example.org").count() == 1


def test_glass_broken_by_two_clicks_at_once_is_broken_once(django_database: TestDatabase) -> None:
    where = hall()
    account = make_person("operator", where)
    found = at_once(
        *(lambda: break_glass(ONE, account, where.city, "실종 아동 수색") for _ in range(2))
    )
    assert found == ["done", "refused"]
    assert BreakGlass.objects.count() == 1
    assert Entry.objects.filter(action="people.glass.broken").count() == 1


def test_a_role_until_a_day_given_by_two_at_once_is_held_once(
    django_database: TestDatabase,
) -> None:
    """Ended once, it is ended: no second one of the same role goes on behind it."""
    where = hall()
    account = make_person("", where)
    end = timezone.now() + timedelta(days=1)
    found = at_once(
        lambda: give_role(ONE, account, where, "operator", ends=end),
        lambda: give_role(OTHER, account, where, "operator", ends=end),
    )
    assert found == ["done", "refused"]
    assert Membership.objects.filter(account=account).count() == 1


def test_a_person_of_two_roles_is_planned_on_one_shift_at_once(
    django_database: TestDatabase,
) -> None:
    where = hall()
    account = make_person("operator", where)
    give_role(ONE, account, where, "traffic_engineer")
    begin = timezone.now() + timedelta(hours=1)
    end = begin + timedelta(hours=8)
    first, second = Membership.objects.filter(account=account)
    found = at_once(
        lambda: plan_shift(ONE, first, begin, end), lambda: plan_shift(OTHER, second, begin, end)
    )
    assert found == ["done", "refused"]
    assert DutyShift.objects.count() == 1


def test_a_grant_revoked_by_two_at_once_is_revoked_once(django_database: TestDatabase) -> None:
    where = hall()
    police = create_organisation(ONE, where.city, "police", "police", {"ko": "경찰서"})
    until = timezone.now() + timedelta(hours=1)
    incident = Incident(uuid4(), "2026-000001 실종")
    grant = give_grant(ONE, police, incident, [uuid4()], until, "실종 아동 수색")
    found = at_once(*(lambda: revoke_grant(ONE, grant, "아동을 찾음") for _ in range(2)))
    assert found == ["done", "refused"]
    assert Entry.objects.filter(action="people.grant.revoked").count() == 1
