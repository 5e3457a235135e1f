"""Invitations work once; shifts do not overlap; roles that must be apart are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from fixtures.people import MakePerson
from madang.ground.city.models import City
from madang.ground.people.domain.invitations import (
    find_invitation,
    invite,
    use_invitation,
    withdraw_invitation,
)
from madang.ground.people.domain.shifts import cancel_shift, plan_shift
from madang.ground.people.models import Account, Invitation, Membership, Organisation
from madang.ground.people.public import PeopleError, end_role, give_role
from madang.ground.trail.public import Actor

ACTOR = Actor(name="test")
PASSWORD = "보리차 한 잔 주세요"
NEW = "new@example.org"


def test_an_invitation_makes_an_account_with_its_role(
    police: Organisation, person: MakePerson
) -> None:
    inviter = person("administrator")
    made, word = invite(ACTOR, inviter, police, "New@Example.org", "신입", "seconded_police")
    account = use_invitation(ACTOR, word, "신입 경찰", PASSWORD)
    assert account.email == NEW
    assert Membership.objects.get(account=account).role == "seconded_police"
    made.refresh_from_db()
    assert made.state == "used"
    assert word.encode() not in bytes(made.word_hash)


def test_an_invitation_replayed_changes_nothing(police: Organisation, person: MakePerson) -> None:
    _, word = invite(ACTOR, person("administrator"), police, NEW, "", "seconded_police")
    officer = use_invitation(ACTOR, word, "신입", PASSWORD)
    end_role(ACTOR, Membership.objects.get(account=officer))
    before = Account.objects.count()
    for who in (None, officer):  # nor does it bring back a role that was ended
        with pytest.raises(PeopleError, match="사용"), translation.override("ko"):
            use_invitation(ACTOR, word, "다른 사람", PASSWORD, account=who)
    assert Account.objects.count() == before
    assert Membership.objects.filter(account=officer).count() == 1


def test_an_invitation_that_is_withdrawn_expired_or_invented_opens_nothing(
    police: Organisation, person: MakePerson
) -> None:
    inviter = person("administrator")
    made, word = invite(ACTOR, inviter, police, NEW, "", "seconded_police")
    withdraw_invitation(ACTOR, made)
    with pytest.raises(PeopleError):
        find_invitation(word)
    made, word = invite(ACTOR, inviter, police, NEW, "", "seconded_police")
    Invitation.objects.filter(pk=made.pk).update(expires=timezone.now())
    with pytest.raises(PeopleError):
        use_invitation(ACTOR, word, "", PASSWORD)
    with pytest.raises(PeopleError):
        find_invitation("invented")


def test_an_invitation_by_somebody_who_may_no_longer_invite_opens_nothing(
    police: Organisation, person: MakePerson
) -> None:
    inviter = person("administrator")
    _, word = invite(ACTOR, inviter, police, NEW, "", "seconded_police")
    end_role(ACTOR, Membership.objects.get(account=inviter))
    with pytest.raises(PeopleError):
        use_invitation(ACTOR, word, "", PASSWORD)
    assert not Account.objects.filter(email=NEW).exists()


def test_an_invitation_is_for_one_address(police: Organisation, person: MakePerson) -> None:
    _, word = invite(ACTOR, person("administrator"), police, NEW, "", "seconded_police")
    with pytest.raises(PeopleError):
        use_invitation(ACTOR, word, "", None, account=person("planner"))


def test_a_role_cannot_be_given_to_oneself(hall: Organisation, person: MakePerson) -> None:
    administrator = person("administrator")
    with pytest.raises(PeopleError):
        give_role(Actor(account=administrator.pk), administrator, hall, "operator")


def test_who_commits_does_not_pay(hall: Organisation, person: MakePerson) -> None:
    spender = person("spending_officer")
    with pytest.raises(PeopleError):
        give_role(ACTOR, spender, hall, "paying_officer")
    end_role(ACTOR, Membership.objects.get(account=spender))
    give_role(ACTOR, spender, hall, "paying_officer")


def test_shifts_of_one_person_do_not_overlap(city: City, person: MakePerson) -> None:
    member = Membership.objects.get(account=person("operator"))
    start = timezone.now() + timedelta(hours=1)
    shift = plan_shift(ACTOR, member, start, start + timedelta(hours=8))
    with pytest.raises(PeopleError):
        plan_shift(ACTOR, member, start + timedelta(hours=7), start + timedelta(hours=15))
    plan_shift(ACTOR, member, start + timedelta(hours=8), start + timedelta(hours=16))
    cancel_shift(ACTOR, shift)
    plan_shift(ACTOR, member, start, start + timedelta(hours=8))


def test_a_shift_lies_within_the_role(city: City, person: MakePerson) -> None:
    member = Membership.objects.get(account=person("operator"))
    now = timezone.now()
    for begins, ends in (
        (now - timedelta(days=1), now),
        (now, now),
        (now, now + timedelta(days=3)),
    ):
        with pytest.raises(PeopleError):
            plan_shift(ACTOR, member, begins, ends)
