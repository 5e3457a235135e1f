"""Alarms and incidents over the API: lists, one with its timeline, and what people do with them.

Every act answers with the case as it is then. One that came too late answers 409 and says who was first;
the same act sent twice by the same person answers as the first did.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import AwareDatetime, Field

from madang.ground.cases import queries
from madang.ground.cases.domain import handling, incidents, linking
from madang.ground.cases.domain.raising import Spot
from madang.ground.cases.domain.refusals import NoSuchCase, Refused
from madang.ground.cases.kinds import Severity, UnknownKind
from madang.ground.cases.models import Alarm, Incident, IncidentState, Outcome
from madang.ground.cases.queries import Narrowed
from madang.ground.cases.web import shapes
from madang.ground.cases.web.acts import allowed, found, thing
from madang.ground.cases.web.shapes import (
    AlarmOut,
    AlarmWhole,
    CountsOut,
    IncidentOut,
    IncidentWhole,
    ThresholdOut,
)
from madang.ground.city.public import to_metres
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth, acting
from madang.ground.web.paging import Page, PageQuery, page

router = Router(tags=["cases"])
view = RightAuth("cases.view")
ALARM, INCIDENT = "/{city}/alarms/{uuid:pk}", "/{city}/incidents/{uuid:pk}"
NO_NUL = r"^[^\x00]*$"  # which PostgreSQL keeps in no text
Words = Annotated[str, Field(max_length=4000, pattern=NO_NUL)]
Name = Annotated[str, Field(max_length=200, pattern=NO_NUL)]
Row = TypeVar("Row", Alarm, Incident)


class AlarmQuery(Schema):
    """What a list of alarms is narrowed to."""

    state: Literal["", "open", "acknowledged", "closed", "waiting"] = Field(
        "", description="waiting: open or acknowledged"
    )
    severity: int = Field(0, ge=0, le=4, description="this grave or graver")
    kind: str = Field("", max_length=100, pattern=NO_NUL)
    domain: str = Field("", max_length=100, pattern=NO_NUL)
    district: str = Field("", max_length=100, pattern=NO_NUL)
    q: str = Field(
        "", max_length=100, pattern=NO_NUL, description="words of the subject or the place"
    )
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    incident: UUID | None = None


class Seen(Schema):
    """seen is the version the person decided on; null: whatever it is now."""

    seen: int | None = Field(None, ge=1, le=2**31 - 1)


class NoteIn(Schema):
    """once is an id of the sender's choice: the same again is the same note."""

    text: Words
    once: UUID | None = None


class ThingIn(Schema):
    """A thing by its kind (device, camera, place, moving, alarm, …) and id, as the console names it."""

    kind: Annotated[str, Field(max_length=40, pattern=NO_NUL)]
    id: Name


class CloseIn(Seen):
    outcome: Outcome
    text: Words = ""


class ReopenIn(Seen):
    text: Words


class ResultIn(Seen):
    result: Words


class AlarmsIn(Schema):
    alarms: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class IncidentIn(Schema):
    """An incident out of alarms, or one that was told (a call): then kind, severity and title say what."""

    alarms: Annotated[list[UUID], Field(max_length=200)] = []
    title: Name = ""
    kind: Annotated[str, Field(max_length=100)] = ""
    severity: Severity = Severity.MAJOR
    happened: AwareDatetime | None = None
    place: Name = ""
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None


@router.get("/{city}/alarms", response=Page[AlarmOut], auth=view)
def alarms(
    request: CityRequest, city: str, asked: Annotated[AlarmQuery, Query()], paging: PageQuery
) -> Page[AlarmOut]:
    """Alarms, the newest first."""
    words = asked.dict()
    rows = queries.alarms(request.city.pk, Narrowed(words=words.pop("q"), **words))
    return page(rows, paging, shapes.alarm, ("-raised", "-id"))


@router.get("/{city}/alarms/counts", response=CountsOut, auth=view)
def counts(request: CityRequest, city: str) -> Any:
    """How many alarms wait, by severity, and how many incidents are open."""
    return queries.counts(request.city.pk)


