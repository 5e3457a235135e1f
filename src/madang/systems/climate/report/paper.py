"""A plan's report: what the climate process says of the plan's rows, as tables and as paper."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.ground.web.figures import number_text
from madang.systems.climate.asking import ask
from madang.systems.climate.domain import tables
from madang.systems.climate.messages import Result, Said
from madang.systems.climate.models import Edit, Fit, Scenario
from madang.systems.climate.report import pdf
from madang.systems.climate.report.drawing import Figure, MapFigure, YearsFigure
from madang.systems.climate.report.plan_map import plan_map
from madang.systems.climate.report.tables import Sheet, sheets
from madang.systems.climate.wording import class_names


class Found(NamedTuple):
    """A plan, what it comes to, and its tables."""

    plan: Scenario
    result: dict[str, Any]
    sheets: list[Sheet]


def found(plan: Scenario) -> Found:
    """All of it in the language in force; Refusal where nobody reckons just now."""
    told = ask(Result(city=plan.city_id, scenario=plan.pk))
    assert isinstance(told, Said)
    numbers = [row["number"] for row in told.body["edits"]]
    edits = list(Edit.objects.filter(scenario=plan, number__in=numbers).order_by("number"))
    language = get_language() or "ko"
    sources = tables.sources(plan.table_id)
    return Found(plan, told.body, sheets(told.body, edits, class_names(plan), sources, language))


def paper(told: Found) -> bytes:
    """A4 as PDF, in the language and the zone in force."""
    plan, result = told.plan, told.result
    language, now = get_language() or "ko", timezone.localtime()
    years, reference = result["premises"]["years"], result["premises"]["reference"]
    lead = [
        _("%(city)s · version %(version)s · %(day)s")
        % {"city": plan.city.name(language), "version": plan.version, "day": f"{now:%Y-%m-%d}"},
        _("Carbon after %(years)s years; air on a day of %(reference)s °C in the country around.")
        % {"years": years, "reference": number_text(reference, 2)},
        *_day(result["premises"]),
        *([_("Made from simulated data.")] if result["simulated"] else []),
        _("The load of a roof is a screening; whether a roof bears it, an engineer checks."),
    ]
    foot = f"SHA-256 {result['digest'][:16]}"
    return pdf.pdf(plan.name, lead, told.sheets, _figures(told, language), foot, now)


def _figures(told: Found, language: str) -> dict[str, Figure]:
    """By the key of the table that each stands under."""
    if not told.result["edits"]:
        return {}
    here = plan_map(told.plan, told.result["edits"], language)
    years = YearsFigure(told.result["yearly"], told.result["total"]["embodied_t"])
    return {"summary": MapFigure(here), "yearly": years}


def _day(premises: dict[str, Any]) -> list[str]:
    """Whether the hot day is an assumed one, or fitted to stations and how well."""
    if not premises.get("calibration"):
        return [_("The hot day is an assumed one, not fitted to stations.")]
    said = _(
        "The hot day is fitted to weather stations: where none stands it errs by %(error)s °C, the plain"
        " mean of the stations by %(null)s °C."
    )
    error, null = (number_text(premises[name], 2) for name in ("error", "null_error"))
    return [said % {"error": error, "null": null}, *_fitted(premises["calibration"])]


def _fitted(calibration: str) -> list[str]:
    """When, and by how many stations; nothing where the city has the fit no more."""
    fit = Fit.objects.filter(pk=calibration).first()
    if fit is None:
        return []
    said = _(
        "Fitted on %(day)s by %(stations)s stations, on the %(hours)s hottest hours of a month."
    )
    day = timezone.localtime(fit.made)
    words = {"day": f"{day:%Y-%m-%d}", "stations": len(fit.stations), "hours": len(fit.hours)}
    return [said % words]
