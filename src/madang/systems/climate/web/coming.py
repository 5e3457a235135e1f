"""Figures that are being reckoned: the page says so, asks for them and shows itself anew then."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest, HttpResponse

from madang.ground.city.web.middleware import CityRequest
from madang.systems.climate.domain import reckoning

Awaited = Literal["", "coming", "failed"]


def awaited(request: CityRequest, late: bool) -> Awaited:
    """Whether other figures come; failed: they are not there, and no job is left that would bring them."""
    if not late:
        return ""
    return "coming" if reckoning.under_way(request.city) else "failed"


def asks(request: HttpRequest) -> bool:
    """Whether it is the page's own question."""
    return "HX-Request" in request.headers and "HX-Boosted" not in request.headers


def answer(awaited: Awaited) -> HttpResponse:
    """Nothing while they come; then the page shows itself anew, what was chosen on it as it is."""
    return HttpResponse(status=204, headers={} if awaited == "coming" else {"HX-Refresh": "true"})
