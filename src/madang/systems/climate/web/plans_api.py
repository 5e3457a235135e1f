"""Plans of carbon and heat over the API: made, drawn on, undone, looked at.

Who draws says which version they saw; where somebody was faster the answer is 409 and nothing is drawn.
"""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth, acting
from madang.systems.climate.asking import ask
from madang.systems.climate.domain import premises, scenarios
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.messages import Result, Said, Total, View
from madang.systems.climate.models import Edit, Scenario
from madang.systems.climate.web.shapes import (
    ChangedOut,
    DrawnIn,
    EditsIn,
    LookIn,
    PlanIn,
    PlanOut,
    PlanWhole,
    UndoIn,
    drawn,
    edit_said,
    plan_said,
)

router = Router(tags=["climate"])
see, change = RightAuth("climate.see"), RightAuth("climate.plan")
PLANS = "/{city}/climate/plans"
PLAN = PLANS + "/{uuid:pk}"


@router.get(PLANS, response=list[PlanOut], auth=see, summary="List the plans")
def list_plans(request: CityRequest, city: str) -> Any:
    return [
        plan_said(each) for each in Scenario.objects.filter(city=request.city).order_by("-made")
    ]


@router.post(PLANS, response={201: PlanWhole}, auth=change, summary="Begin a plan")
def make_plan(request: CityRequest, city: str, given: PlanIn) -> Any:
    plan = scenarios.make(request.city, given.name, acting(request), premises.read(given.premises))
    return 201, _whole(request, plan)


@router.get(PLAN, response=PlanWhole, auth=see, summary="Read a plan with its edits and totals")
def read_plan(request: CityRequest, city: str, pk: UUID) -> Any:
    return _whole(request, plan_of(request, pk))


@router.post(f"{PLAN}/edits", response=ChangedOut, auth=change, summary="Draw on a plan")
def draw(request: CityRequest, city: str, pk: UUID, given: EditsIn) -> Any:
    """All of it or nothing; the totals are those after it."""
    edits = [drawn(each, request.city) for each in given.edits]
    added = scenarios.draw(pk, given.seen, edits, acting(request), request.city)
    return changed(request, pk, added, given.seen, given.look)


@router.post(f"{PLAN}/undo", response=ChangedOut, auth=change, summary="Take an edit back")
def undo(request: CityRequest, city: str, pk: UUID, given: UndoIn) -> Any:
    edit = given.edit or _newest(plan_of(request, pk))
    undone = scenarios.undo(pk, given.seen, edit, acting(request), request.city)
    found = changed(request, pk, [undone], given.seen, given.look)
    return {**found, "edits": []}


@router.post(f"{PLAN}/preview", response=dict[str, Any], auth=change, summary="Try without drawing")
def preview(request: CityRequest, city: str, pk: UUID, given: DrawnIn) -> Any:
    """What the plan would come to with one thing more; nothing is kept, and what could not be is refused."""
    plan = plan_of(request, pk)
    tried = scenarios.checked(plan, drawn(given, request.city))
    words = tried["kind"], tried["rings"], tried["code"], tried["what"]
    return _said(Total(city=request.city.pk, scenario=plan.pk, drawn=words))


@router.get(f"{PLAN}/total", response=dict[str, Any], auth=see, summary="What a plan comes to")
def total(request: CityRequest, city: str, pk: UUID, zones: bool = False) -> Any:
    """With zones each dong as well: t C, °C and people-degree-hours changed."""
    plan = plan_of(request, pk)
    return _said(Total(city=request.city.pk, scenario=plan.pk, since=plan.version, zones=zones))


@router.get(f"{PLAN}/result", response=dict[str, Any], auth=see, summary="A result to keep")
def result(request: CityRequest, city: str, pk: UUID, response: HttpResponse) -> Any:
    """Computed anew from the rows: inputs, premises, coefficients, method, edits, numbers, SHA-256."""
    return _said(Result(city=request.city.pk, scenario=plan_of(request, pk).pk))


def plan_of(request: CityRequest, pk: UUID) -> Scenario:
    """The plan of the request's city; Refusal where there is none."""
    found = scenarios.on_its_land().filter(pk=pk, city=request.city).first()
    if found is None:
        raise Refusal("no-scenario")
    return found


def _newest(plan: Scenario) -> UUID:
    held = scenarios.in_force(plan)
    if not held:
        raise Refusal("nothing-to-undo")
    return held[-1].pk


def _whole(request: CityRequest, plan: Scenario) -> dict[str, Any]:
    edits = [edit_said(each, request.city) for each in scenarios.in_force(plan)]
    return {**plan_said(plan), "edits": edits, "total": _told(request, plan.pk, plan.version)}


def changed(
    request: CityRequest, plan: UUID, added: list[Edit], since: int, look: LookIn | None = None
) -> dict[str, Any]:
    """What an act made of the plan; what others drew since is theirs to be looked for."""
    edits = [edit_said(each, request.city) for each in added]
    total = _told(request, plan, since, look)
    picture = total.pop("picture", None) if total else None
    if picture:
        picture["png"] = base64.b64encode(picture["png"]).decode()
    return {"version": added[-1].number, "edits": edits, "total": total, "picture": picture}


def _told(
    request: CityRequest, plan: UUID, since: int, look: LookIn | None = None
) -> dict[str, Any] | None:
    """What is drawn is kept already: that nobody computes it just now is no failure of the act."""
    city = request.city.pk
    try:
        seen = _view(city, look) if look else None
        return _said(Total(city=city, scenario=plan, since=since, look=seen))
    except Refusal as refusal:
        if refusal.code not in ("away", "busy"):
            raise
        return None


def _view(city: UUID, look: LookIn) -> View:
    box = (look.west, look.south, look.east, look.north)
    return View(city=city, layer=look.layer, box=box, width=look.width, height=look.height)


def _said(question: Total | Result) -> dict[str, Any]:
    found = ask(question)
    assert isinstance(found, Said)
    return found.body
