from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from fixtures.database import TestDatabase
from madang.ground.city.models import City
from madang.ground.people.domain.organisations import create_organisation, move_organisation
from madang.ground.people.models import Account, Membership, Organisation
from madang.ground.people.public import PeopleError, end_role, give_role, rights_changed
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor

ACTOR = Actor(name="test")
pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return City.objects.create(key="quiet", simulated=True)


@pytest.fixture
def hall(city: City) -> Organisation:
    return create_organisation(ACTOR, city, "hall", "city", {"ko": "시청"})


@pytest.fixture
def account() -> Account:
    return Account.objects.create_user("one@example.org", name="One")


def test_giving_and_ending_a_role_leaves_a_trace(account: Account, hall: Organisation) -> None:
    given = give_role(ACTOR, account, hall, "planner")
    end_role(ACTOR, given)
    actions = Entry.objects.filter(thing_id=str(account.pk)).values_list("action", flat=True)
    assert list(actions) == ["people.role.given", "people.role.ended"]
    assert Membership.objects.get().ends is not None


def test_a_role_is_ended_once(account: Account, hall: Organisation) -> None:
    given = give_role(ACTOR, account, hall, "planner")
    end_role(ACTOR, given)
    with pytest.raises(PeopleError):
        end_role(ACTOR, given)


def test_a_role_is_held_once_at_a_time(account: Account, hall: Organisation) -> None:
    give_role(ACTOR, account, hall, "planner")
    with pytest.raises(PeopleError):
        give_role(ACTOR, account, hall, "planner")


def test_a_role_must_exist_and_fit_its_organisation(account: Account, hall: Organisation) -> None:
    with pytest.raises(PeopleError):
        give_role(ACTOR, account, hall, "emperor")
    with pytest.raises(PeopleError):
        give_role(ACTOR, account, hall, "seconded_police")


def test_the_end_comes_after_the_beginning(account: Account, hall: Organisation) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    with pytest.raises(PeopleError):
        give_role(ACTOR, account, hall, "planner", ends=yesterday)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(
            city=hall.city, account=account, organisation=hall, role="planner", ends=yesterday
        )


def test_a_demo_account_stays_in_simulated_cities(account: Account) -> None:
    real = City.objects.create(key="real")
    hall = create_organisation(ACTOR, real, "hall", "city", {"ko": "시청"})
    account.demo = True
    account.save()
    with pytest.raises(PeopleError):
        give_role(ACTOR, account, hall, "planner")
    with pytest.raises(IntegrityError, match="simulated"), transaction.atomic():
        Membership.objects.create(city=real, account=account, organisation=hall, role="planner")


def test_organisations_form_a_tree_in_one_city(city: City, hall: Organisation) -> None:
    centre = create_organisation(ACTOR, city, "centre", "department", {"ko": "센터"}, hall)
    with pytest.raises(PeopleError):
        move_organisation(ACTOR, hall, centre)
    elsewhere = City.objects.create(key="elsewhere")
    with pytest.raises(PeopleError):
        create_organisation(ACTOR, elsewhere, "x", "department", {"ko": "x"}, hall)
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(
            city=elsewhere, key="x", kind="department", names={}, parent=hall
        )


def test_a_change_of_rights_is_announced(
    account: Account, hall: Organisation, django_capture_on_commit_callbacks: object
) -> None:
    heard = []

    def hear(account: object, **rest: object) -> None:
        heard.append(account)

    rights_changed.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        give_role(ACTOR, account, hall, "planner")
    assert heard == [account.pk]


def test_the_database_itself_announces_a_change(own_database: TestDatabase) -> None:
    """Whoever changes rights, and by whatever means: every process that listens hears of it."""
    with (
        psycopg.connect(own_database.app_url, autocommit=True) as ear,
        psycopg.connect(own_database.app_url, autocommit=True) as hand,
    ):
        ear.execute("LISTEN rights_changed")
        hand.execute(
            "INSERT INTO people_account (id, email, name, password, language, is_active, steward,"
            " demo, joined) VALUES ('00000000-0000-0000-0000-000000000007', 'a@example.org', '',"
            " '', 'ko', true, false, false, now())"
        )
        hand.execute("UPDATE people_account SET is_active = false")
        heard = [notice.payload for notice in ear.notifies(timeout=5, stop_after=1)]
    assert heard == ["00000000-0000-0000-0000-000000000007"]
