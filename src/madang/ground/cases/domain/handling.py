"""What people do with alarms: take them, write to them, close them."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.cases.domain.refusals import AlreadyDone, Refused
from madang.ground.cases.domain.steps import Told, advance, expect, lock_alarm
from madang.ground.cases.models import Alarm, AlarmState, Outcome, Step
from madang.ground.trail.public import Actor


def acknowledge(actor: Actor, city: UUID, alarm: UUID, seen: int | None = None) -> Alarm:
    """Take the alarm: from now on somebody looks after it.

    Of two people at once one wins, and the other gets AlreadyDone with the winner's name. seen is the
    version the person saw; Changed when the alarm is another by now. Raises NoSuchCase.
    """
    with transaction.atomic():
        found = lock_alarm(city, alarm)
        _refuse_closed(found)
        _refuse_acknowledged(found)
        expect(found, seen)
        found.state = AlarmState.ACKNOWLEDGED
        found.acknowledged = max(timezone.now(), found.raised)
        found.acknowledged_by = actor.account
        found.acknowledged_by_name = actor.name
        advance(found, actor, Step.ACKNOWLEDGED, Told())
    return found


def note(actor: Actor, city: UUID, alarm: UUID, text: str) -> Alarm:
    """Write a line into the alarm's timeline."""
    if not text.strip():
        raise Refused(_("Write what you have to say first."))
    with transaction.atomic():
        found = lock_alarm(city, alarm)
        _refuse_closed(found)
        advance(found, actor, Step.NOTED, Told(text.strip()))
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
        _refuse_closed(found)
        expect(found, seen)
        now = max(timezone.now(), found.raised)
        found.state = AlarmState.CLOSED
        found.closed = now
        found.closed_by = actor.account
        found.closed_by_name = actor.name
        found.outcome = outcome
        advance(found, actor, Step.CLOSED, Told(text.strip(), {"outcome": outcome.value}))
    return found


def _refuse_acknowledged(alarm: Alarm) -> None:
    if alarm.acknowledged is not None:
        by = alarm.acknowledged_by_name
        raise AlreadyDone(
            _("%(name)s has acknowledged it already.") % {"name": by}, by, alarm.acknowledged
        )


def _refuse_closed(alarm: Alarm) -> None:
    if alarm.closed is not None:
        by = alarm.closed_by_name
        raise AlreadyDone(_("%(name)s has closed it already.") % {"name": by}, by, alarm.closed)
