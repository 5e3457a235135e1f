"""What people do with alarms: take them, close them, open them again; and write to any case.

Each act is one transaction: the alarm under its lock, an entry of its timeline, the trail's entry and the
message for the log. Done twice by the same person (a lost answer, a double click) it is done once.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.cases.domain.refusals import AlreadyDone, Refused
from madang.ground.cases.domain.steps import (
    Case,
    Told,
    advance,
    expect,
    lock,
    lock_alarm,
    refuse_closed,
)
from madang.ground.cases.models import Alarm, AlarmState, IncidentState, Outcome, Step
from madang.ground.trail.public import Actor


def acknowledge(actor: Actor, city: UUID, alarm: UUID, seen: int | None = None) -> Alarm:
    """Take the alarm: from now on somebody looks after it.

    Of two people at once one wins, and the other gets AlreadyDone with the winner's name. seen is the
    version the person saw; Changed when the alarm is another by now. Raises NoSuchCase.
    """
    with transaction.atomic():
        found = lock_alarm(city, alarm)
        refuse_closed(found)
        if found.acknowledged is not None and _same(actor, found.acknowledged_by):
            return found
        _refuse_acknowledged(found)
        expect(found, seen)
        found.state = AlarmState.ACKNOWLEDGED
        found.acknowledged = max(timezone.now(), found.raised)
        found.acknowledged_by = actor.account
        found.acknowledged_by_name = actor.name
        advance(found, actor, Step.ACKNOWLEDGED, Told())
    return found


def note(
    actor: Actor, city: UUID, model: type[Case], pk: UUID, text: str, once: UUID | None = None
) -> Case:
    """Write a line into the case's timeline; with the same once it is written once."""
    with transaction.atomic():
        found = lock(model, city, pk)
        if once is not None and found.timeline.filter(detail__once=str(once)).exists():
            return found
        refuse_closed(found)
        advance(found, actor, Step.NOTED, _said(text, once))
    return found


def close(
    actor: Actor,
    city: UUID,
    alarm: UUID,
    outcome: Outcome,
    text: str = "",
    seen: int | None = None,
) -> Alarm:
    """Close the alarm with what it turned out to be; refusals as acknowledge has them."""
    with transaction.atomic():
        found = lock_alarm(city, alarm)
        if found.outcome == outcome and _same(actor, found.closed_by):
            return found
        refuse_closed(found)
        expect(found, seen)
        found.state = AlarmState.CLOSED
        found.closed = max(timezone.now(), found.raised)
        found.closed_by = actor.account
        found.closed_by_name = actor.name
        found.outcome = outcome
        advance(found, actor, Step.CLOSED, Told(text.strip(), {"outcome": outcome.value}))
    return found


def reopen(actor: Actor, city: UUID, alarm: UUID, text: str, seen: int | None = None) -> Alarm:
    """Open a closed alarm again, with the reason why; it waits for somebody anew.

    Refused while another alarm of the same cause is open, and while its incident is closed.
    """
    reason = _reason(text)
    with transaction.atomic():
        found = lock_alarm(city, alarm)
        if found.closed is None:
            raise Refused(_("It is open."))
        expect(found, seen)
        _refuse_successor(found)
        found.state = AlarmState.OPEN
        found.closed = found.closed_by = found.acknowledged = found.acknowledged_by = None
        found.closed_by_name = found.acknowledged_by_name = found.outcome = ""
        advance(found, actor, Step.REOPENED, Told(reason))
    return found


def _said(text: str, once: UUID | None) -> Told:
    """A note; refused when it says nothing."""
    if not text.strip():
        raise Refused(_("Write what you have to say first."))
    return Told(text.strip(), {} if once is None else {"once": str(once)})


def _reason(text: str) -> str:
    if not text.strip():
        raise Refused(_("Say why it is opened again."))
    return text.strip()


def _same(actor: Actor, account: UUID | None) -> bool:
    return account is not None and account == actor.account


def _refuse_successor(alarm: Alarm) -> None:
    if alarm.incident is not None and alarm.incident.state == IncidentState.CLOSED:
        raise Refused(
            _("Open its incident %(incident)s again first.")
            % {"incident": alarm.incident.reference}
        )
    later = Alarm.objects.select_for_update().filter(
        city_id=alarm.city_id, kind=alarm.kind, cause=alarm.cause
    )
    if later.exclude(state=AlarmState.CLOSED).exists():
        raise Refused(_("The same cause has raised another alarm since; work on that one."))


def _refuse_acknowledged(alarm: Alarm) -> None:
    if alarm.acknowledged is not None:
        by = alarm.acknowledged_by_name
        raise AlreadyDone(
            _("%(name)s has acknowledged it already.") % {"name": by}, by, alarm.acknowledged
        )
