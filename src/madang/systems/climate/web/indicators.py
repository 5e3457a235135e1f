"""Indicators of the ecosystem by district: a table, its sources, its change since the time before."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import shapely
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.ground.city.models import City, District
from madang.ground.city.web.middleware import CityRequest
from madang.ground.measure import Measure, Provenance
from madang.ground.people.public import requires
from madang.ground.web.charts import Chart, Series
from madang.systems.climate.domain import falls, reckoning, tables
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.models import Parcel, Reckoning
from madang.systems.climate.web import coming
from madang.systems.climate.web.finer import SIZES

UNITS = {
    "hectares": "ha", "carbon": "tC", "carbon_low": "tC", "carbon_high": "tC", "co2": "tCO2",
    "uptake": "tCO2/a", "green": "ha", "ndvi": "1", "plants": "ha", "biotope": "%",
    "temperature": "Cel", "temperature_low": "Cel", "temperature_high": "Cel", "uptake_low": "tCO2/a",
    "uptake_high": "tCO2/a", "change": "tCO2", "night": "Cel", "night_low": "Cel", "night_high": "Cel",
    "green_low": "ha", "green_high": "ha", "biotope_low": "%", "biotope_high": "%",
}  # fmt: skip


@require_safe
@requires("climate.see")
def index(request: CityRequest, city: str) -> HttpResponse:
    awaited = coming.awaited(request, reckoning.late(request.city))
    if coming.asks(request):
        return coming.answer(awaited)
    level = "gu" if request.GET.get("level") == "gu" else "dong"
    newest, before = _newest(request.city, level)
    language = get_language() or "ko"
    rows = _rows(request.city, newest, before, language) if newest else []
    stand = reckoning.inputs(request.city)
    context = {
        "level": level, "newest": newest, "before": before,
        "rows": [_measured(row) for row in rows] if newest else [],
        "chart": _chart(rows, newest.simulated) if newest and rows else None,
        "missing": stand is None, "image": any(row["ndvi"] is not None for row in rows),
        "sizes": SIZES, "dongs": _dongs(request.city, language),
        "awaited": awaited,
        "sources": tables.sources(newest.inputs["table"]) if newest else [],
        "premises": newest.inputs["premises"] if newest else {},
    }  # fmt: skip
    return render(request, "climate/indicators.html", context)


@require_safe
@requires("climate.see")
def download(request: CityRequest, city: str, form: str) -> HttpResponse:
    """The same table as a file, units in its header; outlines beside the figures in GeoJSON."""
    level = "gu" if request.GET.get("level") == "gu" else "dong"
    newest, before = _newest(request.city, level)
    if newest is None or form not in ("csv", "geojson"):
        raise Http404
    rows = _rows(request.city, newest, before, get_language() or "ko")
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/geo+json"
    made = _csv(rows, newest) if form == "csv" else _geojson(request.city, rows, newest)
    answer = HttpResponse(made, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="indicators-{level}.{form}"'
    return answer


def _dongs(city: City, language: str) -> list[tuple[str, str]]:
    """The dongs whose parcels can be told, where the city has parcels."""
    if not Parcel.objects.filter(city=city).exists():
        return []
    rows = District.objects.filter(city=city, level="dong").order_by("key")
    return [(row.key, row.name(language)) for row in rows]


def _newest(city: City, level: str) -> tuple[Reckoning | None, Reckoning | None]:
    """What holds now, and what was reckoned in the same way before it."""
    found = reckoning.newest(city, level)
    return found, (falls.previous(found) if found else None)


def _rows(
    city: City, newest: Reckoning, before: Reckoning | None, language: str
) -> list[dict[str, Any]]:
    """Figures of each district by name, in the units of UNITS; what is unknown is None."""
    names = {each.key: each.name(language) for each in District.objects.filter(city=city)}
    earlier = {row["key"]: _carbon(row) for row in before.rows} if before else {}
    return [_row(row, names, earlier) for row in newest.rows]


def _row(row: dict[str, Any], names: dict[str, str], earlier: dict[str, float]) -> dict[str, Any]:
    carbon, spread, was = _carbon(row), row["spread"], earlier.get(row["key"])
    return {
        "key": row["key"], "name": names.get(row["key"], row["name"]), "hectares": row["hectares"],
        "carbon": carbon, "carbon_low": spread and spread[0], "carbon_high": spread and spread[1],
        "co2": carbon * CO2, "uptake": row["uptake"] and row["uptake"] * CO2, "green": row["green"],
        "ndvi": row.get("ndvi"), "plants": row.get("plants"),
        "biotope": None if row["biotope"] is None else row["biotope"] * 100,
        "temperature": row["temperature"],
        **_ends("temperature", row.get("warmth"), 1.0),
        **_ends("uptake", row.get("uptake_spread"), CO2),
        "night": row.get("night"), **_ends("night", row.get("coolness"), 1.0),
        **_ends("green", row.get("green_spread"), 1.0),
        **_ends("biotope", row.get("biotope_spread"), 100.0),
        "change": None if was is None else (carbon - was) * CO2,
    }  # fmt: skip


def _ends(name: str, ends: list[float] | None, by: float) -> dict[str, float | None]:
    """95 % lie between; a row reckoned before intervals were has none."""
    low, high = ends or (None, None)
    return {
        f"{name}_low": None if low is None else low * by,
        f"{name}_high": None if high is None else high * by,
    }


def _carbon(row: dict[str, Any]) -> float:
    return float(sum(row["pools"].values()) + row["trees"])


def _measured(row: dict[str, Any]) -> dict[str, Any]:
    """The row's figures; that they are simulated the table says once a row, or nobody finds the figures."""
    word: Provenance = "estimated"

    def shown(name: str, unit: str, places: int) -> Measure:
        value, low = (row.get(each) for each in (name, f"{name}_low"))
        off = None if low is None else round((row[f"{name}_high"] - low) / 2, places)
        return Measure(value=None if value is None else round(value, places), unit=unit,
                       uncertainty=off or None, provenance=word)  # fmt: skip

    return {
        "name": row["name"], "key": row["key"], "hectares": shown("hectares", "ha", 1),
        "carbon": shown("carbon", "t", 0), "co2": shown("co2", "t", 0),
        "uptake": shown("uptake", "t/a", 0), "green": shown("green", "ha", 1),
        "ndvi": shown("ndvi", "1", 2), "plants": shown("plants", "ha", 1),
        "biotope": shown("biotope", "%", 1), "temperature": shown("temperature", "Cel", 1),
        "night": shown("night", "Cel", 1), "change": shown("change", "t", 0),
    }  # fmt: skip


