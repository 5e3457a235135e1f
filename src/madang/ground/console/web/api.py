"""The console's API: search, everything about a thing, what is near, and what a person keeps."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from madang.ground.cases.models import Alarm
from madang.ground.city.tiles.keeping import version
from madang.ground.city.web.asked import layer_for
from madang.ground.city.web.middleware import CityRequest
from madang.ground.console import queries, record
from madang.ground.console.asking import asking
from madang.ground.console.boot import plain
from madang.ground.console.domain import boards, keeping
from madang.ground.console.models import Board, Bookmark, SavedView
from madang.ground.console.points import collection, layer_points
from madang.ground.console.screens import View, Word
from madang.ground.measure import Measure
from madang.ground.people.models import Account
from madang.ground.people.public import RightAuth, acting
from madang.ground.sensing.console import fixed
from madang.ground.sensing.models import Channel
from madang.ground.web.console import Fact, Hit, Panel, Section, Thing, entries
from madang.ground.web.search import MOST_LETTERS, Words

HERE = "/{city}/console"
GEOJSON = "application/geo+json"
ADDRESSES = ("name", "address", "road_address")  # columns of tables that tiles do without
MOST_MARKS = 2000
router = Router(tags=["console"])
see = RightAuth("console.see")
keep = RightAuth("console.keep")
Guest = Annotated[bool, Query(description="answer as to a visitor, whoever is signed in")]
Lon = Annotated[float, Query(ge=-180, le=180)]
Lat = Annotated[float, Query(ge=-90, le=90)]


class HitOut(Schema):
    """One thing found; metres is its distance, where one was asked for."""

    kind: str
    id: str
    title: str
    subtitle: str
    icon: str
    lon: float | None
    lat: float | None
    metres: float | None
    zoom: float | None


class Found(Schema):
    """Hits, best first; failed names the systems that could not answer."""

    hits: list[HitOut]
    failed: list[str]


class FactOut(Schema):
    """One line about a thing: a text, a moment or a measure; all null is unknown."""

    title: str
    text: str | None = None
    time: datetime | None = None
    measure: Measure | None = None
    link: str = ""


class SectionOut(Schema):
    title: str
    facts: list[FactOut]
    url: str
    chart: str


class LiveOut(Schema):
    kind: str
    number: int


class ThingOut(Schema):
    """Everything the systems know of one thing."""

    kind: str
    id: str
    title: str
    subtitle: str
    icon: str
    lon: float | None
    lat: float | None
    facts: list[FactOut]
    sections: list[SectionOut]
    url: str
    simulated: bool
    live: LiveOut | None


class Group(Schema):
    """What one system has near a point, nearest first."""

    key: str
    title: str
    icon: str
    hits: list[HitOut]


class Name(Schema):
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]


class ViewIn(Name):
    state: View


class ViewOut(Schema):
    id: UUID
    name: str
    state: View
    changed: datetime


class BookmarkIn(Name):
    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    zoom: Annotated[float, Field(ge=0, le=24)]
    thing_kind: Annotated[str, Field(max_length=40)] = ""
    thing_id: Word = ""


class BookmarkOut(BookmarkIn):
    id: UUID
    changed: datetime


class PushIn(Schema):
    """A view for a board, and what to call it there."""

    title: Word = ""
    state: View


class BoardOut(Schema):
    """What is on a board; version grows with every push. state null: nothing was pushed yet."""

    version: int
    title: str = ""
    state: View | None = None
    pushed: datetime | None = None
    pushed_by_name: str = ""


class SeriesOut(Schema):
    """unit is a UCUM code; points are moments and means."""

    unit: str
    points: list[tuple[datetime, float]]


class PastAlarm(Schema):
    """raised is ms since 1970 UTC."""

    id: UUID
    severity: int
    raised: int


@router.get(f"{HERE}/search", response=Found, auth=see)
def search(
    request: CityRequest,
    city: str,
    q: Annotated[str, Query(max_length=4 * MOST_LETTERS)],
    guest: Guest = False,
    limit: Annotated[int, Query(ge=1, le=queries.MOST_HITS)] = 20,
) -> Any:
    """Things by name, number, address, initial consonants or coordinates."""
    hits, failed = queries.search(asking(request, guest), Words(q), limit)
    return {"hits": [_hit(hit) for hit in hits], "failed": failed}


@router.get(f"{HERE}/things/{{kind}}/{{path:pk}}", response=ThingOut, auth=see)
def thing(request: CityRequest, city: str, kind: str, pk: str, guest: Guest = False) -> Any:
    """Everything about one thing."""
    found = queries.describe(asking(request, guest), kind, pk)
    if found is None:
        raise Http404(_("There is no such thing here, or you may not see it."))
    return _thing(found)


@router.get(f"{HERE}/near", response=list[Group], auth=see)
def near(
    request: CityRequest,
    city: str,
    lon: Lon,
    lat: Lat,
    metres: Annotated[float, Query(gt=0, le=20_000)] = 500,
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
    guest: Guest = False,
) -> Any:
    """What each system has around a point, nearest first."""
    found = queries.near(asking(request, guest), lon, lat, metres, limit)
    return [
        {"key": one.key, "title": str(one.title), "icon": one.icon, "hits": [_hit(h) for h in hits]}
        for one, hits in found
    ]


@router.get(f"{HERE}/panels/{{key}}", response=list[SectionOut], auth=see)
def panel(request: CityRequest, city: str, key: str, guest: Guest = False) -> Any:
    """What a system's panel shows now."""
    asked = asking(request, guest)
    found = next((one for one in entries(Panel, asked.may) if one.key == key), None)
    if found is None:
        raise Http404(_("There is no such panel, or you may not see it."))
    return [_section(section) for section in found.sections(asked)]


