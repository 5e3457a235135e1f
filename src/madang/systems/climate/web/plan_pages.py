"""A plan for everybody: what it does, what that comes to, who changed it when; and following it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madang.ground.city.web.middleware import CityRequest
from madang.ground.measure import Measure
from madang.ground.people.public import may, requires
from madang.systems.climate.asking import ask
from madang.systems.climate.domain import following, reporting
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.messages import Said, Total
from madang.systems.climate.models import Edit, Scenario
from madang.systems.climate.sentences import said
from madang.systems.climate.wording import class_names, done, felt, warmer

MOST_STEPS = 50


@require_safe
@requires("climate.see")
def plans(request: CityRequest, city: str) -> HttpResponse:
    rows = Scenario.objects.filter(city=request.city).order_by("-made")
    return render(request, "climate/plans.html", {"plans": rows})


@require_safe
@requires("climate.see")
def plan(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    found = plan_of_page(request, pk)
    total, why = _total(found)
    names, user = class_names(found), request.user
    held = list(found.edits.filter(undoes=None, undone_by=None).order_by("number"))
    context = {
        "plan": found, "why": why, "doings": done(held, names),
        "figures": _figures(total) if total else [],
        "zones": _zones(total, get_language() or "ko") if total else [],
        "steps": _steps(found, names)[:MOST_STEPS],
        "follows": user.is_authenticated and following.follows(found, user),
        "simulated": found.land.data_set.simulated or found.table.simulated,
        "premises": found.premises, **report_of(found),
        "may_plan": may(user, "climate.plan", request.city),
    }  # fmt: skip
    return render(request, "climate/plan.html", context)


@require_POST
@requires("climate.see")
def follow(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Be told when the plan changes, or no longer; who is not signed in has the feed."""
    found = plan_of_page(request, pk)
    here = reverse("climate:plan", kwargs={"city": city, "pk": pk})
    if not request.user.is_authenticated:
        return redirect(f"{reverse('account_login')}?next={here}")
    act = following.leave if request.POST.get("leave") else following.follow
    act(found, request.user)
    return redirect(here)


@require_safe
@requires("climate.see")
def feed(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """What was drawn on the plan, newest first, as an Atom feed: for whoever has no account."""
    found = plan_of_page(request, pk)
    here = request.build_absolute_uri(reverse("climate:plan", kwargs={"city": city, "pk": pk}))
    atom = Atom1Feed(
        title=f"{request.city.name(get_language() or 'ko')}: {found.name}", link=here, description="",
        language=get_language() or "ko", feed_url=request.build_absolute_uri(),
    )  # fmt: skip
    for step in _steps(found, class_names(found))[:MOST_STEPS]:
        atom.add_item(
            title=step["what"], link=here, description=step["what"],
            unique_id=f"urn:uuid:{step['id']}", pubdate=step["made"], updateddate=step["made"],
        )  # fmt: skip
    answer = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    atom.write(answer, "utf-8")
    return answer


def plan_of_page(request: CityRequest, pk: UUID) -> Scenario:
    """The plan of the request's city; a page that is not there otherwise."""
    rows = Scenario.objects.select_related("land__data_set", "table", "city").defer("land__file")
    found = rows.filter(pk=pk, city=request.city).first()
    if found is None:
        raise Http404
    return found


def report_of(plan: Scenario) -> dict[str, Any]:
    """The report of the plan as it is, and why it could not be made."""
    report = reporting.current(plan, get_language() or "ko")
    failed = report.refusal if report else None
    return {
        "report": report,
        "failed": said(Refusal(failed["code"], **failed["words"])) if failed else "",
    }


def _total(plan: Scenario) -> tuple[dict[str, Any] | None, str]:
    try:
        found = ask(Total(city=plan.city_id, scenario=plan.pk, since=plan.version, zones=True))
    except Refusal as refusal:
        return None, said(refusal)
    assert isinstance(found, Said)
    return found.body, ""


def _figures(total: dict[str, Any]) -> list[tuple[str, Measure]]:
    """The plan in numbers, each with its unit; what nobody said is unknown."""
    half = (total["carbon_high_t"] - total["carbon_low_t"]) / 2
    cost = None if total["unpriced"] and not total["cost"] else round(total["cost"], -3)
    return [
        (_("CO₂ held in the end"), _measure(total["co2_t"], "t", half * CO2)),
        (
            _("CO₂ spent on making it"),
            _measure(total["embodied_t"] * CO2, "t", _half(total, "embodied", "_t", CO2)),
        ),
        *_paid(total["payback_year"] if total["embodied_t"] else None),
        (
            _("Air, mean of the city"),
            _measure(round(total["mean_celsius"], 4), "Cel", _half(total, "mean_celsius")),
        ),
        (
            _("Air by night, mean of the city"),
            _measure(
                _short(total["mean_celsius_night"]), "Cel", _half(total, "mean_celsius_night")
            ),
        ),
        (
            _("Heat spared, people × °C × hours"),
            _measure(_less(total["people_degree_hours"]), "1", _half(total, "people_degree_hours")),
        ),
        (
            _("Cost"),
            _measure(cost, "[KRW]", round(_half(total, "cost") or 0, -3) if cost else None),
        ),
    ]


def _paid(year: int | None) -> list[tuple[str, Measure]]:
    """When what was spent is paid back; where that is not within the plan's years the report says so."""
    return [] if year is None else [(_("Paid back in year"), _measure(year, "1"))]


def _half(total: dict[str, Any], name: str, ending: str = "", by: float = 1.0) -> float | None:
    low, high = total[f"{name}_low{ending}"], total[f"{name}_high{ending}"]
    return None if low is None else float((high - low) / 2 * by)


def _short(celsius: float | None) -> float | None:
    """As far as the model can tell anything."""
    return None if celsius is None else round(celsius, 4)


def _less(value: float | None) -> float | None:
    return None if value is None else -value


def _measure(value: float | None, unit: str, off: float | None = None) -> Measure:
    return Measure(value=value, unit=unit, uncertainty=off or None, provenance="estimated")


def _zones(total: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """The districts in which something changes, most first."""
    return [
        {
            "name": zone["names"].get(language) or zone["names"].get("ko") or zone["key"],
            "co2": _measure(zone["carbon_t"] * CO2, "t"),
            "celsius": warmer(zone["celsius"]),
            "night": warmer(zone["celsius_night"]),
        }
        for zone in felt(total["zones"])
    ]


def _steps(plan: Scenario, names: dict[int, str]) -> list[dict[str, Any]]:
    """What was drawn and taken back, the newest first."""
    rows = plan.edits.select_related("undoes").order_by("-number")
    return [
        {"id": row.pk, "number": row.number, "made": row.made, "what": _step(row, names)}
        for row in rows
    ]


def _step(row: Edit, names: dict[int, str]) -> str:
    if row.undoes is not None:
        [taken] = done([row.undoes], names)
        return _("Taken back: %(what)s") % {"what": taken}
    [drawn] = done([row], names)
    return _("Drawn: %(what)s") % {"what": drawn}
