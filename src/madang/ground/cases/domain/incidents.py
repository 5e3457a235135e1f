"""Incidents: what one or several alarms turn out to be, handled under one number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.cases.domain.raising import NOWHERE, Spot, located
from madang.ground.cases.domain.refusals import Refused
from madang.ground.cases.domain.steps import (
    Told,
    advance,
    begin,
    expect,
    lock_alarm,
    lock_incident,
    refuse_closed,
)
from madang.ground.cases.kinds import Severity, alarm_kind, incident_kind
from madang.ground.cases.models import Alarm, Incident, IncidentState, Step
from madang.ground.city.models import City
from madang.ground.trail.public import Actor


@dataclass(frozen=True)
class Situation:
    """What an incident is opened with."""

    kind: str
    severity: Severity
    title: str
    happened: datetime
    spot: Spot = NOWHERE
    simulated: bool = False


def open_incident(actor: Actor, city: UUID, situation: Situation) -> Incident:
    """A new incident with the city's next number of this year; raises UnknownKind."""
    incident_kind(situation.kind)
    if not situation.title.strip():
        raise Refused(_("An incident needs a title."))
    now = timezone.now()
    with transaction.atomic():
        year = _year(city, now)
        incident = Incident(
            city_id=city,
            year=year,
            number=_next_number(city, year),
            kind=situation.kind,
            severity=situation.severity,
            title=situation.title.strip(),
            happened=situation.happened,
            opened=now,
            opened_by=actor.account,
            opened_by_name=actor.name,
            **vars(located(city, situation.spot)),
            simulated=situation.simulated,
        )
        begin(incident, actor, Step.OPENED, Told())
    return incident


def open_incident_of(actor: Actor, city: UUID, alarms: Sequence[UUID], title: str = "") -> Incident:
    """A new incident out of alarms, which are attached to it: as grave as the gravest, where the first is.

    Asked again by the same person it is the incident opened before.
    """
    with transaction.atomic():
        found = _locked(city, alarms)
        before = _opened_before(actor, found)
        if before is not None:
            return before
        for alarm in found:
            _refuse_attached(alarm)
        incident = open_incident(actor, city, _situation(found, title))
        for alarm in found:
            _attach(actor, alarm, incident)
    return incident


def attach_alarms(actor: Actor, city: UUID, alarms: Sequence[UUID], incident: UUID) -> Incident:
    """Say that the alarms belong to the incident; those that do already stay as they are."""
    with transaction.atomic():
        found = _locked(city, alarms)
        target = lock_incident(city, incident)
        new = [alarm for alarm in found if alarm.incident_id != target.pk]
        if new:
            refuse_closed(target)
        for alarm in new:
            _refuse_attached(alarm)
            _attach(actor, alarm, target)
    return target


def detach_alarm(actor: Actor, city: UUID, alarm: UUID, text: str) -> Alarm:
    """Say that the alarm does not belong to its incident after all, with the reason why."""
    if not text.strip():
        raise Refused(_("Say why it does not belong to the incident."))
    with transaction.atomic():
        found = lock_alarm(city, alarm)
        refuse_closed(found)
        if found.incident_id is None:
            raise Refused(_("It belongs to no incident."))
        incident = lock_incident(city, found.incident_id)
        refuse_closed(incident)
        found.incident = None
        _tell_both(actor, Step.DETACHED, found, incident, text.strip())
    return found


def close_incident(
    actor: Actor, city: UUID, incident: UUID, result: str, seen: int | None = None
) -> Incident:
    """Close the incident with how it ended; its alarms must be closed first."""
    if not result.strip():
        raise Refused(_("Say how it ended."))
    with transaction.atomic():
        found = lock_incident(city, incident)
        if found.result == result.strip() and found.closed_by == actor.account:
            return found
        refuse_closed(found)
        expect(found, seen)
        if found.alarms.filter(closed=None).exists():
            raise Refused(_("Close its alarms first."))
        found.state = IncidentState.CLOSED
        found.closed = max(timezone.now(), found.opened)
        found.closed_by = actor.account
        found.closed_by_name = actor.name
        found.result = result.strip()
        advance(found, actor, Step.CLOSED, Told(found.result))
    return found


def reopen_incident(
    actor: Actor, city: UUID, incident: UUID, text: str, seen: int | None = None
) -> Incident:
    """Open a closed incident again, with the reason why; its alarms stay closed."""
    if not text.strip():
        raise Refused(_("Say why it is opened again."))
    with transaction.atomic():
        found = lock_incident(city, incident)
        if found.closed is None:
            raise Refused(_("It is open."))
        expect(found, seen)
        found.state = IncidentState.OPEN
        found.closed = found.closed_by = None
        found.closed_by_name = found.result = ""
        advance(found, actor, Step.REOPENED, Told(text.strip()))
    return found


def _locked(city: UUID, alarms: Sequence[UUID]) -> list[Alarm]:
    """The alarms, locked in one order, so that two who take the same ones wait for each other."""
    if not alarms:
        raise Refused(_("Choose an alarm first."))
    return [lock_alarm(city, alarm) for alarm in sorted(set(alarms))]


def _opened_before(actor: Actor, alarms: Sequence[Alarm]) -> Incident | None:
    """The one open incident that this person opened and all the alarms belong to."""
    incidents = {alarm.incident for alarm in alarms}
    found = incidents.pop()
    if incidents or found is None or found.closed is not None or actor.account is None:
        return None
    return found if found.opened_by == actor.account else None


def _situation(alarms: Sequence[Alarm], title: str) -> Situation:
    first = min(alarms, key=lambda alarm: (-alarm.severity, alarm.happened))
    return Situation(
        kind=alarm_kind(first.kind).incident,
        severity=Severity(first.severity),
        title=title.strip() or first.subject,
        happened=min(alarm.happened for alarm in alarms),
        spot=Spot(first.place, first.district, first.lon, first.lat, first.x, first.y),
        simulated=all(alarm.simulated for alarm in alarms),
    )


def _attach(actor: Actor, alarm: Alarm, incident: Incident) -> None:
    alarm.incident = incident
    _tell_both(actor, Step.ATTACHED, alarm, incident)


def _tell_both(actor: Actor, step: Step, alarm: Alarm, incident: Incident, text: str = "") -> None:
    """A line in the timelines of both, each naming the other."""
    detail = {"kind": "incident", "id": str(incident.id), "label": str(incident)}
    advance(alarm, actor, step, Told(text, detail))
    detail = {"kind": "alarm", "id": str(alarm.id), "label": alarm.subject}
    advance(incident, actor, step, Told(text, detail))


def _refuse_attached(alarm: Alarm) -> None:
    refuse_closed(alarm)
    if alarm.incident is not None:
        raise Refused(
            _("It belongs to incident %(incident)s already.")
            % {"incident": alarm.incident.reference}
        )


def _year(city: UUID, now: datetime) -> int:
    zone = City.objects.values_list("time_zone", flat=True).get(id=city)
    return now.astimezone(ZoneInfo(zone)).year


def _next_number(city: UUID, year: int) -> int:
    """One statement, so that two who open at once wait for each other; a rollback gives it back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_incidentcounter (city_id, year, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (city_id, year) DO UPDATE SET last = cases_incidentcounter.last + 1"
            " RETURNING last",
            [city, year],
        )
        return int(cursor.fetchone()[0])
