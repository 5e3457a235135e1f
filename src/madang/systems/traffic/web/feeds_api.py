"""What detectors measured, for other centres: DATEX II 3 and 기본교통정보교환 기술기준."""

from __future__ import annotations

from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router
from ninja.security import HttpBearer

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth
from madang.ground.sensing.public import bearer
from madang.systems.traffic.domain import centres
from madang.systems.traffic.domain.streets_now import Streets, streets_now
from madang.systems.traffic.feeds import datex, exchange

router = Router(tags=["traffic"])


class CentreAuth(HttpBearer):
    """Another centre's credential, as `Authorization: Bearer CENTRE:CREDENTIAL`, given by
    `madang traffic centre`; it ends as any device's does."""

    right = "device"  # as the access matrix has it: opened by no role, but by a device's credential

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        centre, _, credential = token.partition(":")
        city = request.path.split("/cities/")[1].partition("/")[0]
        return bearer(city, centre, centres.KIND, credential)


see = [RightAuth("traffic.see"), CentreAuth()]
XML = "application/xml; charset=utf-8"


@router.get("/{city}/traffic/datex/sites", auth=see, summary="Detectors as DATEX II 3")
def datex_sites(request: CityRequest, city: str) -> HttpResponse:
    """MeasurementSiteTablePublication: where each detector stands and what it measures."""
    found = _streets(request)
    return _file(datex.sites(found, request.city) if found else None)


@router.get("/{city}/traffic/datex/measured", auth=see, summary="Measurements as DATEX II 3")
def datex_measured(request: CityRequest, city: str) -> HttpResponse:
    """MeasuredDataPublication: flow, speed and occupancy of the last quarter of an hour; of simulated
    detectors a test."""
    found = _streets(request)
    return _file(datex.measured(found, request.city) if found else None)


@router.get(
    "/{city}/traffic/exchange", auth=see, summary="교통소통정보 (기본교통정보교환 기술기준 Ⅲ)"
)
def traffic_exchange(
    request: CityRequest,
    city: str,
    minX: float = -180.0,
    maxX: float = 180.0,
    minY: float = -90.0,
    maxY: float = 90.0,
    getType: Literal["xml", "json"] = "xml",
) -> HttpResponse:
    """Speed and time of the links that detectors look at, within the box."""
    box = exchange.Box(minX, maxX, minY, maxY)
    said = exchange.answer(_streets(request), box, request.city.time_zone)
    if getType == "json":
        return JsonResponse(said, json_dumps_params={"ensure_ascii": False})
    return HttpResponse(exchange.as_xml(said), content_type=XML)


def _streets(request: CityRequest) -> Streets | None:
    return streets_now(request.city, timezone.now())


def _file(content: bytes | None) -> HttpResponse:
    if content is None:
        raise Http404(_("There is no detector over a road, or none was heard lately."))
    return HttpResponse(content, content_type=XML, headers={"Cache-Control": "private, no-cache"})
