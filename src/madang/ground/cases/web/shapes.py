"""Alarms, incidents and their timelines as the API says them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from madang.ground.cases.kinds import alarm_title, domain_of, incident_title
from madang.ground.cases.models import Alarm, Incident, Link, TimelineEntry
from madang.ground.measure import Measure

CASE = (
    *("id", "kind", "severity", "state", "place", "district", "lon", "lat", "simulated"),
    *("happened", "closed", "version"),
)
ALARM = ("subject", "raised", "repeats", "last_happened", "cleared", "acknowledged", "outcome")


class CaseOut(Schema):
    """What alarms and incidents have in common. lon and lat are degrees, district its official code."""

    id: UUID
    kind: str
    title: str = Field(description="the kind, in the language asked for")
    domain: str = Field(description="control domain: whose business it is")
    severity: int = Field(description="1 information, 2 minor, 3 major, 4 critical")
    state: str
    place: str
    district: str
    lon: float | None
    lat: float | None
    simulated: bool
    happened: datetime
    closed: datetime | None
    closed_by: str
    version: int = Field(description="send it back as `seen` with an act")


class AlarmOut(CaseOut):
    """One alarm. state is open, acknowledged or closed; cleared is when its cause was gone."""

    subject: str
    measure: Measure | None
    threshold: float | None = Field(description="the level that was reached, in the measure's unit")
    raised: datetime
    repeats: int
    last_happened: datetime
    cleared: datetime | None
    acknowledged: datetime | None
    acknowledged_by: str
    outcome: str
    incident: UUID | None


class IncidentOut(CaseOut):
    """One incident. state is open or closed; result is how it ended."""

    reference: str
    subject: str
    opened: datetime
    opened_by: str
    result: str


class EntryOut(Schema):
    """One line of a timeline; number is the version of the case that it made."""

    number: int
    time: datetime
    step: str
    actor: str
    text: str
    detail: dict[str, Any]


class LinkOut(Schema):
    """A thing that has to do with the case."""

    kind: str
    id: str
    label: str
    time: datetime
    actor: str


class AlarmWhole(AlarmOut):
    """An alarm with all that was done and is linked."""

    timeline: list[EntryOut]
    links: list[LinkOut]


class IncidentWhole(IncidentOut):
    """An incident with its alarms and all that was done and is linked."""

    timeline: list[EntryOut]
    links: list[LinkOut]
    alarms: list[AlarmOut]


class ThresholdOut(Schema):
    """A level that counts now: of what, from when on, and the rule or decision that set it."""

    device_kind: str
    quantity: str
    unit: str
    alarm_kind: str
    severity: int
    above: bool
    level: float
    clear_level: float
    hold: float = Field(description="seconds it must last")
    valid_from: datetime
    source: str


class CountsOut(Schema):
    """How much there is to do; by_severity counts the alarms that wait."""

    open: int
    acknowledged: int
    by_severity: dict[int, int]
    incidents: int


def alarm(row: Alarm) -> AlarmOut:
    said = row.measure or {}
    return AlarmOut(
        **_plain(row, *CASE, *ALARM),
        title=str(alarm_title(row.kind)),
        domain=domain_of(row.kind, of_alarm=True),
        closed_by=row.closed_by_name,
        acknowledged_by=row.acknowledged_by_name,
        measure=measure_of(row),
        threshold=said.get("threshold"),
        incident=row.incident_id,
    )


def incident(row: Incident) -> IncidentOut:
    return IncidentOut(
        **_plain(row, *CASE, "reference", "opened", "result"),
        title=str(incident_title(row.kind)),
        domain=domain_of(row.kind, of_alarm=False),
        subject=row.title,
        opened_by=row.opened_by_name,
        closed_by=row.closed_by_name,
    )


def whole_alarm(row: Alarm) -> AlarmWhole:
    return AlarmWhole(**alarm(row).dict(), timeline=_timeline(row), links=_links(row))


def whole_incident(row: Incident) -> IncidentWhole:
    alarms = [alarm(one) for one in row.alarms.order_by("raised")]
    told = {"timeline": _timeline(row), "links": _links(row)}
    return IncidentWhole(**{**incident(row).dict(), **told, "alarms": alarms})


def measure_of(row: Alarm) -> Measure | None:
    """The measure that raised it, without what is kept beside it."""
    if row.measure is None:
        return None
    return Measure.model_validate(
        {name: value for name, value in row.measure.items() if name in Measure.model_fields}
    )


def _timeline(row: Alarm | Incident) -> list[EntryOut]:
    entries: list[TimelineEntry] = list(row.timeline.all())
    return [
        EntryOut(actor=one.actor_name, **_plain(one, "number", "time", "step", "text", "detail"))
        for one in entries
    ]


def _links(row: Alarm | Incident) -> list[LinkOut]:
    links: list[Link] = list(row.links.order_by("time"))
    return [
        LinkOut(
            kind=one.thing_kind,
            id=one.thing_id,
            label=one.label,
            time=one.time,
            actor=one.actor_name,
        )
        for one in links
    ]


def _plain(row: object, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
