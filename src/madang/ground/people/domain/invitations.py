"""Invitations: a letter with a word that works once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.people.domain.accounts import clean_email, create_account, mark_verified
from madang.ground.people.domain.memberships import check_role, give_role
from madang.ground.people.errors import PeopleError
from madang.ground.people.models import Account, Invitation, Organisation
from madang.ground.people.rights import may
from madang.ground.trail.public import Act, Actor, record

VALID = timedelta(days=7)


@transaction.atomic
def invite(
    actor: Actor,
    inviter: Account,
    organisation: Organisation,
    email: str,
    name: str,
    role: str,
    role_ends: datetime | None = None,
) -> tuple[Invitation, str]:
    """Invite somebody into a role; returns the invitation and the word that its letter carries."""
    email = clean_email(email)
    check_role(Account(email=email), organisation, role)
    if role_ends is not None and role_ends <= timezone.now():
        raise PeopleError(_("The end must lie ahead."))
    word = secrets.token_urlsafe(24)
    made = Invitation.objects.create(
        city_id=organisation.city_id,
        organisation=organisation,
        email=email,
        name=name.strip(),
        role=role,
        role_ends=role_ends,
        word_hash=_hash(word),
        invited_by=inviter,
        expires=timezone.now() + VALID,
    )
    record(actor, _act("people.invited", made))
    return made, word


def find_invitation(word: str) -> Invitation:
    """The invitation a word opens; PeopleError for one that is used, withdrawn or over."""
    found = Invitation.objects.filter(word_hash=_hash(word)).first()
    return _usable(found)


@transaction.atomic
def use_invitation(
    actor: Actor, word: str, name: str, password: str | None, account: Account | None = None
) -> Account:
    """Make the account, or take one with the same address that is signed in, and give it the role."""
    found = Invitation.objects.select_for_update().filter(word_hash=_hash(word)).first()
    invitation = _usable(found)
    if account is None:
        account = create_account(actor, invitation.email, name or invitation.name, password)
    elif account.email != invitation.email:
        raise PeopleError(
            _("This invitation is for %s; sign in with that account.") % invitation.email
        )
    if not may(invitation.invited_by, "people.manage", invitation.city_id):
        raise PeopleError(_("Whoever invited you may no longer do so. Ask for a new invitation."))
    mark_verified(account)
    invitation.used, invitation.used_by = timezone.now(), account
    invitation.save(update_fields=["used", "used_by"])
    record(Actor(account=account.pk, name=account.name), _act("people.invitation.used", invitation))
    inviter = Actor(account=invitation.invited_by_id, name=str(invitation.invited_by))
    give_role(inviter, account, invitation.organisation, invitation.role, ends=invitation.role_ends)
    return account


@transaction.atomic
def withdraw_invitation(actor: Actor, invitation: Invitation) -> None:
    """Make an invitation useless; one that was used stays used."""
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    _usable(locked)
    locked.withdrawn = timezone.now()
    locked.save(update_fields=["withdrawn"])
    record(actor, _act("people.invitation.withdrawn", locked))


def _usable(invitation: Invitation | None) -> Invitation:
    if invitation is None:
        raise PeopleError(_("There is no such invitation. Ask for a new one."))
    reasons = {
        "used": _("This invitation was used already."),
        "withdrawn": _("This invitation was withdrawn."),
        "expired": _("This invitation has expired. Ask for a new one."),
    }
    if invitation.state in reasons:
        raise PeopleError(reasons[invitation.state])
    return invitation


def _hash(word: str) -> bytes:
    return sha256(word.encode()).digest()


def _act(action: str, invitation: Invitation) -> Act:
    return Act(
        action,
        city=invitation.city_id,
        thing=("invitation", str(invitation.pk)),
        right="people.manage",
        detail={"role": invitation.role, "organisation": invitation.organisation_id},
        personal={"email": invitation.email},
    )
