"""What systems and the desk say of alarms: that a cause is there, that it has grown, that it is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from madang.ground.cases.domain.linking import Thing, add_link
from madang.ground.cases.domain.steps import Told, advance, begin
from madang.ground.cases.kinds import Severity, alarm_kind
from madang.ground.cases.messages import announce
from madang.ground.cases.models import Alarm, AlarmState, Outcome, Step
from madang.ground.city.models import City
from madang.ground.city.public import districts_of
from madang.ground.measure import Measure
from madang.ground.trail.public import Actor


@dataclass(frozen=True)
class Spot:
    """Where: in words, by the district's key, in degrees (WGS 84) and in metres of the city's CRS."""

    place: str = ""
    district: str = ""
    lon: float | None = None
    lat: float | None = None
    x: float | None = None
    y: float | None = None


NOWHERE = Spot()


@dataclass(frozen=True)
class Cause:
    """What raises an alarm: its kind and a key that is the same each time the same thing raises it."""

    kind: str
    key: str


@dataclass(frozen=True)
class Finding:
    """What was found: when, about what, where, how grave (None: as its kind is), measured how.

    text is a line of the timeline; with one, a subject that is another by now takes the place of the old.
    """

    happened: datetime
    subject: str
    spot: Spot = NOWHERE
    severity: Severity | None = None
    measure: Measure | None = None
    threshold: float | None = None
    simulated: bool = False
    things: Sequence[Thing] = ()
    text: str = ""


def raise_alarm(actor: Actor, city: UUID, cause: Cause, finding: Finding) -> Alarm:
    """The alarm of this cause: a new one, or the one not yet closed, counted once more.

    Raises UnknownKind. The kind's severity counts unless the finding has its own; a graver finding
    raises the severity of the alarm, a lighter one leaves it.
    """
    kind = alarm_kind(cause.kind)
    severity = finding.severity or kind.severity
    with transaction.atomic():
        while True:
            known = _open_alarm(city, cause)
            if known is not None:
                return _repeat(actor, known, severity, finding)
            try:
                with transaction.atomic():
                    return _new(actor, city, cause, severity, finding)
            except IntegrityError as error:
                if "alarm_once_while_open" not in str(error):
                    raise


def clear_alarm(actor: Actor, city: UUID, cause: Cause, when: datetime, text: str = "") -> None:
    """Say that the cause is gone since when; does nothing when no alarm of it is open."""
    with transaction.atomic():
        alarm = _open_alarm(city, cause)
        if alarm is None or alarm.cleared is not None:
            return
        alarm.cleared = max(when, alarm.happened)
        advance(alarm, actor, Step.CLEARED, Told(text))
        if alarm_kind(cause.kind).closes_itself:
            _close_itself(actor, alarm)


def _open_alarm(city: UUID, cause: Cause) -> Alarm | None:
    return (
        Alarm.objects.select_for_update()
        .filter(city_id=city, kind=cause.kind, cause=cause.key)
        .exclude(state=AlarmState.CLOSED)
        .first()
    )


def _new(actor: Actor, city: UUID, cause: Cause, severity: Severity, finding: Finding) -> Alarm:
    alarm = Alarm(
        city_id=city,
        kind=cause.kind,
        cause=cause.key,
        severity=severity,
        subject=finding.subject,
        **vars(located(city, finding.spot)),
        simulated=finding.simulated,
        happened=finding.happened,
        last_happened=finding.happened,
        measure=_measured(finding),
    )
    begin(alarm, actor, Step.RAISED, Told(finding.text, _facts(finding)))
    _link(actor, alarm, finding)
    return alarm


def _link(actor: Actor, alarm: Alarm, finding: Finding) -> None:
    for thing in finding.things:
        add_link(actor, alarm, thing)


def located(city: UUID, spot: Spot) -> Spot:
    """spot with its district, where it has coordinates and the city has districts."""
    if spot.district or spot.lon is None or spot.lat is None:
        return spot
    district = districts_of(City.objects.get(id=city)).at(spot.lon, spot.lat)
    return spot if district is None else replace(spot, district=district.key)


def _repeat(actor: Actor, alarm: Alarm, severity: Severity, finding: Finding) -> Alarm:
    """Count it; a step of the timeline is only a graver one, one after the cause was gone, or other words."""
    new = bool(finding.text) and finding.subject != alarm.subject
    alarm.subject = finding.subject if new else alarm.subject
    alarm.repeats += 1
    alarm.last_happened = max(alarm.last_happened, finding.happened)
    alarm.measure = _measured(finding) or alarm.measure
    told = Told(finding.text, _facts(finding))
    if severity > alarm.severity:
        alarm.severity = severity
        alarm.cleared = None
        advance(alarm, actor, Step.ESCALATED, told)
    elif alarm.cleared is not None:
        alarm.cleared = None
        advance(alarm, actor, Step.RETURNED, told)
    elif new:
        advance(alarm, actor, Step.NOTED, told)
    else:
        alarm.save(force_update=True)
        announce(alarm)
    if new:
        _link(actor, alarm, finding)
    return alarm


def _close_itself(actor: Actor, alarm: Alarm) -> None:
    alarm.state = AlarmState.CLOSED
    alarm.closed = max(timezone.now(), alarm.raised)
    alarm.closed_by_name = actor.name
    alarm.outcome = Outcome.PASSED
    advance(alarm, actor, Step.CLOSED, Told(detail={"outcome": Outcome.PASSED}))


def _measured(finding: Finding) -> dict[str, object] | None:
    if finding.measure is None:
        return None
    return {**finding.measure.model_dump(mode="json"), "threshold": finding.threshold}


def _facts(finding: Finding) -> dict[str, object]:
    facts: dict[str, object] = {"happened": finding.happened.isoformat()}
    if finding.measure is not None:
        facts["value"] = finding.measure.value
        facts["unit"] = finding.measure.unit
        facts["threshold"] = finding.threshold
    return facts
