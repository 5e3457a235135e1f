"""The API of microscopic windows: open one, look at it, end it. Who looks keeps it open."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Query, Router, Schema
from pydantic import Field

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth, may
from madang.ground.web.problems import problem_response
from madang.systems.traffic.micro.asking import ask
from madang.systems.traffic.micro.messages import End, Look, Open, Seen
from madang.systems.traffic.micro.refusal import WindowRefusal
from madang.systems.traffic.sentences import window_said

router = Router(tags=["traffic"])
use = RightAuth("traffic.window")
HERE = "/{city}/traffic/windows"
STATUS = {"no-window": 404, "too-many-windows": 429, "away": 503, "unreadable": 422}


class PlaceIn(Schema):
    """Where the window is opened, in degrees."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]


class PictureOut(Schema):
    """Vehicles at a second of the city's day, as columns: m from the city's origin, degrees, m/s."""

    at: float
    ids: list[int]
    x: list[float]
    y: list[float]
    heading: list[float]
    speed: list[float]


class FiguresOut(Schema):
    """vehicles, how many stand, mean km/h, mean seconds lost by each since it came; null: nobody is there."""

    vehicles: int
    waiting: int
    speed: float | None
    lost: float | None


class WindowOut(Schema):
    """A window simulated by SUMO. began: epoch seconds of the state it began from; why: where it ended, in
    words; street: lanes, stops, signals, entries, where it was asked for and is ready."""

    window: UUID
    state: Literal["preparing", "running", "ended"]
    why: str
    began: float | None
    pictures: list[PictureOut]
    figures: FiguresOut | None
    street: dict[str, Any] | None


def install(api: NinjaAPI) -> None:
    """Let api answer every WindowRefusal with its sentence."""

    @api.exception_handler(WindowRefusal)
    def refused(request: HttpRequest, refusal: WindowRefusal) -> HttpResponse:
        said = window_said(refusal.code, refusal.words)
        return problem_response(request, STATUS.get(refusal.code, 409), detail=said)


@router.post(HERE, response=WindowOut, auth=use, summary="Open a microscopic window")
def begin(request: CityRequest, city: str, place: PlaceIn) -> Any:
    """Begin to simulate the streets around a point from the state of now; the window one had ends."""
    sees = may(request.user, "live.emergency", request.city)
    return _told(ask(Open(**_who(request), lon=place.lon, lat=place.lat, emergency=sees)))


@router.get(f"{HERE}/{{window}}", response=WindowOut, auth=use, summary="Look at a window")
def look(
    request: CityRequest,
    city: str,
    window: UUID,
    after: Annotated[float | None, Query(ge=0)] = None,
    street: bool = False,
) -> Any:
    """What happened after a second of the day. A window that nobody looks at for some seconds ends."""
    return _told(ask(Look(**_who(request), window=window, after=after, street=street)))


@router.delete(f"{HERE}/{{window}}", response=WindowOut, auth=use, summary="End a window")
def end(request: CityRequest, city: str, window: UUID) -> Any:
    return _told(ask(End(**_who(request), window=window)))


def _who(request: CityRequest) -> dict[str, Any]:
    return {"city": request.city.pk, "person": request.user.pk}


def _told(seen: Seen) -> dict[str, Any]:
    names = ("window", "state", "began", "pictures", "figures", "street")
    said = {name: getattr(seen, name) for name in names}
    return said | {"why": window_said(seen.why, seen.words) if seen.why else ""}
