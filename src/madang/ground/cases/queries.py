"""Reads of cases, shaped for pages, the API and the desk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from madang.ground.cases.models import Alarm, AlarmState, Incident, IncidentState, Threshold
from madang.ground.people.public import Choice


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
