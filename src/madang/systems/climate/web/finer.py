"""Indicators finer than a dong, as files: the squares of a grid, and the parcels of a dong or of a list."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
import shapely
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.ground.city.models import City, District
from madang.ground.city.projection import reproject
from madang.ground.city.public import overlapping
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import requires
from madang.systems.climate.asking import ask
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.tables import POOLS
from madang.systems.climate.messages import Said, Squares, Zones
from madang.systems.climate.models import Parcel
from madang.systems.climate.sentences import said

SIZES = (100, 250, 500, 1_000)
MOST_PARCELS = 10_000
UNITS = {
    "hectares": "ha", **dict.fromkeys(POOLS, "tC"), "trees": "tC", "carbon_t": "tC",
    "carbon_low_t": "tC", "carbon_high_t": "tC", "co2_t": "tCO2", "uptake_t": "tC/a",
    "green_ha": "ha", "green_share": "1", "biotope": "1", "ndvi": "1", "plants_ha": "ha",
    "celsius": "Cel", "celsius_low": "Cel", "celsius_high": "Cel",
}  # fmt: skip


@require_safe
@requires("climate.see")
def squares(request: CityRequest, city: str, form: str) -> HttpResponse:
    """?size= metres of a side."""
    size = request.GET.get("size", "500")
    if form not in ("csv", "geojson") or not size.isdecimal() or len(size) > 5:
        raise Http404
    try:
        found = ask(Squares(city=request.city.pk, size=float(size)))
    except Refusal as refusal:
        return _cannot(request, refusal)
    assert isinstance(found, Said)
    side = float(size)
    rows = [{"key": f"{each['x']:.0f},{each['y']:.0f}", "name": "", **each}
            for each in found.body["squares"]]  # fmt: skip
    boxes = [shapely.box(each["x"], each["y"], each["x"] + side, each["y"] + side) for each in rows]
    return _file(request.city, f"squares-{size}", form, rows, boxes, found.body)


@require_safe
@requires("climate.see")
def parcels(request: CityRequest, city: str, form: str) -> HttpResponse:
    """?dong= the key of a dong, or ?pnu= one or several numbers with commas."""
    if form not in ("csv", "geojson"):
        raise Http404
    try:
        wanted = _wanted(request.city, request.GET.get("dong", ""), request.GET.get("pnu", ""))
        if len(wanted) > MOST_PARCELS:
            raise Refusal("too-many-edits", count=len(wanted), limit=MOST_PARCELS)
        if not wanted:
            raise Refusal("no-parcels")
        shapes = shapely.from_wkb([bytes(each.geometry) for each in wanted])
        shapes = reproject(shapes, "EPSG:4326", request.city.crs)
        found = ask(Zones(city=request.city.pk, rings=[_rings(shape) for shape in shapes]))
    except Refusal as refusal:
        return _cannot(request, refusal)
    assert isinstance(found, Said)
    rows = [
        {"key": each.key, "name": each.address, **zone}
        for each, zone in zip(wanted, found.body["zones"], strict=True)
    ]
    return _file(request.city, "parcels", form, rows, list(shapes), found.body)


def _wanted(city: City, dong: str, numbers: str) -> list[Parcel]:
    if numbers:
        listed = [each.strip() for each in numbers.replace("\x00", "").split(",")][:MOST_PARCELS]
        return list(Parcel.objects.filter(city=city, key__in=listed).order_by("key"))
    row = District.objects.filter(city=city, level="dong", key=dong.replace("\x00", "")).first()
    if row is None:
        raise Http404
    shape = shapely.from_wkb(bytes(row.geometry))
    near = overlapping(Parcel, city, shape.bounds)
    middles = shapely.points([(each.west + each.east) / 2 for each in near],
                             [(each.south + each.north) / 2 for each in near])  # fmt: skip
    shapely.prepare(shape)
    inside = shapely.contains(shape, middles)
    return [each for each, is_in in zip(near, inside, strict=True) if is_in]


def _rings(shape: Any) -> list[list[tuple[float, float]]]:
    return [
        [(float(x), float(y)) for x, y in shapely.get_coordinates(ring)]
        for part in shapely.get_parts(shape)
        for ring in shapely.get_rings(part)
    ]


def _cannot(request: CityRequest, refusal: Refusal) -> HttpResponse:
    status = 503 if refusal.code in ("away", "busy") else 422
    title = _("These indicators cannot be told just now")
    return render(
        request, "climate/no_figures.html", {"title": title, "why": said(refusal)}, status=status
    )


def _file(
    city: City,
    name: str,
    form: str,
    rows: list[dict[str, Any]],
    shapes: list[Any],
    body: dict[str, Any],
) -> HttpResponse:
    flat = [{**row, **row.get("pools", {})} for row in rows]
    made = _csv(flat, body) if form == "csv" else _geojson(city, flat, shapes, body)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/geo+json"
    answer = HttpResponse(made, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def _csv(rows: list[dict[str, Any]], body: dict[str, Any]) -> str:
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    columns = [f"{name} ({unit})" for name, unit in UNITS.items()]
    writer.writerow(["key", "name", *columns, "refused", "simulated", "method", "inputs"])
    inputs = json.dumps(body["inputs"], ensure_ascii=False, sort_keys=True)
    for row in rows:
        cells = [_cell(row.get(name)) for name in UNITS]
        writer.writerow([row["key"], row["name"], *cells, row.get("refused", ""), body["simulated"],
                         body["method"], inputs])  # fmt: skip
    return out.getvalue()


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _geojson(
    city: City, rows: list[dict[str, Any]], shapes: list[Any], body: dict[str, Any]
) -> str:
    outlines = reproject(np.array(shapes, object), city.crs, "EPSG:4326") if shapes else []
    features = [
        {
            "type": "Feature", "geometry": json.loads(shapely.to_geojson(shape)),
            "properties": {"key": row["key"], "name": row["name"], "refused": row.get("refused"),
                           **{name: row.get(name) for name in UNITS}},
        }
        for row, shape in zip(rows, outlines, strict=True)
    ]  # fmt: skip
    words = {
        "units": UNITS,
        **{name: body[name] for name in ("inputs", "premises", "method", "simulated")},
    }
    whole = {"type": "FeatureCollection", "madang": words, "features": features}
    return json.dumps(whole, ensure_ascii=False)
