"""The heat model beside the city's weather stations: fitted, judged beside the plain mean, used or not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madang.ground.city.web.middleware import CityRequest
from madang.ground.measure import Measure, Provenance
from madang.ground.people.public import acting, may, requires
from madang.ground.web.figures import number_text
from madang.systems.climate import provenance
from madang.systems.climate.domain import fitting, reckoning
from madang.systems.climate.engine.calibration import half_width
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Fit
from madang.systems.climate.sentences import said
from madang.systems.climate.web import coming


@require_safe
@requires("climate.see")
def stations(request: CityRequest, city: str) -> HttpResponse:
    """The newest fit and the one in use, station by station."""
    fitted = fitting.under_way(request.city)
    if coming.asks(request):
        return coming.answer("coming" if fitted else "")
    newest, used = fitting.newest(request.city), fitting.used(request.city)
    shown = newest or used
    context = {
        "fit": shown, "used": used, "being_fitted": fitted, "figures": _figures(shown) if shown else [],
        "rows": _rows(shown) if shown else [], "helps": shown and shown.error < shown.null_error,
        "may_plan": may(request.user, "climate.plan", request.city),
    }  # fmt: skip
    return render(request, "climate/stations.html", context)


@require_POST
@requires("climate.plan")
def fit(request: CityRequest, city: str) -> HttpResponse:
    """Have the model fitted; that stations are too few is said at once."""
    from madang.systems.climate.tasks import fit_to_stations

    try:
        fitting.measured(request.city, timezone.now())
    except Refusal as refusal:
        messages.error(request, said(refusal))
        return redirect("climate:stations", city=city)
    fit_to_stations.defer(city_id=str(request.city.pk))
    return redirect("climate:stations", city=city)


@require_POST
@requires("climate.plan")
def use(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Let the city's figures stand on the fit, or on the assumed hot day again."""
    wanted = "use" in request.POST
    try:
        fitting.use(request.city, pk, acting(request), wanted=wanted)
    except Refusal as refusal:
        messages.error(request, said(refusal))
    else:
        reckoning.ask_of(request.city)
        messages.success(request, _("The indicators are being reckoned anew."))
    return redirect("climate:stations", city=city)


def told(row: Fit) -> dict[str, Any]:
    """A fit as data, with its hash."""
    return provenance.sealed({
        "id": str(row.pk), "made": row.made.isoformat(), "reference": row.reference,
        "urban_heat": row.urban_heat, "mixing": row.mixing, "park_cooling": row.park_cooling,
        "error": row.error, "null_error": row.null_error, "helps": row.error < row.null_error,
        "blocks": row.blocks, "stations": row.stations, "hours": row.hours, "inputs": row.inputs,
        "used": row.used, "simulated": row.simulated,
        "half_width": half_width(row.error, row.blocks), "method": fitting.METHOD,
    })  # fmt: skip


def _figures(row: Fit) -> list[tuple[str, Measure]]:
    word: Provenance = "simulated" if row.simulated else "estimated"
    half = half_width(row.error, row.blocks)
    return [
        (_("Error where no station stands"), _degrees(row.error, word)),
        (_("Error of the plain mean"), _degrees(row.null_error, word)),
        (_("Half of the 95 % interval"), _degrees(half, word)),
        (_("Air of the country around"), _degrees(row.reference, word)),
        (_("Urban heat at most"), _degrees(row.urban_heat, word)),
        (_("The air mixes over"), Measure(value=row.mixing, unit="m", provenance=word)),
        (_("A park cools over"), Measure(value=row.park_cooling, unit="m", provenance=word)),
    ]


def _degrees(value: float, word: Provenance) -> Measure:
    return Measure(value=round(value, 2), unit="Cel", provenance=word)


def _rows(row: Fit) -> list[dict[str, Any]]:
    return [
        {
            "name": each["name"],
            "measured": _degrees(each["celsius"],
                                 "simulated" if each["simulated"] else "measured"),
            "model": _degrees(each["model"], "estimated"),
            "apart": number_text(each["model"] - each["celsius"], 2),
        }
        for each in row.stations
    ]  # fmt: skip
