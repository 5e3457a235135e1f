"""Incidents: what one or several alarms turn out to be, handled under one number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.cases.domain.raising import NOWHERE, Spot, located
from madang.ground.cases.domain.refusals import AlreadyDone, Refused
from madang.ground.cases.domain.steps import (
    Told,
    advance,
    begin,
    expect,
    lock_alarm,
    lock_incident,
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


def open_incident_of(actor: Actor, city: UUID, alarm: UUID, title: str = "") -> Incident:
    """A new incident out of an alarm, which is attached to it."""
    with transaction.atomic():
        found = lock_alarm(city, alarm)
        _refuse_attached(found)
        spot = Spot(found.place, found.district, found.lon, found.lat, found.x, found.y)
        situation = Situation(
            kind=alarm_kind(found.kind).incident,
            severity=Severity(found.severity),
            title=title or found.subject,
            happened=found.happened,
            spot=spot,
            simulated=found.simulated,
        )
        incident = open_incident(actor, city, situation)
        _attach(actor, found, incident)
    return incident


def attach_alarm(actor: Actor, city: UUID, alarm: UUID, incident: UUID) -> Incident:
    """Say that the alarm belongs to the incident."""
    with transaction.atomic():
        found = lock_alarm(city, alarm)
        _refuse_attached(found)
        target = lock_incident(city, incident)
        _refuse_closed(target)
        _attach(actor, found, target)
    return target


def close_incident(
    actor: Actor, city: UUID, incident: UUID, result: str, seen: int | None = None
) -> Incident:
    """Close the incident with how it ended; its alarms must be closed first."""
    if not result.strip():
        raise Refused(_("Say how it ended."))
    with transaction.atomic():
        found = lock_incident(city, incident)
        _refuse_closed(found)
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


def _attach(actor: Actor, alarm: Alarm, incident: Incident) -> None:
    alarm.incident = incident
    detail = {"kind": "incident", "id": str(incident.id), "label": str(incident)}
    advance(alarm, actor, Step.ATTACHED, Told(detail=detail))
    detail = {"kind": "alarm", "id": str(alarm.id), "label": alarm.subject}
    advance(incident, actor, Step.ATTACHED, Told(detail=detail))


def _refuse_attached(alarm: Alarm) -> None:
    if alarm.closed is not None:
        raise AlreadyDone(
            _("%(name)s has closed it already.") % {"name": alarm.closed_by_name},
            alarm.closed_by_name,
            alarm.closed,
        )
    if alarm.incident is not None:
        raise Refused(
            _("It belongs to incident %(incident)s already.")
            % {"incident": alarm.incident.reference}
        )


def _refuse_closed(incident: Incident) -> None:
    if incident.closed is not None:
        by = incident.closed_by_name
        raise AlreadyDone(_("%(name)s has closed it already.") % {"name": by}, by, incident.closed)


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
