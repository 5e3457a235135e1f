"""The API of cameras: what a wall asks. Pictures come by WebSocket (live/)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import AwareDatetime, Field

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.models import Account, CameraAct
from madang.ground.people.public import RightAuth, acting, may, read_camera_rights
from madang.systems.cameras import net, queries
from madang.systems.cameras.domain import bookmarks, masks, walls
from madang.systems.cameras.domain.devices import aim_camera
from madang.systems.cameras.domain.footage import locks_of
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.live.replaying import renew_soon
from madang.systems.cameras.models import Bookmark, Camera, LifeState, WallView
from madang.systems.cameras.models.wall import LAYOUTS, LONGEST_DWELL
from madang.systems.cameras.recorders.held import spans_held
from madang.systems.cameras.rights import acts_open, facts_of_all
from madang.systems.cameras.web import sites

router = Router(tags=["cameras"])
watch, play = RightAuth("cameras.watch"), RightAuth("cameras.play")
LONGEST_LOOK = timedelta(days=31)
NEWEST = timedelta(minutes=1)  # a look that reaches there follows the newest
MOST_FOUND, MOST_ASKED, MOST_CAUGHT = 40, 500, 64
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]


class CameraOut(Schema):
    """A camera as a wall shows it. opens: a right opens its picture now; turns: it can be steered.
    Unknown is null."""

    id: UUID
    key: str
    address: str
    purpose: str
    kind: str
    state: str
    lon: float
    lat: float
    bearing: float | None
    streams: bool
    turns: bool
    opens: bool
    simulated: bool


class CaughtOut(CameraOut):
    """metres along the road; sees: whether it looks there, null where nobody knows."""

    metres: float
    sees: bool | None


class SpanOut(Schema):
    """What was recorded without a hole; gap and words say why nothing was before it."""

    begins: datetime
    ends: datetime
    gap: str
    words: str


class HeldOut(Schema):
    """What a recorder says that it holds."""

    begins: datetime
    ends: datetime


class LockOut(Schema):
    begins: datetime
    ends: datetime
    why: str
    until: datetime


class NearbyOut(Schema):
    """An alarm within sight of the camera."""

    id: UUID
    at: datetime
    title: str
    subject: str
    severity: int
    metres: float


class BookmarkIn(Schema):
    at: AwareDatetime
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
    note: Annotated[str, Field(max_length=1000)] = ""


class BookmarkOut(Schema):
    """A moment that this person named."""

    id: UUID
    at: datetime
    name: str
    note: str


class FootageOut(Schema):
    """What there is of a camera between two moments. recording: on, waiting, full; "" not recorded.
    bookmarks are this person's, of the whole camera."""

    recording: str
    spans: list[SpanOut]
    held: list[HeldOut]
    locks: list[LockOut]
    alarms: list[NearbyOut]
    bookmarks: list[BookmarkOut]


class Asked(Schema):
    cameras: Annotated[list[UUID], Field(max_length=MOST_ASKED)]


class Place(Schema):
    lon: Longitude
    lat: Latitude


class Visitors(Schema):
    """here: guests stand before this person's screens, and every picture on them is coarse."""

    here: bool


class ViewIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
    layout: Annotated[str, Field(pattern="^(" + "|".join(re.escape(one) for one in LAYOUTS) + ")$")]
    cameras: Annotated[list[UUID | None], Field(max_length=MOST_ASKED)]
    dwell: Annotated[int | None, Field(ge=3, le=LONGEST_DWELL)] = None


class ViewOut(Schema):
    id: UUID
    name: str
    layout: str
    cameras: list[UUID | None]
    dwell: int | None


@router.get("/{city}/cameras/found", response=list[CameraOut], auth=watch)
def found(
    request: CityRequest,
    city: str,
    q: Annotated[str, Field(max_length=80)] = "",
    site: UUID | None = None,
) -> Any:
    """Cameras of a site, by number (12 is CCTV-00012, 12-2 its second camera) or by address."""
    words = q.strip()
    rows = queries.cameras(request.city.pk).exclude(state=LifeState.REMOVED)
    if site is not None:
        return _said(request, list(rows.filter(site=site).order_by("number")))
    if not words:
        return []
    return _said(request, list(_matching(rows, words).order_by("key")[:MOST_FOUND]))