@router.get("/{city}/alarms/thresholds", response=list[ThresholdOut], auth=view)
def thresholds(request: CityRequest, city: str) -> Any:
    """The levels that count now, each with its source."""
    return queries.thresholds_at(request.city.pk, timezone.now())


@router.get(ALARM, response=AlarmWhole, auth=view)
def alarm(request: CityRequest, city: str, pk: UUID) -> AlarmWhole:
    """One alarm with its timeline and what is linked to it."""
    return shapes.whole_alarm(found(Alarm, request, pk))


@router.post(f"{ALARM}/acknowledge", response=AlarmWhole, auth=RightAuth("cases.acknowledge"))
def acknowledge(request: CityRequest, city: str, pk: UUID, said: Seen) -> AlarmWhole:
    """Take an alarm: from now on this person looks after it."""
    allowed(request, "cases.acknowledge", found(Alarm, request, pk))
    done = _done(lambda: handling.acknowledge(acting(request), request.city.pk, pk, said.seen))
    return shapes.whole_alarm(done)


@router.post(f"{ALARM}/notes", response=AlarmWhole, auth=RightAuth("cases.note"))
def note(request: CityRequest, city: str, pk: UUID, said: NoteIn) -> AlarmWhole:
    """Write a line into an alarm's timeline."""
    allowed(request, "cases.note", found(Alarm, request, pk))
    words = (said.text, said.once)
    return shapes.whole_alarm(
        _done(lambda: handling.note(acting(request), request.city.pk, pk, *words))
    )


@router.post(f"{ALARM}/links", response=AlarmWhole, auth=RightAuth("cases.note"))
def link(request: CityRequest, city: str, pk: UUID, said: ThingIn) -> AlarmWhole:
    """Link a thing to an alarm; the server knows what it is called."""
    allowed(request, "cases.note", found(Alarm, request, pk))
    return shapes.whole_alarm(
        _done(
            lambda: linking.link_alarm(
                acting(request), request.city.pk, pk, thing(request, said.kind, said.id)
            )
        )
    )


@router.post(f"{ALARM}/close", response=AlarmWhole, auth=RightAuth("cases.close"))
def close(request: CityRequest, city: str, pk: UUID, said: CloseIn) -> AlarmWhole:
    """Close an alarm with what it turned out to be."""
    allowed(request, "cases.close", found(Alarm, request, pk))
    words = (said.outcome, said.text, said.seen)
    return shapes.whole_alarm(
        _done(lambda: handling.close(acting(request), request.city.pk, pk, *words))
    )


@router.post(f"{ALARM}/reopen", response=AlarmWhole, auth=RightAuth("cases.reopen"))
def reopen(request: CityRequest, city: str, pk: UUID, said: ReopenIn) -> AlarmWhole:
    """Open a closed alarm again, with the reason why."""
    allowed(request, "cases.reopen", found(Alarm, request, pk))
    words = (said.text, said.seen)
    return shapes.whole_alarm(
        _done(lambda: handling.reopen(acting(request), request.city.pk, pk, *words))
    )


@router.get("/{city}/incidents", response=Page[IncidentOut], auth=view)
def incident_list(
    request: CityRequest,
    city: str,
    paging: PageQuery,
    state: Annotated[Literal["", "open", "closed"], Query()] = "",
) -> Page[IncidentOut]:
    """Incidents, the newest first."""
    rows = Incident.objects.filter(city=request.city)
    if state:
        rows = rows.filter(state=IncidentState(state))
    return page(rows, paging, shapes.incident, ("-opened", "-id"))


@router.get(INCIDENT, response=IncidentWhole, auth=view)
def incident(request: CityRequest, city: str, pk: UUID) -> IncidentWhole:
    """One incident with its alarms, its timeline and what is linked to it."""
    return shapes.whole_incident(found(Incident, request, pk))


@router.post("/{city}/incidents", response=IncidentWhole, auth=RightAuth("cases.open_incident"))
def open_incident(request: CityRequest, city: str, said: IncidentIn) -> IncidentWhole:
    """Open an incident out of alarms, or without one."""
    actor, here = acting(request), request.city.pk
    if said.alarms:
        allowed(request, "cases.open_incident", *_alarms(request, said.alarms))
        done = _done(lambda: incidents.open_incident_of(actor, here, said.alarms, said.title))
    else:
        done = _done(lambda: incidents.open_incident(actor, here, _situation(request, said)))
    return shapes.whole_incident(done)


