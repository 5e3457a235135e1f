"""A plan's report: paper made by a job, CSV and JSON for programs, what is drawn as GeoJSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import requires
from madang.systems.climate.domain import reporting
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Edit, Kind, Report, Scenario
from madang.systems.climate.report.paper import Found, found
from madang.systems.climate.report.tables import rows
from madang.systems.climate.sentences import said
from madang.systems.climate.web.plan_pages import plan_of_page, report_of
from madang.systems.climate.web.shapes import in_fine_degrees
from madang.systems.climate.wording import class_names

KINDS: Mapping[str, str] = {
    "pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "json": "application/json",
    "geojson": "application/geo+json",
}  # fmt: skip


@require_safe
@requires("climate.see")
def report(request: CityRequest, city: str, pk: UUID, form: str) -> HttpResponse:
    if form not in KINDS:
        raise Http404
    plan = plan_of_page(request, pk)
    if form == "geojson":
        return _file(plan, form, _geojson(plan))
    if form == "pdf":
        return _paper(plan)
    try:
        told = found(plan)
    except Refusal as refusal:
        context = {"plan": plan, "why": said(refusal)}
        return render(request, "climate/no_report.html", context, status=503)
    return _file(plan, form, _csv(told) if form == "csv" else _json(told))


@require_http_methods(["GET", "HEAD", "POST"])
@requires("climate.see")
def paper(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Have the report made (POST), and how far that is: the part of the plan's page that asks again."""
    plan = plan_of_page(request, pk)
    if request.method == "POST":
        reporting.ask(plan, _language())
        return redirect(_where(plan))
    return render(request, "climate/report_state.html", {"plan": plan, **report_of(plan)})


def _paper(plan: Scenario) -> HttpResponse:
    """The paper that is made; the page that says how far it is otherwise."""
    row = reporting.current(plan, _language())
    if row is None or row.state != Report.State.MADE or row.file is None:
        return redirect(_where(plan))
    return _file(plan, "pdf", bytes(row.file))


def _where(plan: Scenario) -> str:
    return f"{reverse('climate:plan', kwargs={'city': plan.city.key, 'pk': plan.pk})}#report"


def _language() -> str:
    return get_language() or "ko"


def _file(plan: Scenario, form: str, made: str | bytes) -> HttpResponse:
    answer = HttpResponse(made, content_type=KINDS[form])
    answer["Content-Disposition"] = f'attachment; filename="plan-{str(plan.pk)[-12:]}.{form}"'
    return answer


def _geojson(plan: Scenario) -> str:
    """What is drawn and holds, in degrees: a line of trees each, a polygon with its holes otherwise."""
    held = plan.edits.filter(undoes=None, undone_by=None).order_by("number")
    names = class_names(plan)
    features = [_feature(edit, plan, names) for edit in held]
    words = {"name": plan.name, "version": plan.version, "premises": plan.premises}
    whole = {"type": "FeatureCollection", "madang": words, "features": features}
    return json.dumps(whole, ensure_ascii=False)


def _feature(edit: Edit, plan: Scenario, names: dict[int, str]) -> dict[str, Any]:
    rings = [in_fine_degrees(ring, plan.city) for ring in edit.rings or ()]
    trees = edit.kind == Kind.TREES
    shape = {
        "type": "MultiLineString" if trees else "Polygon",
        "coordinates": rings if trees else [[*ring, ring[0]] for ring in rings],
    }
    about = {"number": edit.number, "kind": edit.kind, "code": edit.code, **edit.what}
    if edit.code is not None:
        about["class"] = names.get(edit.code)
    return {"type": "Feature", "geometry": shape, "properties": about}


def _csv(told: Found) -> str:
    out = io.StringIO()
    out.write("\ufeff")
    csv.writer(out).writerows(rows(told.sheets))
    return out.getvalue()


def _json(told: Found) -> str:
    return json.dumps(told.result, ensure_ascii=False, indent=1)
