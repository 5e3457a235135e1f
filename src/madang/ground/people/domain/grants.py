"""Grants to other agencies, given and revoked; scopes of members; glass broken and looked into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.people.camera_rights import SECONDED
from madang.ground.people.errors import PeopleError
from madang.ground.people.models import (
    Account,
    BreakGlass,
    CameraAct,
    CameraScope,
    Grant,
    Membership,
    Organisation,
)
from madang.ground.people.signals import announce_rights, glass_broken
from madang.ground.trail.public import Act, Actor, record

LONGEST_GRANT = timedelta(hours=72)
GLASS = timedelta(minutes=30)
LEAST_REASON = 5  # letters; "ㅇㅇ" is no reason


@dataclass(frozen=True)
class Incident:
    """What a grant is for: the incident's id, and its number and title in words."""

    id: UUID
    words: str


@transaction.atomic
def give_grant(
    actor: Actor,
    organisation: Organisation,
    incident: Incident,
    cameras: Sequence[UUID],
    until: datetime,
    reason: str,
    acts: Sequence[str] = (CameraAct.VIEW,),
    account: Account | None = None,
    begins: datetime | None = None,
) -> Grant:
    """Let another agency, or one officer of it, use these cameras for an incident until a minute."""
    begins = begins or timezone.now()
    _check_reason(reason)
    _check_span(begins, until)
    if organisation.kind not in ("police", "fire", "institution"):
        raise PeopleError(_("A grant is for another agency: police, fire or an institution."))
    if not cameras or not acts or not set(acts) <= set(CameraAct.values):
        raise PeopleError(_("Choose at least one camera and what may be done with it."))
    if account is not None and not _belongs(account, organisation):
        raise PeopleError(_("%s is not seconded by that agency now.") % account)
    grant = Grant.objects.create(
        city_id=organisation.city_id,
        organisation=organisation,
        account=account,
        incident=incident.id,
        incident_words=incident.words[:200],
        cameras=sorted(set(cameras)),
        acts=list(acts),
        reason=reason.strip(),
        begins=begins,
        until=until,
        given_by_id=actor.account,
    )
    _tell_grant(actor, "people.grant.given", grant, reason)
    return grant


@transaction.atomic
def revoke_grant(actor: Actor, grant: Grant, reason: str) -> Grant:
    """End a grant now; whatever it opened closes at once, everywhere."""
    _check_reason(reason)
    locked = Grant.objects.select_for_update().get(pk=grant.pk)
    if locked.state in ("revoked", "over"):
        raise PeopleError(_("This grant has ended already."))
    locked.revoked = timezone.now()
    locked.revoked_by_id = actor.account
    locked.save(update_fields=["revoked", "revoked_by"])
    _tell_grant(actor, "people.grant.revoked", locked, reason)
    return locked


@transaction.atomic
def give_scope(
    actor: Actor, membership: Membership, acts: Sequence[str], **limits: object
) -> CameraScope:
    """Let a member use cameras: acts, and limits by the names of CameraScope's fields."""
    if not acts or not set(acts) <= set(CameraAct.values):
        raise PeopleError(_("Choose what may be done with the cameras."))
    scope = CameraScope.objects.create(
        city_id=membership.city_id,
        membership=membership,
        acts=list(acts),
        given_by_id=actor.account,
        **limits,
    )
    record(actor, _scope_act("people.scope.given", scope))
    announce_rights(membership.account_id)
    return scope


@transaction.atomic
def end_scope(actor: Actor, scope: CameraScope) -> None:
    """End a scope now."""
    locked = CameraScope.objects.select_for_update().get(pk=scope.pk)
    now = timezone.now()
    if locked.ends is not None and locked.ends <= now:
        raise PeopleError(_("This scope has ended already."))
    locked.ends = max(now, locked.begins)
    locked.save(update_fields=["ends"])
    record(actor, _scope_act("people.scope.ended", locked))
    announce_rights(scope.membership.account_id)


@transaction.atomic
def break_glass(actor: Actor, account: Account, city: City, reason: str) -> BreakGlass:
    """Open every camera of city to account for half an hour; the privacy officers hear of it now."""
    _check_reason(reason)
    Account.objects.select_for_update().get(pk=account.pk)  # two clicks open once
    now = timezone.now()
    if BreakGlass.objects.filter(account=account, city=city, until__gt=now).exists():
        raise PeopleError(_("You opened the cameras already; it is written down."))
    glass = BreakGlass.objects.create(
        city=city, account=account, reason=reason.strip(), begins=now, until=now + GLASS
    )
    record(
        actor,
        Act(
            "people.glass.broken",
            city=city.pk,
            thing=("break-glass", str(glass.pk)),
            reason=reason,
            right="people.break_glass",
            detail={"until": glass.until},
        ),
    )
    announce_rights(account.pk)
    glass_broken.send(sender=None, glass=glass)
    return glass


@transaction.atomic
def review_glass(actor: Actor, glass: BreakGlass, finding: str, justified: bool) -> None:
    """What a privacy officer found when they looked into it; nobody reviews their own."""
    if actor.account == glass.account_id:
        raise PeopleError(_("Somebody else must look into what you opened."))
    _check_reason(finding)
    locked = BreakGlass.objects.select_for_update().get(pk=glass.pk)
    if locked.reviewed is not None:
        raise PeopleError(_("This was looked into already."))
    locked.reviewed, locked.reviewed_by_id = timezone.now(), actor.account
    locked.finding, locked.justified = finding.strip(), justified
    locked.save()
    record(
        actor,
        Act(
            "people.glass.reviewed",
            city=locked.city_id,
            thing=("break-glass", str(locked.pk)),
            reason=finding,
            right="people.review_glass",
            detail={"justified": justified},
        ),
    )


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < LEAST_REASON:
        raise PeopleError(_("Write a reason that another can follow."))


def _check_span(begins: datetime, until: datetime) -> None:
    if until <= max(begins, timezone.now()):
        raise PeopleError(_("The end must lie ahead, and after the beginning."))
    if until - begins > LONGEST_GRANT:
        hours = int(LONGEST_GRANT.total_seconds() // 3600)
        raise PeopleError(_("A grant lasts %d hours at most; give a new one then.") % hours)


def _belongs(account: Account, organisation: Organisation) -> bool:
    now = timezone.now()
    held = Membership.objects.filter(account=account, organisation=organisation, role__in=SECONDED)
    return held.exclude(ends__lte=now).exists()


def _tell_grant(actor: Actor, action: str, grant: Grant, reason: str) -> None:
    record(
        actor,
        Act(
            action,
            city=grant.city_id,
            thing=("grant", str(grant.pk)),
            reason=reason,
            right="people.grant",
            detail={
                "organisation": grant.organisation_id,
                "account": grant.account_id,
                "incident": grant.incident,
                "cameras": grant.cameras,
                "acts": grant.acts,
                "until": grant.until,
            },
        ),
    )
    for account in accounts_of(grant):
        announce_rights(account)


def accounts_of(grant: Grant) -> list[UUID]:
    """Whose rights a grant touches."""
    if grant.account_id is not None:
        return [grant.account_id]
    members = Membership.objects.filter(organisation=grant.organisation_id, role__in=SECONDED)
    return list(members.values_list("account", flat=True).distinct())


def _scope_act(action: str, scope: CameraScope) -> Act:
    limits = ("acts", "purposes", "domains", "districts", "begins", "ends")
    return Act(
        action,
        city=scope.city_id,
        thing=("account", str(scope.membership.account_id)),
        right="people.manage",
        detail={"scope": scope.pk, **{name: getattr(scope, name) for name in limits}},
    )
