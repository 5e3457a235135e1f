"""Layers in the API: what there is, as GeoJSON and CSV, as vector tiles, and what lies near a point."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from madang.ground.city import layers
from madang.ground.city.export import features as export
from madang.ground.city.export.terms import layer_terms, terms
from madang.ground.city.layers import TileSet
from madang.ground.city.models import City, District
from madang.ground.city.projection import to_metres
from madang.ground.city.queries import near
from madang.ground.city.queries.features import export_rows
from madang.ground.city.queries.summaries import districts, holdings
from madang.ground.city.queries.whereabouts import districts_of
from madang.ground.city.tiles.grid import Tile
from madang.ground.city.tiles.keeping import tile_of, version
from madang.ground.city.web.asked import box_of, layer_for, narrowing
from madang.ground.city.web.middleware import CityRequest

router = Router(tags=["map"])
GEOJSON, CSV = "application/geo+json", "text/csv; charset=utf-8"
MVT = "application/vnd.mapbox-vector-tile"
YEAR = 31_536_000
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]


class LayerOut(Schema):
    """A layer of the map and where it is to be had."""

    key: str
    title: str
    access: str = Field(description='"public", or "signed-in"')
    drawn: str = Field(description='"point" or "outline"')
    geojson: str
    csv: str
    tiles: str


class DataSetOut(Schema):
    """A data set: where it comes from, on which terms, of which day, and how many rows."""

    key: str
    names: dict[str, str]
    source: str | None
    licence: str | None
    attribution: str | None
    as_of: str | None = Field(description="the day the rows speak of; null is unknown")
    provenance: str = Field(description='"simulated" or "reported"')
    rows: dict[str, int] = Field(description="rows by table")


class DistrictOut(Schema):
    """A district with what is known of who lives there."""

    key: str
    names: dict[str, str]
    level: str
    parent: str | None
    area_km2: float
    residents: int | None
    households: int | None
    as_of: str | None


class NearOut(Schema):
    """A thing near a point."""

    id: UUID
    key: str
    metres: float
    lon: float
    lat: float
    properties: dict[str, Any]


@router.get("/{city}/layers", response=list[LayerOut], auth=None, summary="List the layers")
def list_layers(request: CityRequest, city: str) -> list[LayerOut]:
    base = f"/api/v1/cities/{city}"
    return [
        LayerOut(
            key=each.key,
            title=str(each.title),
            access=each.access,
            drawn=each.drawn,
            geojson=f"{base}/layers/{each.key}.geojson",
            csv=f"{base}/layers/{each.key}.csv",
            tiles=f"{base}/tiles/{each.key}.json",
        )
        for each in layers.layers()
    ]


@router.get("/{city}/layers/{layer}.geojson", auth=None, summary="A layer as GeoJSON")
def layer_geojson(request: CityRequest, city: str, layer: str, bbox: str = "") -> HttpResponseBase:
    """Streamed; narrow it by bbox=west,south,east,north and by kind, rank, level or purpose."""
    found, rows = _rows(request, layer, bbox)
    pieces = export.geojson(found, rows, layer_terms(request.city, found))
    return _file(pieces, GEOJSON, f"{city}-{layer}.geojson")


@router.get("/{city}/layers/{layer}.csv", auth=None, summary="A layer as CSV")
def layer_csv(request: CityRequest, city: str, layer: str, bbox: str = "") -> HttpResponseBase:
    """UTF-8 with a mark, as Excel needs it; points as lon and lat, outlines as WKT."""
    found, rows = _rows(request, layer, bbox)
    pieces = export.csv(found, rows, layer_terms(request.city, found))
    return _file(pieces, CSV, f"{city}-{layer}.csv")


@router.get("/{city}/data-sets", response=list[DataSetOut], auth=None, summary="List the data sets")
def list_data_sets(request: CityRequest, city: str) -> list[dict[str, Any]]:
    described = {each["key"]: each for each in terms(request.city).described()}
    return [{**described[held.data_set.key], "rows": held.rows} for held in holdings(request.city)]


@router.get(
    "/{city}/districts", response=list[DistrictOut], auth=None, summary="List the districts"
)
def list_districts(request: CityRequest, city: str) -> list[DistrictOut]:
    """The tree, each district before its parts, with the latest figures known."""
    return [
        DistrictOut(
            key=each.district.key,
            names=each.district.names,
            level=each.district.level,
            parent=each.parent.key if each.parent else None,
            area_km2=round(each.area_km2, 3),
            residents=each.residents,
            households=each.households,
            as_of=each.as_of.isoformat() if each.as_of else None,
        )
        for each in districts(request.city)
    ]


@router.get(
    "/{city}/whereabouts", response=list[DistrictOut], auth=None, summary="Districts of a point"
)
def whereabouts(
    request: CityRequest, city: str, lon: Longitude, lat: Latitude
) -> list[DistrictOut]:
    """The districts that a point lies in, the largest first; empty outside the city."""
    levels = District.objects.filter(city=request.city).values_list("level", flat=True).distinct()
    found = [districts_of(request.city, level).at(lon, lat) for level in levels]
    keys = {each.key for each in found if each}
    inside = [each for each in list_districts(request, city) if each.key in keys]
    return sorted(inside, key=lambda each: -each.area_km2)


@router.get("/{city}/near", response=list[NearOut], auth=None, summary="What lies near a point")
def near_point(
    request: CityRequest,
    city: str,
    lon: Longitude,
    lat: Latitude,
    layer: str = "places",
    k: Annotated[int, Field(ge=1, le=1000)] = 10,
    metres: Annotated[float | None, Field(gt=0, le=50_000)] = None,
) -> list[NearOut]:
    """The k nearest things of a layer of points, or with metres every one so near (at most 1000)."""
    found = layer_for(request, layer)
    if found.drawn != "point":
        raise HttpError(422, _("The layer “%s” has no points.") % layer)
    x, y = (float(each[0]) for each in to_metres([lon], [lat], request.city.crs))
    equal = {**found.equal, **narrowing(request, found)}
    if metres is None:
        rows = near.nearest(found.model, request.city, x, y, k, **equal)
    else:
        rows = near.within_distance(found.model, request.city, x, y, metres, **equal)[:1000]
    return [_near(each) for each in rows]


@router.get("/{city}/tiles/{tiles}.json", auth=None, summary="A set of tiles (TileJSON)")
def tile_json(request: CityRequest, city: str, tiles: str) -> dict[str, Any]:
    """TileJSON 3.0, with the words that the terms of the data ask every map to show."""
    chosen = _tile_set(request, tiles)
    at = version(request.city)
    words = layer_terms(request.city, *(layers.layer(key) for key in chosen.layers))
    base = request.build_absolute_uri(f"/api/v1/cities/{city}/tiles/{tiles}")
    return {
        "tilejson": "3.0.0",
        "name": tiles,
        "tiles": [f"{base}/{{z}}/{{x}}/{{y}}.mvt?v={at}"],
        "version": f"1.0.{int(at[:6], 16)}",
        "minzoom": 0,
        "maxzoom": chosen.most_zoom,
        "bounds": _bounds(request.city),
        "attribution": " · ".join(words.attributions),
        "simulated": words.simulated,
        "vector_layers": [_vector_layer(key) for key in chosen.layers],
    }


@router.get("/{city}/tiles/{tiles}/{int:z}/{int:x}/{int:y}.mvt", auth=None, summary="A vector tile")
def tile(
    request: CityRequest, city: str, tiles: str, z: int, x: int, y: int, v: str = ""
) -> HttpResponse:
    """Mapbox vector tile 2.1, gzipped. With v of the TileJSON it may be kept for ever."""
    chosen = _tile_set(request, tiles)
    wanted = Tile(z, x, y)
    if not wanted.exists() or z > chosen.most_zoom:
        raise Http404(_("There is no such tile; zoom goes from 0 to %d.") % chosen.most_zoom)
    at = version(request.city)
    response: HttpResponse
    if request.headers.get("If-None-Match") == f'"{at}"':
        response = HttpResponseNotModified()
    else:
        response = _tile_response(request, tile_of(request.city, chosen, wanted, at))
    response["ETag"] = f'"{at}"'
    response["Vary"] = "Accept-Encoding"
    public = all(layers.layer(key).access == layers.PUBLIC for key in chosen.layers)
    kept = f"max-age={YEAR}, immutable" if v == at else "no-cache"
    response["Cache-Control"] = f"{'public' if public else 'private'}, {kept}"
    return response


def _tile_response(request: HttpRequest, content: bytes) -> HttpResponse:
    if not content:
        return HttpResponse(status=204)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(content, content_type=MVT, headers={"Content-Encoding": "gzip"})
    return HttpResponse(gzip.decompress(content), content_type=MVT)


def _tile_set(request: HttpRequest, key: str) -> TileSet:
    try:
        found = layers.tile_set(key)
    except KeyError:
        known = ", ".join(each.key for each in layers.tile_sets())
        raise Http404(
            _(
                "There is no set of tiles “%(key)s”. There are: %(known)s, and each layer by its name."
            )
            % {"key": key, "known": known}
        ) from None
    if not found.open_to(request.user):
        raise HttpError(401, _("The set of tiles “%s” is not public; sign in.") % key)
    return found


def _vector_layer(key: str) -> dict[str, Any]:
    found = layers.layer(key)
    return {"id": key, "description": str(found.title), "fields": dict.fromkeys(found.tiled, "")}


def _bounds(city: City) -> list[float]:
    box = [city.west, city.south, city.east, city.north]
    return [-180, -85, 180, 85] if None in box else [edge for edge in box if edge is not None]


def _near(found: near.Near[Any]) -> NearOut:
    row = found.row
    properties = {
        name: getattr(row, name)
        for name in ("kind", "name", "address", "purpose", "cameras")
        if hasattr(row, name)
    }
    return NearOut(
        id=row.pk, key=row.key, metres=round(found.metres, 1), lon=row.lon, lat=row.lat,
        properties=properties,
    )  # fmt: skip


def _rows(request: CityRequest, key: str, bbox: str) -> tuple[layers.Layer, Iterator[Any]]:
    found = layer_for(request, key)
    return found, export_rows(found, request.city, box_of(bbox), narrowing(request, found))


def _file(pieces: Iterator[bytes], kind: str, name: str) -> HttpResponseBase:
    response = StreamingHttpResponse(pieces, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
