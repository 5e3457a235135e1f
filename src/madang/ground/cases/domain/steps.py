"""How a case changes: under its row's lock, with an entry in its timeline, the trail and the outbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from madang.ground.cases.domain.refusals import AlreadyDone, Changed, NoSuchCase
from madang.ground.cases.messages import announce
from madang.ground.cases.models import Alarm, Incident, Step, TimelineEntry
from madang.ground.trail.public import Act, Actor, record

Case = TypeVar("Case", Alarm, Incident)


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
    Step.DETACHED: "cases.open_incident",
    Step.REOPENED: "cases.reopen",
}


def lock(model: type[Case], city: UUID, pk: UUID) -> Case:
    """The city's alarm or incident, nobody else's until the transaction ends; NoSuchCase."""
    found = model._default_manager.select_for_update().filter(city_id=city, pk=pk).first()
    if found is None:
        raise NoSuchCase
    return found


def lock_alarm(city: UUID, alarm: UUID) -> Alarm:
    """`lock` for an alarm."""
    return lock(Alarm, city, alarm)


def lock_incident(city: UUID, incident: UUID) -> Incident:
    """`lock` for an incident."""
    return lock(Incident, city, incident)


def refuse_closed(case: Alarm | Incident) -> None:
    """Raise AlreadyDone, which says who closed it, when the case is closed."""
    if case.closed is not None:
        by = case.closed_by_name
        raise AlreadyDone(_("%(name)s has closed it already.") % {"name": by}, by, case.closed)


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