def _matching(rows: QuerySet[Camera], words: str) -> QuerySet[Camera]:
    number = re.fullmatch(r"0*(\d+)(?:-(\d+))?", words)
    if number:
        rows = rows.filter(site__key__regex=rf"(^|[^0-9])0*{number[1]}$")
        return rows.filter(number=int(number[2])) if number[2] else rows
    return rows.filter(queries.called(words))


@router.post("/{city}/cameras/described", response=list[CameraOut], auth=watch)
def described(request: CityRequest, city: str, asked: Asked) -> Any:
    """These cameras; what is not in the register any more is left out."""
    rows = queries.cameras(request.city.pk).filter(pk__in=asked.cameras)
    return _said(request, list(rows))


@router.get("/{city}/cameras/net", response=list[CaughtOut], auth=watch)
def net_view(
    request: CityRequest,
    city: str,
    lon: Longitude,
    lat: Latitude,
    limit: Annotated[int, Field(ge=1, le=MOST_CAUGHT)] = 16,
) -> Any:
    """The cameras around a place by the way along the road; those that look there first."""
    return _caught(request, net.cast_net(request.city, lon, lat, limit))


@router.get("/{city}/cameras/along", response=list[CaughtOut], auth=watch)
def along(
    request: CityRequest,
    city: str,
    lon: Longitude,
    lat: Latitude,
    heading: Annotated[float | None, Field(ge=0, le=360)] = None,
    limit: Annotated[int, Field(ge=1, le=MOST_CAUGHT)] = 16,
) -> Any:
    """The cameras along the way of what moves there: the one for now first, then those ahead of it."""
    return _caught(request, net.cast_ahead(request.city, lon, lat, heading, limit))


def _caught(request: CityRequest, caught: list[net.Caught]) -> list[dict[str, Any]]:
    said = _said(request, [one.camera for one in caught])
    return [
        {**words, "metres": round(one.metres, 1), "sees": one.sees}
        for words, one in zip(said, caught, strict=True)
    ]


@router.get("/{city}/cameras/{uuid:pk}/footage", response=FootageOut, auth=play)
def footage_of(
    request: CityRequest, city: str, pk: UUID, begins: AwareDatetime, ends: AwareDatetime
) -> Any:
    """What was recorded of a camera, what of it is locked, and which alarms there were nearby."""
    camera = _played(request, pk)
    if not timedelta() < ends - begins <= LONGEST_LOOK:
        raise HttpError(422, _("Ask for at most %d days at a time.") % LONGEST_LOOK.days)
    if ends >= timezone.now() - NEWEST:
        renew_soon(camera.pk)
    alarms = may(request.user, "cases.view", request.city)
    return {
        "recording": queries.recording_state(camera),
        "spans": queries.spans(camera.pk, begins, ends),
        "held": [{"begins": a, "ends": b} for a, b in spans_held(camera.pk, begins, ends)],
        "locks": list(locks_of(camera.pk).filter(begins__lt=ends, ends__gt=begins)),
        "alarms": queries.alarms_near(camera, begins, ends) if alarms else [],
        "bookmarks": list(camera.bookmarks.filter(account=_person(request)).order_by("at")),
    }


def _played(request: CityRequest, pk: UUID) -> Camera:
    """The camera, where this person may play it back."""
    camera = get_object_or_404(queries.cameras(request.city.pk), pk=pk)
    if CameraAct.PLAY not in acts_open(_person(request).pk, request.city, camera.site):
        raise HttpError(403, _("No scope or grant lets you play back this camera."))
    return camera


@router.post("/{city}/cameras/{uuid:pk}/bookmarks", response=BookmarkOut, auth=play)
def set_bookmark(request: CityRequest, city: str, pk: UUID, mark: BookmarkIn) -> Any:
    """Name a moment of what was recorded, for oneself."""
    camera = _played(request, pk)
    name, note = mark.name.strip(), mark.note.strip()
    try:
        return bookmarks.set_bookmark(camera, _person(request), mark.at, name, note)
    except CameraError as error:
        raise HttpError(409, str(error)) from None


