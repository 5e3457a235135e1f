"""What the console's map draws that is in no tile: points of layers and devices, as GeoJSON."""

from __future__ import annotations

import gzip

from django.http import HttpResponse, HttpResponseNotModified
from ninja import Router

from madang.ground.city.tiles.keeping import Shelf, version
from madang.ground.city.web.asked import layer_for
from madang.ground.city.web.middleware import CityRequest
from madang.ground.console.points import collection, layer_points
from madang.ground.people.public import RightAuth
from madang.ground.sensing.console import fixed

GEOJSON = "application/geo+json"
MEMORY = 16 << 20
_shelf = Shelf(MEMORY)  # points as they were sent: reading and packing ten thousand takes long
router = Router(tags=["console"])
devices_seen = RightAuth("live.devices")


@router.get("/{city}/console/points/{layer}", auth=RightAuth("console.see"))
def points(request: CityRequest, city: str, layer: str) -> HttpResponse:
    """The things of a layer as points, as the console draws and lists them (GeoJSON)."""
    found = layer_for(request, layer)
    at = f'"{version(request.city)} {layer}"'
    if request.headers.get("If-None-Match") == at:
        return HttpResponseNotModified(headers={"ETag": at})
    content = _shelf.get(at)
    if content is None:
        content = layer_points(found, request.city)
        _shelf.put(at, content)
    return _gzipped(request, content, ETag=at)


@router.get("/{city}/console/gauges", auth=devices_seen)
def gauges(request: CityRequest, city: str) -> HttpResponse:
    """The devices that stand somewhere and measure, with their newest value (GeoJSON)."""
    return _gzipped(request, collection(fixed(request.city, True)))


@router.get("/{city}/console/devices", auth=devices_seen)
def devices(request: CityRequest, city: str) -> HttpResponse:
    """The other devices that stand somewhere (GeoJSON)."""
    return _gzipped(request, collection(fixed(request.city, False)))


def _gzipped(request: CityRequest, content: bytes, **headers: str) -> HttpResponse:
    said = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding", **headers}
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(gzip.decompress(content), content_type=GEOJSON, headers=said)
    return HttpResponse(content, content_type=GEOJSON, headers={**said, "Content-Encoding": "gzip"})
