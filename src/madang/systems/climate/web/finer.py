"""Indicators finer than a dong, as files: the squares of a grid, and the parcels of a dong or of a list."""

from __future__ import annotations

import csv
import io
import json

import shapely
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.ground.city.models import City, District
from madang.ground.city.public import overlapping
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import requires
from madang.systems.climate import areas
from madang.systems.climate.areas import MOST_PARCELS, UNITS, Areas
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Parcel
from madang.systems.climate.sentences import said

SIZES = (100, 250, 500, 1_000)


@require_safe
@requires("climate.see")
def squares(request: CityRequest, city: str, form: str) -> HttpResponse:
    """?size= metres of a side."""
    size = request.GET.get("size", "500")
    if form not in ("csv", "geojson") or not size.isdecimal() or len(size) > 5:
        raise Http404
    try:
        return _file(f"squares-{size}", form, areas.squares(request.city, float(size)))
    except Refusal as refusal:
        return _cannot(request, refusal)


@require_safe
@requires("climate.see")
def parcels(request: CityRequest, city: str, form: str) -> HttpResponse:
    """?dong= the key of a dong, or ?pnu= one or several numbers with commas."""
    if form not in ("csv", "geojson"):
        raise Http404
    numbers = request.GET.get("pnu", "")
    wanted = numbered(request.city, numbers) if numbers else None
    if wanted is None:
        wanted = of_dong(request.city, request.GET.get("dong", ""))
    if wanted is None:
        raise Http404
    try:
        return _file("parcels", form, areas.parcels(request.city, wanted))
    except Refusal as refusal:
        return _cannot(request, refusal)


def numbered(city: City, numbers: str) -> list[Parcel]:
    """The parcels of these PNU, commas between."""
    listed = [each.strip() for each in numbers.replace("\x00", "").split(",")][:MOST_PARCELS]
    return list(Parcel.objects.filter(city=city, key__in=listed).order_by("key"))


def of_dong(city: City, dong: str) -> list[Parcel] | None:
    """The parcels whose middle lies in a dong; None where there is no such dong."""
    row = District.objects.filter(city=city, level="dong", key=dong.replace("\x00", "")).first()
    if row is None:
        return None
    shape = shapely.from_wkb(bytes(row.geometry))
    near = overlapping(Parcel, city, shape.bounds)
    middles = shapely.points([(each.west + each.east) / 2 for each in near],
                             [(each.south + each.north) / 2 for each in near])  # fmt: skip
    shapely.prepare(shape)
    inside = shapely.contains(shape, middles)
    return [each for each, is_in in zip(near, inside, strict=True) if is_in]


def _cannot(request: CityRequest, refusal: Refusal) -> HttpResponse:
    status = 503 if refusal.code in ("away", "busy") else 422
    title = _("These indicators cannot be told just now")
    return render(
        request, "climate/no_figures.html", {"title": title, "why": said(refusal)}, status=status
    )


def _file(name: str, form: str, found: Areas) -> HttpResponse:
    made = _csv(found) if form == "csv" else json.dumps(found.geojson(), ensure_ascii=False)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/geo+json"
    answer = HttpResponse(made, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def _csv(found: Areas) -> str:
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    columns = [f"{name} ({unit})" for name, unit in UNITS.items()]
    writer.writerow(["key", "name", *columns, "refused", "simulated", "method", "inputs", "digest"])
    inputs = json.dumps(found.stand["inputs"], ensure_ascii=False, sort_keys=True)
    for row in found.rows:
        cells = [_cell(value) for value in areas.figures(row).values()]
        writer.writerow([row["key"], row["name"], *cells, row.get("refused", ""),
                         found.stand["simulated"], found.stand["method"], inputs,
                         found.stand["digest"]])  # fmt: skip
    return out.getvalue()


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
