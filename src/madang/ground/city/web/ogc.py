"""OGC API – Features, part 1 (core, GeoJSON): the public layers as collections."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import Field

from madang.ground.city import layers
from madang.ground.city.export import features as export
from madang.ground.city.export.terms import Terms, layer_terms, terms
from madang.ground.city.layers import PUBLIC, Layer
from madang.ground.city.queries.features import count, export_rows, read
from madang.ground.city.web.asked import narrowing
from madang.ground.city.web.layers_api import GEOJSON
from madang.ground.city.web.middleware import CityRequest
from madang.ground.city.web.ogc_asked import (
    FARTHEST,
    ITEMS,
    MOST,
    PAGE,
    Limit,
    Offset,
    check_time,
    only,
    whole,
    window,
)

router = Router(tags=["OGC API Features"])
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMS_TO = [
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}" for part in ("core", "geojson")
]


@router.get("/{city}/ogc/", auth=None, summary="Landing page")
@only()
def landing(request: CityRequest, city: str) -> dict[str, Any]:
    language = getattr(request, "LANGUAGE_CODE", "ko")
    return {
        "title": request.city.name(language),
        "description": _("The public layers of this city's map."),
        "attribution": " · ".join(terms(request.city).attributions),
        "links": [
            _link(request, "", "self"),
            _link(request, "conformance", "conformance"),
            _link(request, "collections", "data"),
            {
                "href": request.build_absolute_uri("/api/v1/openapi.json"),
                "rel": "service-desc",
                "type": "application/vnd.oai.openapi+json;version=3.1",
            },
            {
                "href": request.build_absolute_uri("/api/docs"),
                "rel": "service-doc",
                "type": "text/html",
            },
        ],
    }


@router.get("/{city}/ogc/conformance", auth=None, summary="What this conforms to")
@only()
def conformance(request: CityRequest, city: str) -> dict[str, Any]:
    return {"conformsTo": CONFORMS_TO}


@router.get("/{city}/ogc/collections", auth=None, summary="The collections")
@only()
def collections(request: CityRequest, city: str) -> dict[str, Any]:
    return {
        "links": [_link(request, "collections", "self")],
        "collections": [
            _collection(request, each) for each in layers.layers() if each.access == PUBLIC
        ],
    }


@router.get("/{city}/ogc/collections/{collection}", auth=None, summary="One collection")
@only()
def collection_of(request: CityRequest, city: str, collection: str) -> dict[str, Any]:
    return _collection(request, _public(collection))


@router.get("/{city}/ogc/collections/{collection}/items", auth=None, summary="Features")
@only(*ITEMS)
def items(
    request: CityRequest,
    city: str,
    collection: str,
    bbox: str = "",
    limit: Limit = str(PAGE),
    offset: Offset = "0",
    when: Annotated[str, Field(alias="datetime")] = "",
    kind: str = "",
    rank: str = "",
    level: str = "",
    purpose: str = "",
) -> HttpResponse:
    """Features in bbox (CRS84), narrowed by kind, rank, level or purpose, a page at a time.

    The collections have no time of their own, so datetime narrows nothing, as the standard says.
    """
    layer = _public(collection)
    check_time(request.GET.get("datetime", ""))
    most, first = whole(limit, "limit", 1, MOST), whole(offset, "offset", 0, FARTHEST)
    box, equal = window(bbox, request.city.east), narrowing(request, layer)
    rows = list(export_rows(layer, request.city, box, equal, limit=most, offset=first))
    matched = count(layer, request.city, box, equal)
    words = terms(request.city, {row[1] for row in rows})
    body = {
        "timeStamp": _now(),
        "numberMatched": matched,
        "numberReturned": len(rows),
        "links": _page_links(request, layer, most, first, matched),
    }
    return _features(layer, rows, words, body)


@router.get("/{city}/ogc/collections/{collection}/items/{item}", auth=None, summary="One feature")
@only()
def item_of(request: CityRequest, city: str, collection: str, item: str) -> HttpResponse:
    layer = _public(collection)
    row = read(layer, request.city, UUID(item)) if ID.fullmatch(item) else None
    if row is None:
        raise Http404(_("There is no feature of that id in “%s”.") % collection)
    path = f"collections/{layer.key}"
    links = [
        _link(request, f"{path}/items/{item}", "self", GEOJSON),
        _link(request, path, "collection"),
    ]
    text = export.feature_text(layer, row, terms(request.city), links=links)
    return HttpResponse(text, content_type=GEOJSON)


def _features(layer: Layer, rows: list[Any], words: Terms, body: dict[str, Any]) -> HttpResponse:
    text = b"".join(export.geojson(layer, rows, words)).decode()
    head = json.dumps(body, ensure_ascii=False)[:-1]
    return HttpResponse(f"{head}, {text[1:]}", content_type=GEOJSON)


def _page_links(
    request: CityRequest, layer: Layer, limit: int, offset: int, matched: int
) -> list[dict[str, str]]:
    path = f"collections/{layer.key}/items"
    links = [_link(request, path, "self", GEOJSON, _query(request, limit, offset))]
    if offset + limit < matched:
        links.append(_link(request, path, "next", GEOJSON, _query(request, limit, offset + limit)))
    if offset:
        before = _query(request, limit, max(offset - limit, 0))
        links.append(_link(request, path, "prev", GEOJSON, before))
    return [*links, _link(request, f"collections/{layer.key}", "collection")]


def _query(request: CityRequest, limit: int, offset: int) -> str:
    kept = [
        (name, value)
        for name, values in request.GET.lists()
        for value in values
        if name not in ("limit", "offset")
    ]
    return "?" + urlencode([*kept, ("limit", limit), ("offset", offset)])


def _collection(request: CityRequest, layer: Layer) -> dict[str, Any]:
    city = request.city
    path = f"collections/{layer.key}"
    found: dict[str, Any] = {
        "id": layer.key,
        "title": str(layer.title),
        "attribution": " · ".join(layer_terms(city, layer).attributions),
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            _link(request, path, "self"),
            _link(request, f"{path}/items", "items", GEOJSON),
        ],
    }
    if city.west is not None:
        box = [city.west, city.south, city.east, city.north]
        found["extent"] = {"spatial": {"bbox": [box], "crs": CRS84}}
    return found


def _public(key: str) -> Layer:
    found = next((each for each in layers.layers() if each.key == key), None)
    if found is None or found.access != PUBLIC:
        raise Http404(_("There is no collection “%s”.") % key)
    return found


def _link(
    request: CityRequest, path: str, rel: str, kind: str = "application/json", query: str = ""
) -> dict[str, str]:
    base = request.build_absolute_uri(f"/api/v1/cities/{request.city.key}/ogc/")
    return {"href": f"{base}{path}{query}", "rel": rel, "type": kind}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
