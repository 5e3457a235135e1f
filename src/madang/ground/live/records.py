"""The ground's own records on live screens: alarms and incidents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from madang.ground.cases.messages import AlarmSaid, IncidentSaid, alarm_said, incident_said
from madang.ground.cases.models import Alarm, AlarmState, Incident, IncidentState
from madang.ground.live.kinds import Record, Recorded

MOST_REPEATS = 1 << 20
HEAD = frozenset({"id", "city", "source", "made", "version", "case"})
"""Fields of a message that are about the message, not about the case."""


def alarm_record(said: AlarmSaid) -> Record:
    """A repetition changes no version, so the rank counts it as well."""
    rank = said.number * MOST_REPEATS + min(said.repeats, MOST_REPEATS - 1)
    return Record(str(said.case), rank, _fields(said), over=said.state == AlarmState.CLOSED)


def incident_record(said: IncidentSaid) -> Record:
    return Record(
        str(said.case), said.number, _fields(said), over=said.state == IncidentState.CLOSED
    )


def alarms_in(city: str) -> Iterable[AlarmSaid]:
    """The alarms of a city that are not closed."""
    rows = Alarm.objects.filter(city__key=city).exclude(state=AlarmState.CLOSED)
    return [alarm_said(alarm) for alarm in rows.select_related("city")]


def incidents_in(city: str) -> Iterable[IncidentSaid]:
    """The incidents of a city that are not closed."""
    rows = Incident.objects.filter(city__key=city).exclude(state=IncidentState.CLOSED)
    return [incident_said(incident) for incident in rows.select_related("city")]


def _fields(said: AlarmSaid | IncidentSaid) -> dict[str, Any]:
    """The case in what MessagePack can say: times in ms since 1970 UTC, ids as text."""
    fields = {name: getattr(said, name) for name in said.__struct_fields__ if name not in HEAD}
    fields["kind"] = fields.pop("case_kind")
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    return msgspec.to_builtins(value)


ALARMS = Recorded("alarms", AlarmSaid, alarm_record, alarms_in)
INCIDENTS = Recorded("incidents", IncidentSaid, incident_record, incidents_in)
