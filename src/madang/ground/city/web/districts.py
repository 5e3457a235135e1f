"""The districts as a tree with their figures, and as a chart."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.ground.city.export.terms import terms
from madang.ground.city.queries.summaries import DistrictFigures, districts
from madang.ground.city.web import wording
from madang.ground.city.web.middleware import CityRequest
from madang.ground.measure import Measure
from madang.ground.people.public import public_page
from madang.ground.web.charts import Chart, Series


@require_safe
@public_page
def index(request: CityRequest, city: str) -> HttpResponse:
    found = districts(request.city)
    language = get_language() or "ko"
    words = terms(request.city)
    context = {
        "rows": [_row(each, language) for each in found],
        "chart": _chart(found, language, words.simulated) if found else None,
        "attributions": words.attributions,
    }
    return render(request, "city/districts.html", context)


def _row(each: DistrictFigures, language: str) -> dict[str, object]:
    return {
        "name": each.district.name(language),
        "level": wording.LEVELS.get(each.district.level, each.district.level),
        "top": each.parent is None,
        "code": each.district.key,
        "area": Measure(value=round(each.area_km2, 2), unit="km2", method=_("from the outline")),
        "residents": each.residents,
        "households": each.households,
        "density": None if each.per_km2 is None else round(each.per_km2),
        "as_of": each.as_of,
    }


def _chart(found: list[DistrictFigures], language: str, simulated: bool) -> Chart | None:
    """Residents of the lowest districts, the most first."""
    lowest = [each for each in found if each.parent is not None] or found
    known = sorted(
        (each for each in lowest if each.residents is not None),
        key=lambda each: -(each.residents or 0),
    )
    if not known:
        return None
    return Chart(
        _("Residents by district"),
        _("District"),
        [each.district.name(language) for each in known],
        [Series(_("Residents"), [each.residents for each in known])],
        kind="bar",
        unit="{person}",
        simulated=simulated,
    )
