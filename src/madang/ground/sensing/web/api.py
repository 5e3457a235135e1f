"""Devices over the API: found, read, and brought by gateways."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from ninja.security import HttpBearer
from pydantic import AwareDatetime, Field

from madang.ground.bus.log import LogError
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth
from madang.ground.sensing import queries
from madang.ground.sensing.domain.ingest import Ingest, MayNotSpeakFor, NotAdmitted
from madang.ground.sensing.gate.said import Said
from madang.ground.sensing.models import Channel
from madang.ground.sensing.wire import DEVICE_KEY, MOST_BYTES, What
from madang.ground.web.paging import Page, PageQuery, page

router = Router(tags=["devices"])
ingest_of_process = Ingest("http")
MOST_MESSAGES = 5000
LONGEST = timedelta(days=3660)


class DeviceOut(Schema):
    """A device. state is one of ok, low_battery, silent, unheard, withdrawn; lon and lat in degrees."""

    key: str
    name: str
    kind: str
    organisation: str
    place: str
    lon: float | None
    lat: float | None
    simulated: bool
    state: str
    heard: datetime | None
    battery: float | None


class DeviceQuery(Schema):
    kind: str = Field("", max_length=40, description="only devices of this kind")
    state: Literal["", "ok", "low_battery", "silent", "unheard", "withdrawn"] = ""


class PointOut(Schema):
    """One piece of a series, from `time` on: a count's sum or else the mean, and the extremes."""

    time: datetime
    value: float
    low: float
    high: float
    facts: int


class SeriesOut(Schema):
    """unit is a UCUM code. A piece without a fact is missing; it is unknown, not 0."""

    device: str
    channel: str
    unit: str
    provenance: str
    points: list[PointOut]


class SeriesQuery(Schema):
    since: AwareDatetime | None = Field(None, description="first moment; else a day before until")
    until: AwareDatetime | None = Field(None, description="end; else now")
    points: int = Field(500, ge=1, le=500, description="at most so many")


@router.get("/{city}/devices", response=Page[DeviceOut], auth=RightAuth("sensing.view"))
def devices(
    request: CityRequest, city: str, asked: Annotated[DeviceQuery, Query()], paging: PageQuery
) -> Page[DeviceOut]:
    """The city's devices by key, a page at a time."""
    rows: QuerySet[Any] = queries.devices(request.city.pk)
    if asked.kind:
        rows = rows.filter(kind__key=asked.kind)
    if asked.state:
        rows = rows.filter(state=asked.state)
    return page(rows, paging, _shape, order=("key",))


@router.get("/{city}/devices/{key}", response=DeviceOut, auth=RightAuth("sensing.view"))
def device(request: CityRequest, city: str, key: str) -> DeviceOut:
    """One device."""
    return _shape(get_object_or_404(queries.devices(request.city.pk), key=key))


@router.get(
    "/{city}/devices/{key}/series/{channel}", response=SeriesOut, auth=RightAuth("sensing.view")
)
def series(
    request: CityRequest, city: str, key: str, channel: str, asked: Annotated[SeriesQuery, Query()]
) -> dict[str, Any]:
    """What the device measured on a channel, summed up to at most 500 points."""
    found = get_object_or_404(queries.devices(request.city.pk), key=key)
    of = get_object_or_404(Channel, kind=found.kind_id, key=channel)
    until = asked.until or timezone.now()
    since = asked.since or until - timedelta(days=1)
    if not timedelta(0) < until - since <= LONGEST:
        raise HttpError(400, _("until must be after since, by ten years at most."))
    return {
        "device": key,
        "channel": channel,
        "unit": of.unit,
        "provenance": "simulated" if found.simulated else "measured",
        "points": [vars(point) for point in queries.series(found, of, since, until, asked.points)],
    }


def _shape(one: Any) -> DeviceOut:
    health = getattr(one, "health", None)
    return DeviceOut(
        key=one.key,
        name=one.name,
        kind=one.kind.key,
        organisation=one.organisation,
        place=one.place,
        lon=one.lon,
        lat=one.lat,
        simulated=one.simulated,
        state=one.state,
        heard=health.heard if health else None,
        battery=health.battery if health else None,
    )


class GatewayAuth(HttpBearer):
    """The gateway's own credential, as `Authorization: Bearer GATEWAY:CREDENTIAL`; checked as it is used."""

    right = "device"  # as the access matrix has it: opened by no role, but by a device's credential

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        gateway, _, credential = token.partition(":")
        return (gateway, credential) if DEVICE_KEY.fullmatch(gateway) and credential else None


class MessageIn(Schema):
    """What one device says: one fact or a list of at most 1,000, as docs/systems/sensing.md has them."""

    device: str = Field(pattern=f"^{DEVICE_KEY.pattern}$")
    what: What
    facts: Any


class IngestIn(Schema):
    messages: list[MessageIn] = Field(max_length=MOST_MESSAGES)


class RefusedOut(Schema):
    device: str
    reason: str
    facts: int


class IngestOut(Schema):
    """taken: facts that are on the log now; refused: facts in quarantine, and why."""

    taken: int
    refused: list[RefusedOut]


@router.post("/{city}/ingest", response=IngestOut, auth=GatewayAuth())
def ingest(request: CityRequest, city: str, brought: IngestIn) -> dict[str, Any]:
    """Take what a gateway brings from the devices behind it; answered when the log has it.

    What is brought again is recorded once, so a gateway that got no answer brings it again.
    """
    gateway, credential = request.auth  # type: ignore[attr-defined]
    said = [
        Said(city, one.device, one.what, msgspec.json.encode(one.facts)[: MOST_BYTES + 1])
        for one in brought.messages
    ]
    try:
        done = ingest_of_process.take(city, gateway, credential, said)
    except NotAdmitted:
        raise HttpError(401, _("No gateway of this city has this credential.")) from None
    except MayNotSpeakFor as error:
        text = _("Device %s is not behind this gateway; nothing was taken.") % error
        raise HttpError(403, text) from None
    except LogError:
        text = _("The log does not take it now. Bring it again in a few seconds.")
        raise HttpError(503, text) from None
    refused = [
        {"device": device, "reason": reason, "facts": facts}
        for device, reason, facts in done.refused
    ]
    return {"taken": done.taken, "refused": refused}
