"""Memberships: roles given and ended."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.people import roles as ready
from madang.ground.people.errors import PeopleError
from madang.ground.people.models import Account, Membership, Organisation
from madang.ground.people.signals import announce_rights
from madang.ground.trail.public import Act, Actor, record


@transaction.atomic
def give_role(
    actor: Actor,
    account: Account,
    organisation: Organisation,
    role: str,
    begins: datetime | None = None,
    ends: datetime | None = None,
) -> Membership:
    """Give account a role in organisation, from begins (now) until ends (further notice)."""
    if actor.account == account.pk:
        raise PeopleError(_("Nobody gives a role to themselves; ask another administrator."))
    # Two administrators who give roles to one person wait for each other at the account's row.
    Account.objects.select_for_update().get(pk=account.pk)
    check_role(account, organisation, role)
    begins = begins or timezone.now()
    if ends is not None and ends <= begins:
        raise PeopleError(_("The end must come after the beginning."))
    _check_not_held(account, organisation, role, begins, ends)
    given = Membership.objects.create(
        city_id=organisation.city_id,
        account=account,
        organisation=organisation,
        role=role,
        begins=begins,
        ends=ends,
        given_by_id=actor.account,
    )
    _tell(actor, "people.role.given", given)
    return given


@transaction.atomic
def end_role(actor: Actor, membership: Membership, at: datetime | None = None) -> None:
    """End a role now, or at a moment to come; a role that ended stays as it was."""
    locked = Membership.objects.select_for_update().get(pk=membership.pk)
    now = timezone.now()  # once the row is ours: somebody may have ended it while we waited
    if locked.ends is not None and locked.ends <= now:
        raise PeopleError(_("This role has ended already."))
    membership.ends = locked.ends = max(at or now, locked.begins)
    locked.save(update_fields=["ends"])
    _tell(actor, "people.role.ended", locked)


def check_role(account: Account, organisation: Organisation, key: str) -> None:
    """PeopleError unless account may hold the role key in organisation."""
    role = ready.find(key)
    if role is None:
        raise PeopleError(_("There is no role %r.") % key)
    if not role.fits(organisation.kind):
        raise PeopleError(
            _("The role “%(role)s” is not for an organisation of the kind “%(kind)s”.")
            % {"role": role.title, "kind": organisation.get_kind_display()}
        )
    _check_apart(account, organisation, role)
    if account.demo and not organisation.city.simulated:
        raise PeopleError(_("A demo account can only have roles in a simulated city."))


def _check_not_held(
    account: Account,
    organisation: Organisation,
    role: str,
    begins: datetime,
    ends: datetime | None,
) -> None:
    """PeopleError if the same role is held there at any moment of the new time."""
    held = Membership.objects.filter(account=account, organisation=organisation, role=role)
    held = held.exclude(ends__lte=begins)
    if ends is not None:
        held = held.filter(begins__lt=ends)
    if held.exists():
        raise PeopleError(_("%s holds this role there already.") % account)


def _check_apart(account: Account, organisation: Organisation, role: ready.Role) -> None:
    if not role.apart_from:
        return
    held = Membership.objects.filter(
        account=account, organisation=organisation, role__in=role.apart_from
    ).exclude(ends__lte=timezone.now())
    if held.exists():
        raise PeopleError(
            _("%s holds a role there that must be kept apart from this one.") % account
        )


def _tell(actor: Actor, action: str, membership: Membership) -> None:
    record(
        actor,
        Act(
            action,
            city=membership.city_id,
            thing=("account", str(membership.account_id)),
            right="people.manage",
            detail={
                "role": membership.role,
                "organisation": str(membership.organisation_id),
                "begins": membership.begins.isoformat(),
                "ends": membership.ends.isoformat() if membership.ends else None,
            },
        ),
    )
    announce_rights(membership.account_id)
