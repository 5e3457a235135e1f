"""Accounts: made, given a password, switched off. Nobody is deleted: the trail names them."""

from __future__ import annotations

from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madang.ground.people.errors import PeopleError
from madang.ground.people.models import Account
from madang.ground.people.signals import announce_rights
from madang.ground.trail.public import Act, Actor, record


@transaction.atomic
def create_account(
    actor: Actor, email: str, name: str, password: str | None = None, **marks: bool
) -> Account:
    """A new account whose e-mail address was checked by whoever makes it; without a password it
    can sign in only after setting one by mail. marks: steward, demo."""
    email = clean_email(email)
    account = Account(email=email, name=name.strip() or email.partition("@")[0], **marks)
    if password is None:
        account.set_unusable_password()
    else:
        _check_password(password, account)
        account.set_password(password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise PeopleError(_("There is an account with %s already.") % email) from error
    EmailAddress.objects.create(user=account, email=email, verified=True, primary=True)
    record(actor, Act("people.account.created", thing=("account", str(account.pk)), detail=marks))
    return account


def mark_verified(account: Account) -> None:
    """Somebody opened a letter sent to the account's address."""
    EmailAddress.objects.update_or_create(
        user=account, email=account.email, defaults={"verified": True, "primary": True}
    )


@transaction.atomic
def set_password(actor: Actor, account: Account, password: str) -> None:
    """A new password for account; everything signed in with the old one is signed out."""
    _check_password(password, account)
    account.set_password(password)
    account.save(update_fields=["password"])
    record(actor, Act("people.password.set", thing=("account", str(account.pk))))


@transaction.atomic
def set_active(actor: Actor, account: Account, active: bool) -> None:
    """Switch an account on or off; off, it has no right at once, everywhere."""
    account.is_active = active
    account.save(update_fields=["is_active"])
    action = "people.account.activated" if active else "people.account.deactivated"
    record(actor, Act(action, thing=("account", str(account.pk))))
    announce_rights(account.pk)


@transaction.atomic
def end_sessions(actor: Actor, account: Account) -> int:
    """Sign account out wherever it is signed in; how many places there were."""
    sessions = list(UserSession.objects.filter(user=account))
    for session in sessions:
        session.end()
    thing, detail = ("account", str(account.pk)), {"places": len(sessions)}
    record(actor, Act("people.session.ended", thing=thing, right="people.manage", detail=detail))
    announce_rights(account.pk)
    return len(sessions)


@transaction.atomic
def take_lost_factors(actor: Actor, account: Account, proof: str, city: UUID | None = None) -> int:
    """Take away the second factors of somebody who lost them; how many there were.

    proof: how somebody made sure who they are, which the trail keeps. Their roles sleep until they set up
    a new one, and every session of theirs ends: whoever found the lost one is out too.
    """
    if actor.account == account.pk:
        raise PeopleError(_("Your own are taken away by another administrator."))
    if account.steward and actor.account is not None:
        raise PeopleError(_("Those of a steward are taken away on the terminal of the server."))
    if not proof.strip():
        raise PeopleError(_("Say how you made sure who it is."))
    count: int = Authenticator.objects.filter(user=account).delete()[0]
    act = Act(
        "people.factor.lost",
        city=city,
        thing=("account", str(account.pk)),
        reason=proof.strip(),
        right="people.manage",
        detail={"factors": count},
    )
    record(actor, act)
    end_sessions(actor, account)
    return count


@transaction.atomic
def make_steward(actor: Actor, account: Account) -> None:
    """Let account keep the installation: its cities and their first administrators."""
    if account.demo:
        raise PeopleError(_("A demo account cannot keep the installation."))
    account.steward = True
    account.save(update_fields=["steward"])
    record(actor, Act("people.steward.made", thing=("account", str(account.pk))))
    announce_rights(account.pk)


def clean_email(email: str) -> str:
    """email in small letters; PeopleError if it is none."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise PeopleError(_("%r is not an e-mail address.") % email) from error
    return email


def _check_password(password: str, account: Account) -> None:
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise PeopleError(" ".join(error.messages)) from error