@router.post(f"{INCIDENT}/alarms", response=IncidentWhole, auth=RightAuth("cases.open_incident"))
def attach(request: CityRequest, city: str, pk: UUID, said: AlarmsIn) -> IncidentWhole:
    """Put alarms to an incident."""
    alarms = _alarms(request, said.alarms)
    allowed(request, "cases.open_incident", found(Incident, request, pk), *alarms)
    return shapes.whole_incident(
        _done(lambda: incidents.attach_alarms(acting(request), request.city.pk, said.alarms, pk))
    )


@router.post(f"{INCIDENT}/notes", response=IncidentWhole, auth=RightAuth("cases.note"))
def note_incident(request: CityRequest, city: str, pk: UUID, said: NoteIn) -> IncidentWhole:
    """Write a line into an incident's timeline."""
    allowed(request, "cases.note", found(Incident, request, pk))
    words = (said.text, said.once)
    return shapes.whole_incident(
        _done(lambda: incidents.note_incident(acting(request), request.city.pk, pk, *words))
    )


@router.post(f"{INCIDENT}/links", response=IncidentWhole, auth=RightAuth("cases.note"))
def link_incident(request: CityRequest, city: str, pk: UUID, said: ThingIn) -> IncidentWhole:
    """Link a thing to an incident."""
    allowed(request, "cases.note", found(Incident, request, pk))
    return shapes.whole_incident(
        _done(
            lambda: linking.link_incident(
                acting(request), request.city.pk, pk, thing(request, said.kind, said.id)
            )
        )
    )


@router.post(f"{INCIDENT}/close", response=IncidentWhole, auth=RightAuth("cases.close_incident"))
def close_incident(request: CityRequest, city: str, pk: UUID, said: ResultIn) -> IncidentWhole:
    """Close an incident with how it ended; its alarms must be closed first."""
    allowed(request, "cases.close_incident", found(Incident, request, pk))
    words = (said.result, said.seen)
    return shapes.whole_incident(
        _done(lambda: incidents.close_incident(acting(request), request.city.pk, pk, *words))
    )


@router.post(f"{INCIDENT}/reopen", response=IncidentWhole, auth=RightAuth("cases.reopen"))
def reopen_incident(request: CityRequest, city: str, pk: UUID, said: ReopenIn) -> IncidentWhole:
    """Open a closed incident again, with the reason why."""
    allowed(request, "cases.reopen", found(Incident, request, pk))
    words = (said.text, said.seen)
    return shapes.whole_incident(
        _done(lambda: incidents.reopen_incident(acting(request), request.city.pk, pk, *words))
    )


def _alarms(request: CityRequest, keys: list[UUID]) -> list[Alarm]:
    return [found(Alarm, request, key) for key in keys]


def _situation(request: CityRequest, said: IncidentIn) -> incidents.Situation:
    if (said.lon is None) != (said.lat is None):
        raise HttpError(422, _("A point needs both lon and lat."))
    if said.happened is not None and said.happened > timezone.now():
        raise HttpError(422, _("It cannot have happened later than now."))
    spot = Spot(said.place)
    if said.lon is not None and said.lat is not None:
        x, y = to_metres([said.lon], [said.lat], request.city.crs)
        spot = Spot(said.place, "", said.lon, said.lat, float(x[0]), float(y[0]))
    return incidents.Situation(
        kind=said.kind,
        severity=said.severity,
        title=said.title,
        happened=said.happened or timezone.now(),
        spot=spot,
    )


def _done(act: Callable[[], Row]) -> Row:
    """The case after the act; what is refused is 409, a case that is not there 404."""
    try:
        return act()
    except NoSuchCase as refusal:
        raise HttpError(404, str(refusal)) from None
    except Refused as refusal:
        raise HttpError(409, str(refusal)) from None
    except UnknownKind as unknown:
        raise HttpError(422, str(unknown)) from None
