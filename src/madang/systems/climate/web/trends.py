"""Indicators over the days of the city's land cover maps: a chart, its table, a file."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.ground.city.models import District
from madang.ground.city.web.middleware import CityRequest
from madang.ground.measure import Measure
from madang.ground.people.public import requires
from madang.ground.web.charts import Chart, Series
from madang.systems.climate.domain import reckoning, trends
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.models import ClassTable
from madang.systems.climate.web import coming

UNITS = {"hectares": "ha", "carbon": "tC", "co2": "tCO2", "co2_low": "tCO2", "co2_high": "tCO2",
         "uptake": "tCO2/a", "green": "ha", "biotope": "%", "temperature": "Cel",
         "night": "Cel"}  # fmt: skip
SHOWN = {"co2": ("t", 0), "uptake": ("t/a", 0), "green": ("ha", 1), "biotope": ("%", 1),
         "temperature": ("Cel", 2), "night": ("Cel", 2)}  # fmt: skip


@require_safe
@requires("climate.see")
def index(request: CityRequest, city: str) -> HttpResponse:
    """?of= an indicator, ?district= the key of a dong, else the whole city."""
    awaited = coming.awaited(request, trends.late(request.city))
    if coming.asks(request):
        return coming.answer(awaited)
    found = trends.moments(request.city)
    wanted = request.GET.get("district", "")
    of = request.GET.get("of", "")
    of = of if of in SHOWN else "co2"
    language = get_language() or "ko"
    dongs = [(row.key, row.name(language)) for row in
             District.objects.filter(city=request.city, level="dong").order_by("key")]  # fmt: skip
    rows = [figures(moment, wanted) for moment in found]
    words = titles()
    context = {
        "rows": [_measured(row) for row in rows], "dongs": dongs, "wanted": wanted, "of": of,
        "awaited": awaited, "table": _table(found), "missing": reckoning.inputs(request.city) is None,
        "stand": max(found, key=lambda each: each.made) if found else None,
        "titles": words, "simulated": any(each.simulated for each in found),
        "undated": any(not each.dated for each in found),
        "chart": Chart(
            words[of], _("Day of the land cover"), [row["day"] for row in rows],
            [Series(words[of], [_rounded(row[of], SHOWN[of][1]) for row in rows])],
            unit=SHOWN[of][0], simulated=any(each.simulated for each in found),
        ) if len(rows) > 1 else None,
    }  # fmt: skip
    return render(request, "climate/trends.html", context)


@require_safe
@requires("climate.see")
def download(request: CityRequest, city: str) -> HttpResponse:
    """All dongs at all days as CSV."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(["day", "key", *(f"{name} ({unit})" for name, unit in UNITS.items()),
                     "simulated", "method", "inputs"])  # fmt: skip
    for moment in trends.moments(request.city):
        for key in ("", *(row["key"] for row in moment.rows)):
            row = figures(moment, key)
            cells = ["" if row[name] is None else f"{row[name]:.4f}" for name in UNITS]
            writer.writerow([row["day"], key, *cells, moment.simulated, moment.inputs["method"],
                             moment.digest])  # fmt: skip
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="trends.csv"'
    return answer


def _table(found: list[trends.Moment]) -> str:
    """What the table of coefficients is called."""
    rows = ClassTable.objects.filter(pk__in={each.inputs["table"] for each in found})
    return rows.values_list("name", flat=True).first() or ""


def titles() -> dict[str, str]:
    return {
        "co2": _("CO₂ stored"), "uptake": _("CO₂ taken up"), "green": _("Green space"),
        "biotope": _("Biotope area ratio"), "temperature": _("Air on a hot day"),
        "night": _("Air in the night after it"),
    }  # fmt: skip


def figures(moment: trends.Moment, key: str) -> dict[str, Any]:
    """Of one dong, or of all together; what one of them does not know nobody knows of all."""
    rows = [row for row in moment.rows if row["hectares"] and key in ("", row["key"])]
    hectares = sum(row["hectares"] for row in rows)
    stock = sum(sum(row["pools"].values()) for row in rows)

    def total(name: str, by: float = 1.0) -> float | None:
        known = [row[name] for row in rows]
        return None if not known or None in known else float(sum(known)) * by

    def mean(name: str, by: float = 1.0) -> float | None:
        known = [row for row in rows if row.get(name) is not None]
        if not known or len(known) < len(rows):
            return None
        weighted = sum(row[name] * row["hectares"] for row in known)
        return float(weighted / hectares * by)

    def end(at: int) -> float | None:
        ends = [row["spread"] for row in rows]
        return None if not ends or None in ends else float(sum(each[at] for each in ends)) * CO2

    return {
        "day": moment.day, "hectares": hectares, "carbon": stock if rows else None,
        "co2": stock * CO2 if rows else None, "co2_low": end(0), "co2_high": end(1),
        "uptake": total("uptake", CO2), "green": total("green"), "biotope": mean("biotope", 100),
        "temperature": mean("temperature"), "night": mean("night"),
    }  # fmt: skip


def _measured(row: dict[str, Any]) -> dict[str, Any]:
    words = titles()
    return {
        "day": row["day"],
        "cells": [
            (words[name], Measure(value=_rounded(row[name], places), unit=unit, provenance="estimated",
                    uncertainty=_half(row) if name == "co2" else None))
            for name, (unit, places) in SHOWN.items()
        ],
    }  # fmt: skip


def _half(row: dict[str, Any]) -> float | None:
    low: float | None = row["co2_low"]
    return None if low is None else float(round((row["co2_high"] - low) / 2))


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)
