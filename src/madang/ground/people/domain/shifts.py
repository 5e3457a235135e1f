"""Duty shifts: who is planned to work when, in which role."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.people.errors import PeopleError
from madang.ground.people.models import Account, DutyShift, Membership
from madang.ground.trail.public import Act, Actor, record

LONGEST = timedelta(hours=25)  # a day-and-night shift, and its hand-over


@transaction.atomic
def plan_shift(
    actor: Actor, membership: Membership, begins: datetime, ends: datetime, note: str = ""
) -> DutyShift:
    """Put a member on duty; never on two shifts at once, nor longer than LONGEST."""
    if not timedelta(0) < ends - begins <= LONGEST:
        hours = int(LONGEST.total_seconds() // 3600)
        raise PeopleError(_("A shift ends after it begins, and within %d hours.") % hours)
    # The person's row, not the role's: one of two roles can be planned by each of two leaders.
    Account.objects.select_for_update().get(pk=membership.account_id)
    locked = Membership.objects.select_for_update().get(pk=membership.pk)
    if locked.begins > begins or (locked.ends is not None and locked.ends < ends):
        raise PeopleError(_("The role does not last over the whole shift."))
    same = DutyShift.objects.filter(
        membership__account=locked.account_id, cancelled=None, begins__lt=ends, ends__gt=begins
    )
    if same.exists():
        raise PeopleError(_("This person is on another shift then."))
    shift = DutyShift.objects.create(
        city_id=locked.city_id, membership=locked, begins=begins, ends=ends, note=note.strip()
    )
    record(actor, _act("people.shift.planned", shift))
    return shift


@transaction.atomic
def cancel_shift(actor: Actor, shift: DutyShift) -> None:
    """Take a shift off the plan; one that is over stays as it was."""
    locked = DutyShift.objects.select_for_update().get(pk=shift.pk)
    now = timezone.now()
    if locked.cancelled is not None or locked.ends <= now:
        raise PeopleError(_("This shift is over or was cancelled already."))
    locked.cancelled = now
    locked.save(update_fields=["cancelled"])
    record(actor, _act("people.shift.cancelled", locked))


def _act(action: str, shift: DutyShift) -> Act:
    return Act(
        action,
        city=shift.city_id,
        thing=("account", str(shift.membership.account_id)),
        right="people.plan_shifts",
        detail={
            "role": shift.membership.role,
            "begins": shift.begins,
            "ends": shift.ends,
        },
    )
