"""Where and how much: the roof under a finger, and what a parcel or the city takes for a budget."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import shapely
from ninja import Query, Router, Schema
from pydantic import Field

from madang.ground.city.models import City
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth
from madang.systems.climate import siting
from madang.systems.climate.domain import measures
from madang.systems.climate.engine import doubt
from madang.systems.climate.engine.choosing import Choice
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.provenance import sealed
from madang.systems.climate.web.plans_api import PLAN, plan_of
from madang.systems.climate.web.shapes import Ring, in_degrees, in_metres

router = Router(tags=["climate"])
see = RightAuth("climate.see")
change = RightAuth("climate.plan")
Share = Annotated[float, Field(ge=0, le=1_000)]


class SiteOut(Schema):
    """why: a word for why not, "" where it can; said: the same as a sentence."""

    key: str
    name: str
    rings: list[list[tuple[float, float]]]
    area_m2: float = Field(description="of a roof; the length in metres of a street")
    height_m: float | None
    why: str
    said: str
    chosen: bool
    gives: dict[str, Any] | None


def _light() -> dict[str, float | int | str | None]:
    return {"roof": "light"}


class SpendIn(Schema):
    """outline null: the whole city. Weights say what each goal counts beside the others."""

    kind: Literal["roof", "cool", "trees"] = "roof"
    what: dict[str, float | int | str | None] = Field(default_factory=_light)
    outline: list[Ring] | None = None
    budget: float = Field(ge=0, le=1e15, description="KRW")
    carbon: Share = 1
    people: Share = 1
    heat: Share = 0
    equity: Annotated[float, Field(ge=0, le=0.9)] = 0


class SpendOut(Schema):
    """gap: the share of the bound that may be missing; the best choice lies within it. cost_low and
    cost_high: 95 % of draws of the price between. asked and the rest: on what the choice stands.
    """

    sites: list[SiteOut]
    able: int
    chosen: int
    cost: float
    cost_low: float
    cost_high: float
    gap: float
    reasons: dict[str, int]
    asked: dict[str, Any]
    inputs: dict[str, Any]
    classes: dict[str, Any]
    premises: dict[str, Any]
    coefficients: dict[str, Any]
    plan: dict[str, Any]
    method: str
    simulated: bool
    digest: str = Field(description="SHA-256 of all of it: chosen again it is the same")


@router.get(
    "/{city}/climate/roof", response=SiteOut | None, auth=see, summary="The roof at a point"
)
def roof(
    request: CityRequest,
    city: str,
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-90, le=90)],
) -> Any:
    """null where no building is known to stand."""
    found = siting.roof_at(request.city, lon, lat)
    return found and _said(found, request.city)


@router.post(f"{PLAN}/choice", response=SpendOut, auth=change, summary="What to do for a budget")
def choice(request: CityRequest, city: str, pk: UUID, given: SpendIn) -> Any:
    """Roofs or streets that can take it, why others cannot, and which to take. Nothing is drawn."""
    plan = plan_of(request, pk)
    what = measures.kept(measures.read(given.kind, given.what))
    within = _outline(given.outline, request.city)
    found = siting.streets if given.kind == "trees" else siting.roofs
    sites = found(request.city, within)
    for site in sites:
        site.kind = given.kind
    siting.without_taken(sites, plan)
    stand = siting.weighed(sites, plan, what)
    wishes = siting.Wishes(given.carbon, given.people, given.heat, given.equity)
    chosen = siting.spend(sites, given.budget, wishes)
    told = _told(sites, chosen, request.city, whole=within is not None)
    method = f"{siting.METHOD}; {stand['method']}"
    return sealed(
        {**told, **stand, "method": method, "asked": {**given.model_dump(), "what": what}}
    )


def _outline(rings: list[Ring] | None, city: City) -> shapely.Polygon | None:
    if not rings:
        return None
    drawn = [in_metres(ring, city) for ring in rings]
    if any(len(ring) < 3 for ring in drawn):
        raise Refusal("no-polygon")
    shape = shapely.Polygon(drawn[0], drawn[1:])
    if not shape.is_valid:
        raise Refusal("crossing", where=shapely.is_valid_reason(shape))
    return shape


def _told(
    sites: list[siting.Site], chosen: Choice | None, city: City, *, whole: bool
) -> dict[str, Any]:
    """Of a whole city only what was chosen is listed; of the others how many there are and why."""
    reasons: dict[str, int] = {}
    for site in sites:
        if site.why:
            reasons[site.why] = reasons.get(site.why, 0) + 1
    cost = chosen.cost if chosen else 0.0
    low, high = doubt.spent([cost], doubt.PRICE)
    return {
        "cost_low": low, "cost_high": high,
        "sites": [_said(site, city) for site in sites if whole or site.chosen],
        "able": sum(site.gives is not None for site in sites),
        "chosen": sum(site.chosen for site in sites),
        "cost": cost,
        "gap": chosen.gap if chosen else 0.0,
        "reasons": {str(siting.REASONS[why]): count for why, count in reasons.items()},
    }  # fmt: skip


def _said(site: siting.Site, city: City) -> dict[str, Any]:
    return {
        "key": site.key, "name": site.name,
        "rings": [in_degrees(ring, city) for ring in site.rings],
        "area_m2": site.area, "height_m": site.height, "why": site.why,
        "said": str(siting.REASONS[site.why]) if site.why else "", "chosen": site.chosen,
        "gives": site.gives,
    }  # fmt: skip
