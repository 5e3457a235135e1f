"""Rights follow from memberships: in their city, in their time, and awake only with a second factor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from fixtures.people import MakePerson, add_factor
from madang.ground.city.models import City
from madang.ground.people.models import Account, Membership, Organisation
from madang.ground.people.public import (
    Rights,
    allow,
    end_role,
    everybody,
    give_role,
    may,
    role,
    signed_in,
    visible_kinds,
)
from madang.ground.people.rights import Held, Right, UnknownRightError, _rights, allows, steward
from madang.ground.people.roles import roles
from madang.ground.trail.public import Actor

HERE, THERE = UUID(int=1), UUID(int=2)
NOW = datetime.now(UTC)

allow("test.acknowledge", "", role("operator", "shift_leader"))
allow("test.plan", "", role("planner"))
allow("test.look", "", everybody)
allow("test.speak", "", signed_in)
allow("test.keep", "", steward)


def rights(
    key: str, city: UUID = HERE, begins: int = -1, ends: int | None = None, factor: bool = True
) -> Rights:
    """One role held, from begins hours until ends hours from now."""
    until = None if ends is None else NOW + timedelta(hours=ends)
    held = Held(city, UUID(int=3), key, NOW + timedelta(hours=begins), until)
    return Rights(account=UUID(int=9), second_factor=factor, held=(held,))


def test_a_role_gives_its_rights_in_its_city_only() -> None:
    assert allows(rights("operator"), "test.acknowledge", HERE)
    assert not allows(rights("operator"), "test.acknowledge", THERE)
    assert not allows(rights("operator"), "test.acknowledge", None)
    assert not allows(rights("operator"), "test.plan", HERE)


@pytest.mark.parametrize(
    ("begins", "ends", "expected"), [(-2, -1, False), (1, 2, False), (-1, 1, True)]
)
def test_a_role_counts_from_its_beginning_until_its_end(
    begins: int, ends: int, expected: bool
) -> None:
    assert (
        allows(rights("operator", begins=begins, ends=ends), "test.acknowledge", HERE) is expected
    )


def test_a_role_that_needs_a_second_factor_sleeps_without_one() -> None:
    asleep = rights("operator", factor=False)
    assert not allows(asleep, "test.acknowledge", HERE)
    assert asleep.sleeping(HERE, NOW) == {"operator"}
    assert not allows(Rights(account=UUID(int=9), steward=True), "test.keep", None)
    assert allows(Rights(account=UUID(int=9), steward=True, second_factor=True), "test.keep", None)
    without = {role.key for role in roles() if not role.second_factor}
    assert without == {"citizen"}, "whoever works here has a second factor"


def test_visitors_may_do_what_everybody_may_and_no_more() -> None:
    assert may(None, "test.look", HERE)
    assert not may(None, "test.speak", HERE)
    assert allows(Rights(account=UUID(int=9)), "test.speak", HERE)


def test_a_role_nobody_defined_gives_nothing() -> None:
    assert not allows(rights("operator_of_everything"), "test.acknowledge", HERE)


def test_a_misspelt_right_is_loud() -> None:
    with pytest.raises(UnknownRightError, match=r"test\.acknowlege"):
        may(None, "test.acknowlege", HERE)


def test_a_right_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        allow("test.look", "", everybody)


def test_live_kinds_follow_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    follow = Right("live.test-vehicles", "", role("operator"))
    monkeypatch.setitem(_rights, follow.name, follow)
    assert "test-vehicles" in visible_kinds(rights("operator"), HERE)
    assert "test-vehicles" not in visible_kinds(rights("planner"), HERE)


@given(
    begins=st.integers(-1000, 1000),
    length=st.integers(1, 1000) | st.none(),
    at=st.integers(-3000, 3000),
)
def test_held_is_half_open(begins: int, length: int | None, at: int) -> None:
    start = NOW + timedelta(seconds=begins)
    end = None if length is None else start + timedelta(seconds=length)
    moment = NOW + timedelta(seconds=at)
    expected = begins <= at and (length is None or at < begins + length)
    assert Held(HERE, HERE, "operator", start, end).at(moment) is expected


@pytest.mark.django_db
def test_rights_are_read_from_the_database() -> None:
    city = City.objects.create(key="quiet", simulated=True)
    hall = Organisation.objects.create(city=city, key="hall", kind="city", names={"en": "Hall"})
    account = Account.objects.create_user("planner@example.org", name="P")
    give_role(Actor(name="test"), account, hall, "planner")
    add_factor(account)
    assert may(account, "test.plan", city)
    assert account.has_perm("test.plan", city)

    account.is_active = False
    account.save()
    assert not may(Account.objects.get(pk=account.pk), "test.plan", city)


@pytest.mark.django_db
def test_a_request_reads_its_account_once_and_the_next_one_reads_it_anew(
    person: MakePerson, client: Client
) -> None:
    account = person("operator")
    client.force_login(account)
    path = "/api/v1/cities/quiet/alarms"
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    reads = [one["sql"] for one in asked if 'FROM "people_account"' in one["sql"]]
    assert len(reads) == 1, reads
    roles = [one["sql"] for one in asked if 'FROM "people_membership"' in one["sql"]]
    assert len(roles) == 1, roles

    end_role(Actor(name="test"), Membership.objects.get(account=account))
    assert client.get(path).status_code == 403
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert client.get(path).status_code == 401
