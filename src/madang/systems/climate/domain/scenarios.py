"""Plans: polygons that become a class of land cover, one after the other, and none lost."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import shapely
from django.db import transaction

from madang.ground.city.models import City
from madang.ground.trail.public import Act, Actor, record
from madang.systems.climate.domain import surfaces, tables
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Edit, Layer, Scenario

Ring = Sequence[tuple[float, float]]
DIGITS = 2  # centimetres


@transaction.atomic
def make(city: City, name: str, actor: Actor) -> Scenario:
    """A plan on the city's land cover and class table of now, without edits."""
    scenario = Scenario.objects.create(
        city=city, name=name, table=tables.newest(city), land=surfaces.newest(city, Layer.LAND)
    )
    thing = ("scenario", str(scenario.pk))
    record(actor, Act("climate.scenario_made", city.pk, thing, detail={"name": name}))
    return scenario


@transaction.atomic
def paint(scenario: UUID, seen: int, rings: Sequence[Ring], code: int, actor: Actor) -> Edit:
    """The cells of a polygon (metres of the city) become class code; seen is the version looked at."""
    plan = _locked(scenario, seen)
    drawn = _sound(rings)
    surfaces.grid(plan.land).within(drawn)
    if not plan.table.rows.filter(code=code).exists():
        raise Refusal("unknown-class", codes=[code], cells=0)
    kept = [np.round(ring, DIGITS).tolist() for ring in drawn]
    return _add(plan, actor, rings=kept, code=code)


@transaction.atomic
def undo(scenario: UUID, seen: int, edit: UUID, actor: Actor) -> Edit:
    """Take an edit back: what was painted before and after it stays."""
    plan = _locked(scenario, seen)
    taken = plan.edits.filter(pk=edit, undoes=None, undone_by=None).first()
    if taken is None:
        raise Refusal("nothing-to-undo")
    return _add(plan, actor, undoes=taken)


def in_force(scenario: Scenario) -> list[Edit]:
    """The edits that hold, in their order."""
    return list(scenario.edits.filter(undoes=None, undone_by=None).order_by("number"))


def _locked(scenario: UUID, seen: int) -> Scenario:
    """The plan, nobody else's until the transaction ends; Refusal where it is not as it was seen."""
    plan = Scenario.objects.select_for_update(of=("self",)).select_related("land").get(pk=scenario)
    if plan.version != seen:
        raise Refusal("moved-on", seen=seen, version=plan.version)
    return plan


def _add(plan: Scenario, actor: Actor, **what: object) -> Edit:
    plan.version += 1
    plan.save(update_fields=["version"])
    edit = Edit.objects.create(
        scenario=plan, number=plan.version, account=actor.account, account_name=actor.name, **what
    )
    thing, detail = ("scenario", str(plan.pk)), {"number": edit.number}
    record(actor, Act("climate.scenario_edited", plan.city_id, thing, detail=detail))
    return edit


def _sound(rings: Sequence[Ring]) -> list[np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """rings as arrays; Refusal with the place where they cross."""
    drawn = [np.asarray(ring, np.float64).reshape(-1, 2) for ring in rings]
    if not drawn or any(len(ring) < 3 or not np.isfinite(ring).all() for ring in drawn):
        raise Refusal("no-polygon")
    shape = shapely.Polygon(drawn[0], drawn[1:])
    if not shape.is_valid:
        raise Refusal("crossing", where=shapely.is_valid_reason(shape))
    return drawn
