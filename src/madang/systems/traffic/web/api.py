"""The API of the street as it is now: levels of service, signals, detectors, and the last day of each."""

from __future__ import annotations

import gzip
from datetime import datetime
from typing import Any, Literal

import msgspec
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth
from madang.systems.traffic.domain import courses
from madang.systems.traffic.domain.streets_now import approaches, held_network
from madang.systems.traffic.web import drawn

router = Router(tags=["traffic"])
see = RightAuth("traffic.see")


class Line(Schema):
    type: Literal["LineString"] = "LineString"
    coordinates: list[tuple[float, float]]


class Point(Schema):
    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class LinkOut(Schema):
    """A road that leads to a signal. level is that of its mean control delay (s a vehicle), "" unknown;
    volume and capacity in vehicles an hour over the last quarter of one, speed km/h, occupancy %."""

    id: str
    name: str
    signal: str
    level: str
    delay: float | None
    volume: float | None
    capacity: float
    ratio: float | None
    speed: float | None
    occupancy: float | None
    heard: datetime | None
    age: str
    simulated: bool


class LinkFeature(Schema):
    type: Literal["Feature"] = "Feature"
    geometry: Line
    properties: LinkOut


class Links(Schema):
    """source and since: the table of levels that counts; made: when this was so."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    source: str
    since: str
    made: datetime
    features: list[LinkFeature]


class SignalOut(Schema):
    """A signal as its controller reports it, or by its plan (source): `shows` is φ1 to φ8 (more are φ8) or
    "clearing", left the seconds until it changes, None where that is not known; heard is when a report
    came; level that of the crossing, of so many of its approaches as are counted."""

    id: str
    name: str
    shows: str
    phase: str
    said: str
    plan: str
    cycle: float
    left: float | None
    source: Literal["controller", "plan"]
    known: str
    heard: datetime | None
    age: str
    level: str
    approaches: str


class SignalFeature(Schema):
    type: Literal["Feature"] = "Feature"
    geometry: Point
    properties: SignalOut


class Signals(Schema):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    made: datetime
    features: list[SignalFeature]


class SectionOut(Schema):
    """A section between two readers, id as the inspector knows it: seconds of the newest time and what it
    takes on an empty road (free), state by km/h; of a quarter of an hour, how many were read at its end,
    how many of them matched and their share in %."""

    id: str
    key: str
    name: str
    state: Literal["smooth", "slow", "congested", "unheard"]
    seconds: float | None
    free: float
    speed: float | None
    metres: float
    read: int | None
    matched: int | None
    share: float | None
    heard: datetime | None
    age: str
    said: str
    simulated: bool


class SectionFeature(Schema):
    type: Literal["Feature"] = "Feature"
    geometry: Line
    properties: SectionOut


class Sections(Schema):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    made: datetime
    features: list[SectionFeature]


class DetectorOut(Schema):
    """A detector, id as the inspector knows it; said is its volume and speed in short."""

    id: str
    key: str
    name: str
    road: str
    state: Literal["fresh", "old", "unheard"]
    volume: float | None
    speed: float | None
    occupancy: float | None
    heard: datetime | None
    age: str
    said: str
    simulated: bool


class DetectorFeature(Schema):
    type: Literal["Feature"] = "Feature"
    geometry: Point
    properties: DetectorOut


class Detectors(Schema):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    made: datetime
    features: list[DetectorFeature]


class CourseOut(Schema):
    """unit is a UCUM code; points are the beginnings of quarters of an hour and their values."""

    unit: str
    points: list[tuple[datetime, float]]


@router.get("/{city}/traffic/links", response=Links, auth=see)
def links(request: CityRequest, city: str) -> HttpResponse:
    """The level of service of every road that leads to a signal, by KHCM's control delay (GeoJSON)."""
    return _said(request, drawn.links(request.city, timezone.now()))


@router.get("/{city}/traffic/signals", response=Signals, auth=see)
def signals(request: CityRequest, city: str) -> HttpResponse:
    """What every signal shows now, as its controller reports it or else by its plan (GeoJSON)."""
    return _said(request, drawn.signals(request.city, timezone.now()))


@router.get("/{city}/traffic/detectors", response=Detectors, auth=see)
def detectors(request: CityRequest, city: str) -> HttpResponse:
    """What every detector says: vehicles an hour, km/h, how long ago (GeoJSON)."""
    return _said(request, drawn.detectors(request.city, timezone.now()))


@router.get("/{city}/traffic/sections", response=Sections, auth=see)
def sections(request: CityRequest, city: str) -> HttpResponse:
    """How long the sections between two readers take, of how many vehicles, how long ago (GeoJSON)."""
    return _said(request, drawn.travel_times(request.city, timezone.now()))


@router.get("/{city}/traffic/course/{what}/{thing}/{path:key}", response=CourseOut, auth=see)
def course(
    request: CityRequest,
    city: str,
    what: Literal["volume", "delay"],
    thing: Literal["link", "signal"],
    key: str,
) -> Any:
    """The last day of a road (its key) or a crossing (its controller's), by quarters of an hour."""
    now = timezone.now()
    held = held_network(request.city, now)
    edges: list[int] = []
    if held is not None:
        ids, signals = held.network.edges.ids, held.network.signals.controllers
        edges = [
            edge
            for edge, signal in approaches(held.network)
            if (ids[edge] if thing == "link" else signals[signal].key) == key
        ]
    if not edges:
        raise Http404(_("There is no such thing here, or you may not see it."))
    quarters = courses.course(request.city, edges, now)
    unit = "/h" if what == "volume" else "s"
    return {"unit": unit, "points": [(one.begin, getattr(one, what)) for one in quarters]}


def _said(request: CityRequest, collection: dict[str, Any]) -> HttpResponse:
    """Encoded at once: a thousand roads every half minute are not looked at field by field again."""
    content = msgspec.json.encode(collection)
    said = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        content, said["Content-Encoding"] = gzip.compress(content, 4, mtime=0), "gzip"
    return HttpResponse(content, content_type="application/geo+json", headers=said)