def _chart(rows: list[dict[str, Any]], simulated: bool) -> Chart:
    most = sorted(rows, key=lambda row: -row["co2"])[:20]
    return Chart(
        _("CO₂ stored, the 20 districts with most"), _("District"), [row["name"] for row in most],
        [Series(_("CO₂ stored"), [round(row["co2"]) for row in most])], kind="bar", unit="t",
        simulated=simulated,
    )  # fmt: skip


def _csv(rows: list[dict[str, Any]], newest: Reckoning) -> str:
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    columns = [f"{name} ({unit})" for name, unit in UNITS.items()]
    writer.writerow(["key", "name", *columns, "simulated", "made", "method", "inputs"])
    for row in rows:
        cells = ["" if row[name] is None else f"{row[name]:.4f}" for name in UNITS]
        writer.writerow([row["key"], row["name"], *cells, newest.simulated,
                         newest.made.isoformat(), newest.inputs["method"], newest.digest])  # fmt: skip
    return out.getvalue()


def _geojson(city: City, rows: list[dict[str, Any]], newest: Reckoning) -> str:
    wanted = District.objects.filter(city=city, level=newest.level)
    shapes = {one.key: shapely.from_wkb(bytes(one.geometry)) for one in wanted}
    features = [
        {
            "type": "Feature", "properties": row,
            "geometry": json.loads(shapely.to_geojson(shapes[row["key"]])),
        }
        for row in rows if row["key"] in shapes
    ]  # fmt: skip
    words = {"units": UNITS, "simulated": newest.simulated, "made": newest.made.isoformat(),
             "inputs": newest.inputs, "digest": newest.digest}  # fmt: skip
    whole = {"type": "FeatureCollection", "madang": words, "features": features}
    return json.dumps(whole, ensure_ascii=False)
