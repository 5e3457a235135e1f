"""Plans: what is drawn over the city, one after the other, and none lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypedDict
from uuid import UUID

import numpy as np
import shapely
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from madang.ground.city.models import City
from madang.ground.trail.public import Act, Actor, record
from madang.systems.climate.domain import fitting, measures, premises, surfaces, tables
from madang.systems.climate.domain.following import tell_followers
from madang.systems.climate.engine.measures import crowns, shares
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Edit, Follower, Kind, Layer, Scenario

Ring = Sequence[tuple[float, float]]
Points = np.ndarray[tuple[int, int], np.dtype[np.float64]]
DIGITS = 2  # centimetres
MOST_AT_ONCE = 2_000
DAY = premises.Premises()


@transaction.atomic
def make(city: City, name: str, actor: Actor, given: premises.Premises = DAY) -> Scenario:
    """A plan on the city's land cover and class table of now, without edits."""
    if not name.strip():
        raise Refusal("no-name")
    if Scenario.objects.filter(city=city, name=name).exists():
        raise Refusal("name-taken", name=name)
    scenario = Scenario.objects.create(
        city=city, name=name, table=tables.newest(city), land=surfaces.newest(city, Layer.LAND),
        premises=premises.said(fitting.chosen(city, given)),
    )  # fmt: skip
    thing = ("scenario", str(scenario.pk))
    record(actor, Act("climate.scenario_made", city.pk, thing, detail={"name": name}))
    return scenario


def paint(scenario: UUID, seen: int, rings: Sequence[Ring], code: int, actor: Actor) -> Edit:
    """The cells of a polygon (metres of the city) become class code; seen is the version looked at."""
    [edit] = draw(scenario, seen, [Drawn(Kind.LAND, rings, code)], actor)
    return edit


@dataclass(frozen=True)
class Drawn:
    """Something drawn, in metres of the city: rings of a polygon, or lines that trees stand along."""

    kind: str
    rings: Sequence[Ring]
    code: int | None = None
    what: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def draw(
    scenario: UUID, seen: int, drawn: Sequence[Drawn], actor: Actor, city: City | None = None
) -> list[Edit]:
    """Add all of it to the plan (of that city), or nothing; seen is the version that was looked at."""
    if not 0 < len(drawn) <= MOST_AT_ONCE:
        raise Refusal("too-many-edits", count=len(drawn), limit=MOST_AT_ONCE)
    plan = _locked(scenario, seen, city)
    sound = [checked(plan, each) for each in drawn]
    added = [_add(plan, actor, **words) for words in sound]
    _tell(plan, actor)
    return added


class Kept(TypedDict):
    """What the store keeps of something drawn."""

    kind: str
    rings: list[list[tuple[float, float]]]
    code: int | None
    what: dict[str, Any]


def checked(plan: Scenario, drawn: Drawn) -> Kept:
    """What would be kept of drawn; Refusal where it lies outside the surfaces or means nothing."""
    what = measures.read(drawn.kind, drawn.what)
    grid = surfaces.grid(plan.land)
    if isinstance(what, measures.Planting):
        lines = [_finite(line) for line in drawn.rings]
        if not lines:
            raise Refusal("no-line")
        crowns(grid, measures.places(what, lines), what.crown)
        return _kept(drawn, lines, None, what)
    sound = _sound(drawn.rings)
    (grid.within if drawn.kind == Kind.LAND else partial(shares, grid))(sound)
    code = drawn.code if drawn.kind == Kind.LAND else None
    if drawn.kind == Kind.LAND and not (
        code is not None and plan.table.rows.filter(code=code).exists()
    ):
        raise Refusal("unknown-class", codes=[drawn.code], cells=0)
    return _kept(drawn, sound, code, what)


def _kept(drawn: Drawn, lines: Sequence[Points], code: int | None, what: measures.What) -> Kept:
    rounded = [np.round(line, DIGITS).tolist() for line in lines]
    return {"kind": drawn.kind, "rings": rounded, "code": code, "what": measures.kept(what)}


@transaction.atomic
def undo(scenario: UUID, seen: int, edit: UUID, actor: Actor, city: City | None = None) -> Edit:
    """Take an edit back: what was painted before and after it stays."""
    plan = _locked(scenario, seen, city)
    taken = plan.edits.filter(pk=edit, undoes=None, undone_by=None).first()
    if taken is None:
        raise Refusal("nothing-to-undo")
    undone = _add(plan, actor, undoes=taken)
    _tell(plan, actor)
    return undone


def on_its_land() -> QuerySet[Scenario]:
    """Plans with their land cover but for its file, which is megabytes."""
    return Scenario.objects.select_related("land").defer("land__file")


def in_force(scenario: Scenario) -> list[Edit]:
    """The edits that hold, in their order."""
    return list(scenario.edits.filter(undoes=None, undone_by=None).order_by("number"))


def _locked(scenario: UUID, seen: int, city: City | None) -> Scenario:
    """The plan, nobody else's until the transaction ends; Refusal where it is not as it was seen."""
    plan = (
        on_its_land().select_for_update(of=("self",))
        .annotate(followed=Exists(Follower.objects.filter(scenario=OuterRef("pk"))))
        .filter(pk=scenario, **({"city": city} if city else {})).first()
    )  # fmt: skip
    if plan is None:
        raise Refusal("no-scenario")
    if plan.version != seen:
        raise Refusal("moved-on", seen=seen, version=plan.version)
    return plan


def _tell(plan: Scenario, actor: Actor) -> None:
    if plan.followed:  # type: ignore[attr-defined]
        tell_followers(plan, actor)


def _add(plan: Scenario, actor: Actor, **what: object) -> Edit:
    plan.version += 1
    plan.save(update_fields=["version"])
    edit = Edit.objects.create(
        scenario=plan, number=plan.version, account=actor.account, account_name=actor.name, **what
    )
    thing, detail = ("scenario", str(plan.pk)), {"number": edit.number}
    record(actor, Act("climate.scenario_edited", plan.city_id, thing, detail=detail))
    return edit


def _finite(line: Ring) -> Points:
    points = np.asarray(line, np.float64).reshape(-1, 2)
    if len(points) < 2 or not np.isfinite(points).all():
        raise Refusal("no-line")
    return points


def _sound(rings: Sequence[Ring]) -> list[Points]:
    """rings as arrays; Refusal with the place where they cross."""
    drawn = [np.asarray(ring, np.float64).reshape(-1, 2) for ring in rings]
    if not drawn or any(len(ring) < 3 or not np.isfinite(ring).all() for ring in drawn):
        raise Refusal("no-polygon")
    shape = shapely.Polygon(drawn[0], drawn[1:])
    if not shape.is_valid:
        raise Refusal("crossing", where=shapely.is_valid_reason(shape))
    return drawn
