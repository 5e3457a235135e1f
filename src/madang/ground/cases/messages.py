"""What this room says on the log: the whole state of a case, each time it changes.

A reader that missed one is right again with the next; number, the case's version, tells old from new.
The words are stored in the outbox within the change's own transaction and published after its commit,
so a change that was acknowledged is never left unsaid.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from madang.ground.bus.messages import Message, encode
from madang.ground.bus.streams import Stream
from madang.ground.cases.models import Alarm, Incident, Outgoing


class AlarmSaid(Message, frozen=True, kw_only=True, tag="alarm"):
    """An alarm as it is now. x and y are metres in the city's CRS, times UTC."""

    case: UUID
    number: int
    case_kind: str
    severity: int
    state: str
    subject: str
    place: str
    district: str
    lon: float | None
    lat: float | None
    x: float | None
    y: float | None
    simulated: bool
    measure: dict[str, Any] | None
    happened: datetime
    raised: datetime
    repeats: int
    last_happened: datetime
    cleared: datetime | None
    acknowledged: datetime | None
    acknowledged_by: str
    closed: datetime | None
    closed_by: str
    outcome: str
    incident: UUID | None


class IncidentSaid(Message, frozen=True, kw_only=True, tag="incident"):
    """An incident as it is now. x and y are metres in the city's CRS, times UTC."""

    case: UUID
    number: int
    reference: str
    case_kind: str
    severity: int
    state: str
    title: str
    place: str
    district: str
    lon: float | None
    lat: float | None
    x: float | None
    y: float | None
    simulated: bool
    happened: datetime
    opened: datetime
    opened_by: str
    closed: datetime | None
    closed_by: str
    result: str


# Cases are never dropped to make room, and a city has few of them.
STREAMS = (
    Stream(AlarmSaid, hours=24 * 30, megabytes=100, refuses_when_full=True),
    Stream(IncidentSaid, hours=24 * 30, megabytes=50, refuses_when_full=True),
)

SOURCE = "cases"


def alarm_said(alarm: Alarm) -> AlarmSaid:
    """The alarm in the words of the log."""
    return AlarmSaid(
        city=alarm.city.key,
        source=SOURCE,
        case=alarm.id,
        number=alarm.version,
        case_kind=alarm.kind,
        severity=int(alarm.severity),
        state=alarm.state,
        subject=alarm.subject,
        place=alarm.place,
        district=alarm.district,
        lon=alarm.lon,
        lat=alarm.lat,
        x=alarm.x,
        y=alarm.y,
        simulated=alarm.simulated,
        measure=alarm.measure,
        happened=alarm.happened,
        raised=alarm.raised,
        repeats=alarm.repeats,
        last_happened=alarm.last_happened,
        cleared=alarm.cleared,
        acknowledged=alarm.acknowledged,
        acknowledged_by=alarm.acknowledged_by_name,
        closed=alarm.closed,
        closed_by=alarm.closed_by_name,
        outcome=alarm.outcome,
        incident=alarm.incident_id,
    )


def incident_said(incident: Incident) -> IncidentSaid:
    """The incident in the words of the log."""
    return IncidentSaid(
        city=incident.city.key,
        source=SOURCE,
        case=incident.id,
        number=incident.version,
        reference=incident.reference,
        case_kind=incident.kind,
        severity=int(incident.severity),
        state=incident.state,
        title=incident.title,
        place=incident.place,
        district=incident.district,
        lon=incident.lon,
        lat=incident.lat,
        x=incident.x,
        y=incident.y,
        simulated=incident.simulated,
        happened=incident.happened,
        opened=incident.opened,
        opened_by=incident.opened_by_name,
        closed=incident.closed,
        closed_by=incident.closed_by_name,
        result=incident.result,
    )


def announce(case: Alarm | Incident) -> None:
    """Put the case as it is now into the outbox, in the transaction of its change."""
    said = alarm_said(case) if isinstance(case, Alarm) else incident_said(case)
    Outgoing.objects.create(
        city_id=case.city_id,
        message=said.id,
        kind=said.kind(),
        city_key=said.city,
        body=encode(said),
    )