@router.delete("/{city}/cameras/bookmarks/{uuid:pk}", response={204: None}, auth=play)
def drop_bookmark(request: CityRequest, city: str, pk: UUID) -> Any:
    """Let go of one's own."""
    mine = Bookmark.objects.filter(city=request.city, account=_person(request), pk=pk)
    if not mine.delete()[0]:
        raise Http404(_("You keep no such thing."))
    return Status(204, None)


@router.put("/{city}/cameras/{uuid:pk}/bearing", response=CameraOut, auth=RightAuth("cameras.aim"))
def aim(request: CityRequest, city: str, pk: UUID, landmark: Place) -> Any:
    """Record that the middle of the camera's picture looks at a landmark."""
    rows = Camera.objects.select_related("site__data_set", "city")
    camera = get_object_or_404(rows, pk=pk, city=request.city)
    away = net.metres_to(camera, landmark.lon, landmark.lat)
    if not 2 <= away <= 20_000:
        raise HttpError(422, _("Choose a landmark that is neither at the pole nor beyond sight."))
    aim_camera(camera, acting(request), net.bearing_to(camera, landmark.lon, landmark.lat))
    return _said(request, [camera])[0]


@router.get("/{city}/cameras/wall/views", response=list[ViewOut], auth=watch)
def views(request: CityRequest, city: str) -> Any:
    """Layouts and patrols that this person keeps."""
    return list(
        WallView.objects.filter(city=request.city, account=_person(request)).order_by("name")
    )


@router.put("/{city}/cameras/wall/views", response=ViewOut, auth=watch)
def keep(request: CityRequest, city: str, view: ViewIn) -> Any:
    """Keep a layout with its cameras, or a patrol; the same name again replaces it."""
    cameras = [str(one) if one else None for one in view.cameras]
    try:
        return walls.keep(
            request.city, _person(request), view.name.strip(), view.layout, cameras, view.dwell
        )
    except walls.TooManyError:
        raise HttpError(409, _("You keep %d already: remove one first.") % walls.MOST) from None


@router.delete("/{city}/cameras/wall/views/{uuid:pk}", response={204: None}, auth=watch)
def let_go(request: CityRequest, city: str, pk: UUID) -> Any:
    """Let go of one of them."""
    if not WallView.objects.filter(city=request.city, account=_person(request), pk=pk).delete()[0]:
        raise Http404(_("You keep no such thing."))
    return Status(204, None)


@router.get("/{city}/cameras/visitors", response=Visitors, auth=watch)
def visitors(request: CityRequest, city: str) -> Any:
    """Whether this person's screens are in visitors' mode."""
    here = (_person(request).pk, request.city.pk) in masks.have_visitors([_person(request).pk])
    return {"here": here}


@router.put("/{city}/cameras/visitors", response=Visitors, auth=watch)
def receive_visitors(request: CityRequest, city: str, asked: Visitors) -> Any:
    """Begin or end visitors' mode: from then on every picture that this person opened is coarse, or not."""
    masks.receive_visitors(acting(request), request.city, asked.here)
    return asked


def _person(request: CityRequest) -> Account:
    assert isinstance(request.user, Account)  # cameras.watch is for those who are signed in
    return request.user


def _said(request: CityRequest, cameras: list[Camera]) -> list[dict[str, Any]]:
    rights, now = read_camera_rights(_person(request).pk), timezone.now()
    turning = queries.turning([one.pk for one in cameras])
    facts = facts_of_all(request.city, (one.site for one in cameras))
    return [
        {
            "id": one.pk,
            "key": one.key,
            "address": sites.address(one.site),
            "purpose": str(sites.purpose(one.site)),
            "kind": one.kind,
            "state": one.state,
            "lon": one.site.lon,
            "lat": one.site.lat,
            "bearing": one.bearing,
            "streams": bool(one.main_address or one.sub_address),
            "turns": one.pk in turning,
            "opens": rights.by(facts[one.site_id], "view", now) is not None,
            "simulated": one.simulated,
        }
        for one in cameras
    ]
