"""A plan's report: PDF for people, CSV and JSON for programs; all from the rows alone, with a hash."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
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
from madang.systems.climate.models import Edit, Scenario
from madang.systems.climate.report import pdf
from madang.systems.climate.report.tables import Sheet, rows, sheets
from madang.systems.climate.sentences import said
from madang.systems.climate.web.plan_pages import plan_of_page
from madang.systems.climate.wording import class_names

KINDS: Mapping[str, str] = {
    "pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "json": "application/json",
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
    try:
        found = _found(plan)
    except Refusal as refusal:
        context = {"plan": plan, "why": said(refusal)}
        return render(request, "climate/no_report.html", context, status=503)
    made = {"pdf": _pdf, "csv": _csv, "json": _json}[form](found)
    answer = HttpResponse(made, content_type=KINDS[form])
    answer["Content-Disposition"] = f'attachment; filename="plan-{str(pk)[-12:]}.{form}"'
    return answer


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