@router.get(f"{HERE}/points/{{layer}}", auth=see)
def points(request: CityRequest, city: str, layer: str) -> HttpResponse:
    """The things of a layer of points, as the console draws them (GeoJSON)."""
    found = layer_for(request, layer)
    if found.drawn != "point":
        raise HttpError(422, _("The layer “%s” has no points.") % layer)
    at = f'"{version(request.city)} {layer}"'
    if request.headers.get("If-None-Match") == at:
        return HttpResponseNotModified(headers={"ETag": at})
    return _gzipped(request, layer_points(found, request.city, ADDRESSES), ETag=at)


@router.get(f"{HERE}/gauges", auth=RightAuth("live.devices"))
def gauges(request: CityRequest, city: str) -> HttpResponse:
    """The devices that stand somewhere and measure, with their newest value (GeoJSON)."""
    return _gzipped(request, collection(fixed(request.city, True)))


@router.get(f"{HERE}/devices", auth=RightAuth("live.devices"))
def devices(request: CityRequest, city: str) -> HttpResponse:
    """The other devices that stand somewhere (GeoJSON)."""
    return _gzipped(request, collection(fixed(request.city, False)))


@router.get(
    f"{HERE}/series/{{int:device}}/{{int:channel}}",
    response=SeriesOut,
    auth=RightAuth("live.devices"),
)
def series(request: CityRequest, city: str, device: int, channel: int) -> Any:
    """The last day of what a device measured on a channel, as means of at most 300 steps."""
    mine = Channel.objects.filter(kind__devices__number=device, kind__city=request.city)
    found = mine.filter(number=channel).first()
    if found is None:
        raise Http404(_("There is no such thing here, or you may not see it."))
    now = timezone.now()
    window = record.Window(now - timedelta(days=1), now)
    return {"unit": found.unit, "points": record.series(device, channel, window)}


@router.get(f"{HERE}/replay", auth=RightAuth("console.replay"))
def replay(
    request: CityRequest,
    city: str,
    begin: Annotated[float, Query(description="seconds since 1970 UTC")],
    seconds: Annotated[float, Query(gt=0, le=record.LONGEST.total_seconds())] = 60,
    names: bool = False,
) -> HttpResponse:
    """Where everything was in a window of the last day (MessagePack of columns)."""
    now = timezone.now()
    if not now.timestamp() - 25 * 3600 <= begin <= now.timestamp():
        raise HttpError(422, _("Only the last day can be played."))
    first = datetime.fromtimestamp(begin, UTC)
    window = record.Window(first, first + timedelta(seconds=seconds))
    body = record.tracks(asking(request), window, names)
    return HttpResponse(body, content_type="application/vnd.msgpack")


@router.get(f"{HERE}/alarms-since", response=list[PastAlarm], auth=RightAuth("live.alarms"))
def alarms_since(request: CityRequest, city: str, since: datetime) -> Any:
    """The alarms raised since then, closed ones too: the marks on the time bar."""
    rows = Alarm.objects.filter(city=request.city, raised__gte=since).order_by("-raised")
    return [
        {"id": pk, "severity": severity, "raised": round(raised.timestamp() * 1000)}
        for pk, severity, raised in rows.values_list("id", "severity", "raised")[:MOST_MARKS]
    ]


@router.get(f"{HERE}/views", response=list[ViewOut], auth=keep)
def views(request: CityRequest, city: str) -> Any:
    """The views this person saved."""
    return _mine(SavedView, request)


