"""A plan's report: PDF for people, CSV and JSON for programs; all from the rows alone, with a hash."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import requires
from madang.systems.climate.asking import ask
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.messages import Result, Said
from madang.systems.climate.models import Edit, Kind, Scenario
from madang.systems.climate.report import pdf
from madang.systems.climate.report.tables import Sheet, rows, sheets
from madang.systems.climate.sentences import said
from madang.systems.climate.web.plan_pages import plan_of_page
from madang.systems.climate.web.shapes import in_degrees
from madang.systems.climate.wording import class_names

KINDS: Mapping[str, str] = {
    "pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "json": "application/json",
    "geojson": "application/geo+json",
}  # fmt: skip


class Found(NamedTuple):
    """A plan, what it comes to, and its tables."""

    plan: Scenario
    result: dict[str, Any]
    sheets: list[Sheet]


@require_safe
@requires("climate.see")
def report(request: CityRequest, city: str, pk: UUID, form: str) -> HttpResponse:
    if form not in KINDS:
        raise Http404
    plan = plan_of_page(request, pk)
    if form == "geojson":
        return _file(plan, form, _geojson(plan))
    try:
        found = _found(plan)
    except Refusal as refusal:
        context = {"plan": plan, "why": said(refusal)}
        return render(request, "climate/no_report.html", context, status=503)
    makers: dict[str, Callable[[Found], str | bytes]] = {"pdf": _pdf, "csv": _csv, "json": _json}
    made = makers[form](found)
    return _file(plan, form, made)


def _file(plan: Scenario, form: str, made: str | bytes) -> HttpResponse:
    answer = HttpResponse(made, content_type=KINDS[form])
    answer["Content-Disposition"] = f'attachment; filename="plan-{str(plan.pk)[-12:]}.{form}"'
    return answer


def _geojson(plan: Scenario) -> str:
    """What is drawn and holds, in degrees: a line of trees each, a polygon with its holes otherwise."""
    held = plan.edits.filter(undoes=None, undone_by=None).order_by("number")
    features = [_feature(edit, plan) for edit in held]
    words = {"name": plan.name, "version": plan.version, "premises": plan.premises}
    whole = {"type": "FeatureCollection", "madang": words, "features": features}
    return json.dumps(whole, ensure_ascii=False)


def _feature(edit: Edit, plan: Scenario) -> dict[str, Any]:
    rings = [in_degrees(ring, plan.city) for ring in edit.rings or ()]
    trees = edit.kind == Kind.TREES
    shape = {
        "type": "MultiLineString" if trees else "Polygon",
        "coordinates": rings if trees else [[*ring, ring[0]] for ring in rings],
    }
    about = {"number": edit.number, "kind": edit.kind, "code": edit.code, **edit.what}
    return {"type": "Feature", "geometry": shape, "properties": about}


def _found(plan: Scenario) -> Found:
    told = ask(Result(city=plan.city_id, scenario=plan.pk))
    assert isinstance(told, Said)
    numbers = [row["number"] for row in told.body["edits"]]
    edits = list(Edit.objects.filter(scenario=plan, number__in=numbers).order_by("number"))
    language = get_language() or "ko"
    return Found(plan, told.body, sheets(told.body, edits, class_names(plan), language))


def _pdf(found: Found) -> bytes:
    plan, result = found.plan, found.result
    language, now = get_language() or "ko", timezone.localtime()
    years, reference = result["premises"]["years"], result["premises"]["reference"]
    lead = [
        _("%(city)s · version %(version)s · %(day)s")
        % {"city": plan.city.name(language), "version": plan.version, "day": f"{now:%Y-%m-%d}"},
        _("Carbon after %(years)s years; air on a day of %(reference)s °C in the country around.")
        % {"years": years, "reference": reference},
        *([_("Made from simulated data.")] if result["simulated"] else []),
        _("The load of a roof is a screening; whether a roof bears it, an engineer checks."),
    ]
    return pdf.pdf(plan.name, lead, found.sheets, f"SHA-256 {result['digest'][:16]}", now)


def _csv(found: Found) -> str:
    out = io.StringIO()
    out.write("\ufeff")
    csv.writer(out).writerows(rows(found.sheets))
    return out.getvalue()


def _json(found: Found) -> str:
    return json.dumps(found.result, ensure_ascii=False, indent=1)
