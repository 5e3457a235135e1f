"""Indicators of outlines of one's own: a neighbourhood, a parcel, the squares of a grid."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth
from madang.systems.climate.asking import ask
from madang.systems.climate.messages import Said, Squares, Zones
from madang.systems.climate.web.plans_api import plan_of
from madang.systems.climate.web.shapes import Ring, in_metres

router = Router(tags=["climate"])
see = RightAuth("climate.see", csrf=False)  # it changes nothing


class ZonesIn(Schema):
    """outlines: of each polygon its rings, holes included; plan null is the city as it is."""

    outlines: list[list[Ring]] = Field(min_length=1, max_length=1_000)
    plan: UUID | None = None


@router.post(
    "/{city}/climate/zones", response=dict[str, Any], auth=see, summary="Indicators of outlines"
)
def zones(request: CityRequest, city: str, given: ZonesIn) -> Any:
    """In their order: hectares, t C by pool with its interval, t CO2, green, biotope ratio, °C; one that
    cannot be says why under "refused". With them inputs, premises, method and the city's mean.
    """
    plan = plan_of(request, given.plan).pk if given.plan else None
    rings = [[in_metres(ring, request.city) for ring in one] for one in given.outlines]
    found = ask(Zones(city=request.city.pk, scenario=plan, rings=rings))
    assert isinstance(found, Said)
    return found.body


@router.get(
    "/{city}/climate/squares", response=dict[str, Any], auth=see, summary="Indicators of a grid"
)
def squares(
    request: CityRequest,
    city: str,
    size: Annotated[float, Query(ge=50, le=5_000, description="metres of a side")] = 500,
    plan: UUID | None = None,
) -> Any:
    """Squares on whole multiples of their size; x and y of each south-west corner in metres of the city."""
    pk = plan_of(request, plan).pk if plan else None
    found = ask(Squares(city=request.city.pk, scenario=pk, size=size))
    assert isinstance(found, Said)
    return found.body