@router.put(f"{HERE}/views", response=ViewOut, auth=keep)
def save_view(request: CityRequest, city: str, view: ViewIn) -> Any:
    """Save a view; the same name again replaces it."""
    state = view.state.model_dump(mode="json")
    return _kept(
        lambda: keeping.save_view(request.city, _person(request), view.name.strip(), state)
    )


@router.delete(f"{HERE}/views/{{uuid:pk}}", response={204: None}, auth=keep)
def remove_view(request: CityRequest, city: str, pk: UUID) -> Any:
    """Let go of a saved view."""
    return _let_go(SavedView, request, pk)


@router.get(f"{HERE}/bookmarks", response=list[BookmarkOut], auth=keep)
def bookmarks(request: CityRequest, city: str) -> Any:
    """The places this person marked."""
    return _mine(Bookmark, request)


@router.put(f"{HERE}/bookmarks", response=BookmarkOut, auth=keep)
def set_bookmark(request: CityRequest, city: str, mark: BookmarkIn) -> Any:
    """Mark a place; the same name again moves the mark."""
    place = mark.model_dump(exclude={"name"})
    return _kept(
        lambda: keeping.set_bookmark(request.city, _person(request), mark.name.strip(), place)
    )


@router.delete(f"{HERE}/bookmarks/{{uuid:pk}}", response={204: None}, auth=keep)
def remove_bookmark(request: CityRequest, city: str, pk: UUID) -> Any:
    """Let go of a mark."""
    return _let_go(Bookmark, request, pk)


@router.get(f"{HERE}/boards/{{slug:key}}", response=BoardOut, auth=RightAuth("console.follow"))
def board(request: CityRequest, city: str, key: str) -> Any:
    """What is on a board now."""
    found = Board.objects.filter(city=request.city, key=key).first()
    return found or BoardOut(version=0)


@router.put(f"{HERE}/boards/{{slug:key}}", response=BoardOut, auth=RightAuth("console.push"))
def push(request: CityRequest, city: str, key: str, pushed: PushIn) -> Any:
    """Show a view on a board; every wall that follows it goes there."""
    state = pushed.state.model_dump(mode="json")
    return boards.push(acting(request), request.city, key, pushed.title, state)


def _gzipped(request: CityRequest, content: bytes, **headers: str) -> HttpResponse:
    said = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding", **headers}
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(gzip.decompress(content), content_type=GEOJSON, headers=said)
    return HttpResponse(content, content_type=GEOJSON, headers={**said, "Content-Encoding": "gzip"})


def _person(request: CityRequest) -> Account:
    assert isinstance(request.user, Account)  # console.keep is for those who are signed in
    return request.user


def _mine(kind: Any, request: CityRequest) -> Any:
    return list(kind.objects.filter(city=request.city, account=_person(request)).order_by("name"))


def _kept(save: Any) -> Any:
    try:
        return save()
    except keeping.TooManyError:
        raise HttpError(
            409, _("You keep %d already: remove one first.") % keeping.MOST_KEPT
        ) from None


def _let_go(kind: Any, request: CityRequest, pk: UUID) -> Any:
    if not keeping.let_go(kind, request.city, _person(request), pk):
        raise Http404(_("You keep no such thing."))
    return Status(204, None)


def _hit(hit: Hit) -> dict[str, Any]:
    names = ("kind", "id", "title", "subtitle", "icon", "lon", "lat", "metres", "zoom")
    said: dict[str, Any] = plain({name: getattr(hit, name) for name in names})
    return said


def _thing(found: Thing) -> dict[str, Any]:
    names = ("kind", "id", "title", "subtitle", "icon", "lon", "lat", "url", "simulated")
    said: dict[str, Any] = plain({name: getattr(found, name) for name in names})
    said["facts"] = [_fact(fact) for fact in found.facts]
    said["sections"] = [_section(section) for section in found.sections]
    said["live"] = found.live and {"kind": found.live[0], "number": found.live[1]}
    return said


def _section(section: Section) -> dict[str, Any]:
    facts = [_fact(fact) for fact in section.facts]
    return {
        "title": str(section.title),
        "facts": facts,
        "url": section.url,
        "chart": section.chart,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    said: dict[str, Any] = {"title": str(fact.title), "link": fact.link}
    if isinstance(fact.value, Measure):
        said["measure"] = fact.value
    elif isinstance(fact.value, datetime):
        said["time"] = fact.value
    elif fact.value is not None:
        said["text"] = str(fact.value)
    return said
