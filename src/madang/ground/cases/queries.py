"""Reads of cases, shaped for pages, the API and the desk."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from madang.ground.cases.models import Incident, IncidentState, Threshold
from madang.ground.people.public import Choice


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
