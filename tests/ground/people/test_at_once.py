"""Two administrators at one thing in the same moment: one wins, the other is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from fixtures.database import TestDatabase
from fixtures.people import make_person
from madang.ground.city.models import City
from madang.ground.people.domain.invitations import invite, use_invitation
from madang.ground.people.domain.memberships import end_role, give_role
from madang.ground.people.domain.organisations import create_organisation
from madang.ground.people.errors import PeopleError
from madang.ground.people.models import Account, Membership, Organisation
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
