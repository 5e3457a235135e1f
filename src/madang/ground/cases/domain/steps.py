"""How a case changes: under its row's lock, with an entry in its timeline, the trail and the outbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from madang.ground.cases.domain.refusals import Changed, NoSuchCase
from madang.ground.cases.messages import announce
from madang.ground.cases.models import Alarm, Incident, Step, TimelineEntry
from madang.ground.trail.public import Act, Actor, record


@dataclass(frozen=True)
class Told:
    """What an entry of the timeline says besides its step."""

    text: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


RIGHTS = {
    Step.ACKNOWLEDGED: "cases.acknowledge",
    Step.NOTED: "cases.note",
    Step.LINKED: "cases.note",
    Step.OPENED: "cases.open_incident",
    Step.ATTACHED: "cases.open_incident",
    Step.REOPENED: "cases.reopen",
}


def lock_alarm(city: UUID, alarm: UUID) -> Alarm:
    """The alarm, nobody else's until the transaction ends."""
    try:
        return Alarm.objects.select_for_update().get(city_id=city, id=alarm)
    except Alarm.DoesNotExist:
        raise NoSuchCase from None


def lock_incident(city: UUID, incident: UUID) -> Incident:
    """The incident, nobody else's until the transaction ends."""
    try:
        return Incident.objects.select_for_update().get(city_id=city, id=incident)
    except Incident.DoesNotExist:
        raise NoSuchCase from None


def expect(case: Alarm | Incident, seen: int | None) -> None:
    """Refuse when the person decided on another version than the present one (None: any will do)."""
    if seen is not None and seen != case.version:
        raise Changed(seen, case.version)


def begin(case: Alarm | Incident, actor: Actor, step: Step, told: Told) -> None:
    """Store a new case with its first entry."""
    case.save(force_insert=True)
    _tell(case, actor, step, told)


def advance(case: Alarm | Incident, actor: Actor, step: Step, told: Told) -> None:
    """Store the locked and changed case as its next version, with the entry that says what happened."""
    case.version += 1
    case.save(force_update=True)
    _tell(case, actor, step, told)


def _tell(case: Alarm | Incident, actor: Actor, step: Step, told: Told) -> None:
    name = "alarm" if isinstance(case, Alarm) else "incident"
    TimelineEntry.objects.create(
        **{name: case},
        city_id=case.city_id,
        number=case.version,
        step=step,
        actor=actor.account,
        actor_name=actor.name,
        text=told.text,
        detail=told.detail,
    )
    record(
        actor,
        Act(
            action=f"{name}.{step.value}",
            city=case.city_id,
            thing=(name, str(case.id)),
            reason=told.text,
            right=_right(name, step) if actor.account else "",
            detail=told.detail,
        ),
    )
    announce(case)


def _right(name: str, step: Step) -> str:
    """Under which right of rules.py a person does it."""
    if step is Step.CLOSED:
        return "cases.close_incident" if name == "incident" else "cases.close"
    return RIGHTS.get(step, "")
