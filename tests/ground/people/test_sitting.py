"""A session ends by itself: when its shift is over, and when nobody is at the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fixtures.people import MakePerson
from madang.ground.people.domain.shifts import plan_shift
from madang.ground.people.models import Account, DutyShift, Membership
from madang.ground.people.web.sitting import BEGAN, SEEN
from madang.ground.trail.models import Entry
from madang.ground.trail.public import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(person: MakePerson) -> Account:
    account: Account = person("operator")
    return account


def sitting(client: Client, account: Account, **moved: float) -> None:
    """Sign in, be seen once, and let what the session remembers lie so many seconds back."""
    client.force_login(account)
    assert client.get("/account/").status_code == 200
    session = client.session
    for name, seconds in moved.items():
        session[name] -= seconds
    session.save()


def test_a_session_nobody_uses_ends_and_the_trail_knows(
    client: Client, operator: Account, settings: Any
) -> None:
    sitting(client, operator, **{SEEN: settings.SESSION_IDLE + 1})
    answer = client.get("/account/")
    assert answer.status_code == 302
    assert "/account/login/" in answer.headers["Location"]
    assert Entry.objects.filter(action="people.signed_out", actor=operator.pk).exists()
    assert client.get("/account/").status_code == 302


def test_a_session_that_is_used_goes_on(client: Client, operator: Account, settings: Any) -> None:
    sitting(client, operator, **{SEEN: settings.SESSION_IDLE - 60})
    assert client.get("/account/").status_code == 200
    session = client.session
    assert session[SEEN] > session[BEGAN] - 60


def test_who_is_on_duty_may_watch_without_a_touch(
    client: Client, operator: Account, settings: Any
) -> None:
    begin = timezone.now() + timedelta(minutes=1)
    member = Membership.objects.get(account=operator)
    shift = plan_shift(Actor(), member, begin, begin + timedelta(hours=8))
    DutyShift.objects.filter(pk=shift.pk).update(begins=timezone.now() - timedelta(hours=4))
    sitting(client, operator, **{SEEN: settings.SESSION_IDLE + 1})
    assert client.get("/account/").status_code == 200
    shift.refresh_from_db()
    DutyShift.objects.filter(pk=shift.pk).update(cancelled=timezone.now())
    sitting(client, operator, **{SEEN: settings.SESSION_IDLE + 1})
    assert client.get("/account/").status_code == 302


def test_no_session_outlives_a_shift_however_much_it_is_used(
    client: Client, operator: Account, settings: Any
) -> None:
    sitting(client, operator)
    end = client.session.get_expiry_date()
    session = client.session
    session["something"] = "new"
    session.save()
    assert client.get("/account/").status_code == 200
    assert client.session.get_expiry_date() == end
    assert end <= timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
