"""The last day on the console: series of devices, where everything was, the alarms of the time bar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import AwareDatetime

from madang.ground.cases.models import Alarm, AlarmState
from madang.ground.city.web.middleware import CityRequest
from madang.ground.console import record
from madang.ground.console.asking import asking
from madang.ground.people.public import RightAuth
from madang.ground.sensing.models import Channel

MOST_MARKS = 2000
LONGEST_OPEN = timedelta(
    days=31
)  # of alarms closed meanwhile: so that their index is read, not all
# Offsets of a whole day and years that no calendar of a city has are not for the database to judge.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Since = Annotated[AwareDatetime, Query(ge=EARLIEST, le=LATEST)]
router = Router(tags=["console"])


class SeriesOut(Schema):
    """unit is a UCUM code; points are moments and means."""

    unit: str
    points: list[tuple[datetime, float]]


class PastAlarm(Schema):
    """An alarm with all its times, in ms since 1970 UTC: what stood on the map at any moment between them."""

    id: UUID
    kind: str
    severity: int
    subject: str
    place: str
    district: str
    lon: float | None
    lat: float | None
    raised: int
    acknowledged: int | None
    closed: int | None


@router.get(
    "/{city}/console/series/{int:device}/{int:channel}",
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


@router.get("/{city}/console/replay", auth=RightAuth("console.replay"))
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


@router.get("/{city}/console/alarms-since", response=list[PastAlarm], auth=RightAuth("live.alarms"))
def alarms_since(request: CityRequest, city: str, since: Since) -> Any:
    """The alarms that were open at some moment since then: the marks on the time bar, and what the map
    shows of the past."""
    since = since.astimezone(UTC)
    closed_since = Q(closed__gte=since, raised__gte=since - LONGEST_OPEN)
    rows = Alarm.objects.filter(city=request.city).filter(
        Q(raised__gte=since) | ~Q(state=AlarmState.CLOSED) | closed_since
    )
    return [_past_alarm(one) for one in rows.order_by("-raised")[:MOST_MARKS]]


def _past_alarm(alarm: Alarm) -> dict[str, Any]:
    words = ("id", "kind", "severity", "subject", "place", "district", "lon", "lat")
    times = {name: getattr(alarm, name) for name in ("raised", "acknowledged", "closed")}
    return {name: getattr(alarm, name) for name in words} | {
        name: time and round(time.timestamp() * 1000) for name, time in times.items()
    }
