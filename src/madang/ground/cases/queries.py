"""Reads of cases, shaped for pages, the API and the desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from madang.ground.cases.kinds import domain_of, known_kinds
from madang.ground.cases.models import (
    Alarm,
    AlarmState,
    Incident,
    IncidentState,
    Link,
    Threshold,
)
from madang.ground.people.public import Choice


@dataclass(frozen=True)
class Narrowed:
    """What a list of alarms is narrowed to; empty means all of them."""

    state: str = ""
    severity: int = 0
    kind: str = ""
    domain: str = ""
    district: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    incident: UUID | None = None


NOT_CLOSED = "waiting"  # a state of lists: open or acknowledged


def alarms(city: UUID, narrowed: Narrowed) -> QuerySet[Alarm]:
    """The alarms of a city; severity is the lightest that is wanted."""
    rows = Alarm.objects.filter(city_id=city).select_related("incident", "city")
    equal = {
        "kind": narrowed.kind,
        "district": narrowed.district,
        "incident_id": narrowed.incident,
        "raised__gte": narrowed.since,
        "raised__lt": narrowed.until,
        "severity__gte": narrowed.severity,
    }
    rows = rows.filter(**{name: value for name, value in equal.items() if value})
    rows = in_state(rows, narrowed.state)
    if narrowed.domain:
        rows = rows.filter(kind__in=_kinds_of(narrowed.domain))
    return worded(rows, narrowed.words)


def in_state(rows: QuerySet[Alarm], state: str) -> QuerySet[Alarm]:
    """The alarms in a state, or those that are not closed."""
    if state == NOT_CLOSED:
        return rows.exclude(state=AlarmState.CLOSED)
    return rows.filter(state=state) if state else rows


def worded(rows: QuerySet[Alarm], words: str) -> QuerySet[Alarm]:
    """The alarms whose subject or place has the words."""
    if not words.strip():
        return rows
    return rows.filter(Q(subject__icontains=words.strip()) | Q(place__icontains=words.strip()))


def _kinds_of(domain: str) -> list[str]:
    return [kind for kind in known_kinds() if domain_of(kind, of_alarm=True) == domain]


@dataclass(frozen=True)
class Counts:
    """How many alarms wait and are taken, those that wait by severity, and how many incidents are open."""

    open: int
    acknowledged: int
    by_severity: dict[int, int]
    incidents: int


def counts(city: UUID) -> Counts:
    """How much there is to do in a city."""
    rows = Alarm.objects.filter(city_id=city).exclude(state=AlarmState.CLOSED)
    found = list(rows.values_list("state", "severity").annotate(n=Count("id")))
    waiting = {
        level: sum(n for state, severity, n in found if (state, severity) == ("open", level))
        for level in (4, 3, 2, 1)
    }
    return Counts(
        open=sum(waiting.values()),
        acknowledged=sum(n for state, _, n in found if state == AlarmState.ACKNOWLEDGED),
        by_severity=waiting,
        incidents=Incident.objects.filter(city_id=city, state=IncidentState.OPEN).count(),
    )


def linking_to(city: UUID, kind: str, thing: str) -> list[Link]:
    """The links of other cases to a thing, the newest first."""
    rows = Link.objects.filter(city_id=city, thing_kind=kind, thing_id=thing)
    return list(rows.select_related("alarm", "incident").order_by("-time")[:50])


def threshold_history(city: UUID) -> list[Threshold]:
    """Every threshold row of a city, those that are superseded and those of the future too."""
    return list(Threshold.objects.filter(city_id=city).order_by("valid_from"))


def open_causes(city: UUID, kinds: Iterable[str] | None = None) -> dict[tuple[str, str], Alarm]:
    """The alarms that are not closed, by kind and cause."""
    rows = Alarm.objects.filter(city_id=city).exclude(state=AlarmState.CLOSED)
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    return {(alarm.kind, alarm.cause): alarm for alarm in rows}


def thresholds_at(city: UUID, when: datetime) -> list[Threshold]:
    """The thresholds that count at a time, the gravest of each quantity first."""
    rows = (
        Threshold.objects.filter(city_id=city, valid_from__lte=when)
        .order_by("device_kind", "quantity", "-severity", "-valid_from")
        .distinct("device_kind", "quantity", "severity")
    )
    return [row for row in rows if row.level is not None]


def open_incident_choices(city: UUID) -> list[Choice]:
    """The open incidents of city, the newest first, for whoever grants cameras for one."""
    found = Incident.objects.filter(city=city, state=IncidentState.OPEN).order_by("-opened")
    return [Choice(one.pk, str(one)) for one in found[:200]]
