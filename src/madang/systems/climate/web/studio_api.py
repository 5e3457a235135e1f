"""What the studio and other maps read: what a city has, and its layers as pictures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import numpy as np
from django.http import HttpResponse
from ninja import Path, Query, Router

from madang.ground.city.public import to_degrees
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth
from madang.systems.climate.asking import ask
from madang.systems.climate.domain import catalogue, fitting, surfaces, tables
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.messages import Now, Picture, Said, Total, View
from madang.systems.climate.models import Layer, Surface
from madang.systems.climate.web import fits
from madang.systems.climate.web.shapes import EDGE, LayerName, StateOut

router = Router(tags=["climate"])
see = RightAuth("climate.see")
HERE = "/{city}/climate"
LAYERS: tuple[str, ...] = get_args(LayerName)
Metres = Annotated[float, Query(ge=-EDGE, le=EDGE)]
Side = Annotated[int, Query(ge=1, le=2_048)]


@router.get(f"{HERE}/state", response=StateOut, auth=see, summary="What can be computed here")
def state(request: CityRequest, city: str) -> Any:
    """What the city has brought, and what it lacks."""
    lacking = [layer.value for layer in NEEDED if _newest(request, layer) is None]
    try:
        table = tables.newest(request.city)
    except Refusal:
        table = None
        lacking.append("classes")
    land = _newest(request, Layer.LAND)
    rows = [] if table is None else table.rows.values_list("code", "name")
    return {
        "missing": lacking,
        "simulated": bool(
            (land and land.data_set.simulated) or (table is not None and table.simulated)
        ),
        "cell": land.cell if land else None,
        "box": _box(land, request.city.crs) if land else None,
        "classes": [{"code": code, "name": name} for code, name in sorted(set(rows))],
        "roofs": [
            {"key": key, "title": str(roof.title), "figures": {
                name: asdict(getattr(roof, name)) for name in ("load", "cost", "carbon", "embodied")
            }} for key, roof in catalogue.ROOFS.items()
        ],
        "species": [
            {"key": key, "title": str(each.title)} for key, each in catalogue.SPECIES.items()
        ],
        "layers": list(LAYERS),
        "fit": _fit(request),
    }  # fmt: skip


@router.get(f"{HERE}/scales", response=dict[str, Any], auth=see, summary="Colours of the layers")
def scales(request: CityRequest, city: str) -> Any:
    """Of each layer its unit, lowest and highest, and the colours from low to high."""
    found = ask(Total(city=request.city.pk))
    assert isinstance(found, Said)
    return found.body["scales"]


@router.get(f"{HERE}/now", response=dict[str, Any], auth=see, summary="The air of this moment")
def now(request: CityRequest, city: str) -> Any:
    """What weather stations heard within the hour say, and the pattern of the hot day at their level.

    method null: no station speaks, and how warm it is now is unknown. half_width: of the 95 % interval
    where no station stands; error and null_error: °C on stations left out, of the pattern and of the
    plain mean; null where stations are too few to say. age_s: seconds since a station's reading.
    """
    found = ask(Now(city=request.city.pk))
    assert isinstance(found, Said)
    return found.body


@router.get(f"{HERE}/fit", response=dict[str, Any] | None, auth=see, summary="The newest fit")
def fit(request: CityRequest, city: str) -> Any:
    """How the heat model meets the city's weather stations, beside the plain mean; null: never fitted."""
    found = fitting.used(request.city) or fitting.newest(request.city)
    return found and fits.told(found)


def _fit(request: CityRequest) -> dict[str, Any] | None:
    """The fit in use, else the newest where it helps: what a new plan may stand on."""
    found = fitting.used(request.city) or fitting.newest(request.city)
    return fits.told(found) if found and found.error < found.null_error else None


NEEDED = (Layer.LAND, Layer.EVAPOTRANSPIRATION)


@router.get(f"{HERE}/view/{{layer}}.png", auth=see, summary="A layer over a part of the map")
def view(
    request: CityRequest,
    city: str,
    layer: LayerName,
    west: Metres,
    south: Metres,
    east: Metres,
    north: Metres,
    width: Side,
    height: Side,
    plan: UUID | None = None,
) -> HttpResponse:
    """One picture of a box in EPSG:3857; with plan the city as that would make it."""
    return _picture(request, layer, plan, (west, south, east, north), width, height)


@router.get(f"{HERE}/tiles/{{layer}}/{{z}}/{{x}}/{{y}}.png", auth=see, summary="A tile of a layer")
def tile(
    request: CityRequest,
    city: str,
    layer: LayerName,
    z: Annotated[int, Path(ge=0, le=22)],
    x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
    plan: UUID | None = None,
    size: Literal[256, 512] = 256,
) -> HttpResponse:
    """XYZ tiles in Web Mercator."""
    side = 2 * EDGE / 2**z
    west, north = x * side - EDGE, EDGE - y * side
    return _picture(request, layer, plan, (west, north - side, west + side, north), size, size)


@router.get(
    f"{HERE}/tiles/{{layer}}/{{z}}/{{x}}/{{y}}.f32", auth=see, summary="A tile's values as float32"
)
def values(
    request: CityRequest,
    city: str,
    layer: LayerName,
    z: Annotated[int, Path(ge=0, le=22)],
    x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
    plan: UUID | None = None,
) -> HttpResponse:
    """256 rows of 256 little-endian numbers from the north-west; NaN where nothing is known."""
    side = 2 * EDGE / 2**z
    west, north = x * side - EDGE, EDGE - y * side
    box = (west, north - side, west + side, north)
    return _picture(request, layer, plan, box, 256, 256, raw=True)


def _picture(
    request: CityRequest,
    layer: str,
    plan: UUID | None,
    box: tuple[float, float, float, float],
    width: int,
    height: int,
    *,
    raw: bool = False,
) -> HttpResponse:
    found = ask(
        View(city=request.city.pk, scenario=plan, layer=layer, box=box, width=width, height=height,
             raw=raw)
    )  # fmt: skip
    assert isinstance(found, Picture)
    kind = "application/octet-stream" if raw else "image/png"
    return HttpResponse(found.data, content_type=kind, headers={"Cache-Control": "no-cache"})


def _newest(request: CityRequest, layer: Layer) -> Surface | None:
    try:
        return surfaces.newest(request.city, layer)
    except Refusal:
        return None


def _box(land: Surface, crs: str) -> list[float]:
    grid = surfaces.grid(land)
    x = grid.west + np.array([0.0, grid.columns * grid.cell])
    y = grid.north - np.array([grid.rows * grid.cell, 0.0])
    lon, lat = to_degrees(x, y, crs)
    return [float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1])]
