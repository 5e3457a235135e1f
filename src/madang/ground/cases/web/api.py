"""Alarms and incidents over the API: lists, one with its timeline, and what people do with them.

Every act answers with the case as it is then. One that came too late answers 409 and says who was first;
the same act sent twice by the same person answers as the first did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import AwareDatetime, Field

from madang.ground.cases import queries
from madang.ground.cases.domain import incidents
from madang.ground.cases.domain.raising import Spot
from madang.ground.cases.domain.refusals import NoSuchCase, Refused
from madang.ground.cases.kinds import Severity, UnknownKind
from madang.ground.cases.models import Alarm, Incident, IncidentState, Outcome
from madang.ground.cases.queries import Narrowed
from madang.ground.cases.web import shapes
from madang.ground.cases.web.acts import ALARM_ACTS, INCIDENT_ACTS, CaseAct, allowed, found
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
INCIDENT = "/{city}/incidents/{uuid:pk}"
NO_NUL = r"^[^\x00]*$"  # which PostgreSQL keeps in no text
Words = Annotated[str, Field(max_length=4000, pattern=NO_NUL)]
Name = Annotated[str, Field(max_length=200, pattern=NO_NUL)]
Row = TypeVar("Row", bound=Alarm | Incident)


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


class ReasonIn(Schema):
    text: Words


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


@dataclass(frozen=True)
class Offered:
    """One kind of case over the API: where it is, its row, how it is shown, and what may be done to it.

    acts are the last word of the address, the act, the body, and what it does.
    """

    noun: str
    at: str
    model: type[Alarm] | type[Incident]
    whole: type[Schema]
    show: Callable[[Any], Schema]
    does: dict[str, CaseAct]
    acts: tuple[tuple[str, str, type[Schema], str], ...]


OF_EITHER = (
    ("notes", "note", NoteIn, "Write a line into its timeline."),
    ("links", "link", ThingIn, "Link a thing to it; the server knows what the thing is called."),
    ("reopen", "reopen", ReopenIn, "Open it again after it was closed, with the reason why."),
)
OFFERED = (
    Offered(
        "alarm",
        "/{city}/alarms/{uuid:pk}",
        Alarm,
        AlarmWhole,
        shapes.whole_alarm,
        ALARM_ACTS,
        (
            (
                "acknowledge",
                "acknowledge",
                Seen,
                "Take it: this person looks after it from now on.",
            ),
            ("close", "close", CloseIn, "Close it with what it turned out to be."),
            ("detach", "detach", ReasonIn, "Take it out of its incident, with the reason why."),
            *OF_EITHER,
        ),
    ),
    Offered(
        "incident",
        INCIDENT,
        Incident,
        IncidentWhole,
        shapes.whole_incident,
        INCIDENT_ACTS,
        (
            ("close", "close", ResultIn, "Close it with how it ended; its alarms come first."),
            *OF_EITHER,
        ),
    ),
)


def _offer(kind: Offered) -> None:
    """Have the router show a kind of case and do what may be done to it."""

    def show(request: CityRequest, city: str, pk: UUID) -> Schema:
        """The case with its timeline and what is linked to it."""
        model: Any = kind.model
        return kind.show(found(model, request, pk))

    router.get(
        kind.at,
        response=kind.whole,
        auth=view,
        operation_id=kind.noun,
        summary=f"One {kind.noun}",
    )(show)
    for word, name, body, does in kind.acts:
        _offer_act(kind, word, name, body, does)


def _offer_act(kind: Offered, word: str, name: str, body: type[Schema], does: str) -> None:
    act = kind.does[name]

    def do(request: CityRequest, city: str, pk: UUID, said: Any) -> Schema:
        return kind.show(_done(lambda: act.perform(request, pk, said.dict())))

    do.__annotations__["said"] = body
    router.post(
        f"{kind.at}/{word}",
        response=kind.whole,
        auth=RightAuth(act.right),
        operation_id=f"{name}_{kind.noun}",
        summary=f"{name.capitalize()} an {kind.noun}",
        description=does,
    )(do)


for _kind in OFFERED:
    _offer(_kind)


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
