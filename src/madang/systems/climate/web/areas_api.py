"""Indicators of areas that the city knows, as GeoJSON: for maps, and parcels by their numbers (PNU)."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import get_language
from ninja import Query, Router, Schema
from pydantic import Field

from madang.ground.city.public import overlapping
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth
from madang.systems.climate import areas
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Parcel
from madang.systems.climate.web.finer import numbered, of_dong
from madang.systems.climate.web.plans_api import plan_of
from madang.systems.climate.web.shapes import NO_NUL

router = Router(tags=["climate"])
see = RightAuth("climate.see")
MOST_SEEN = 3_000  # parcels of a map's view
Unit = Literal["gu", "dong", "1000", "500", "250", "100"]


class ParcelsIn(Schema):
    """By pnu (commas between), by dong (its key), or by a box of degrees; one of the three."""

    pnu: str = Field("", max_length=220_000, pattern=NO_NUL)
    dong: str = Field("", max_length=40, pattern=NO_NUL)
    west: float | None = Field(None, ge=-180, le=180)
    south: float | None = Field(None, ge=-90, le=90)
    east: float | None = Field(None, ge=-180, le=180)
    north: float | None = Field(None, ge=-90, le=90)
    plan: UUID | None = None


@router.get(
    "/{city}/climate/areas/{unit}", response=dict[str, Any], auth=see,
    summary="Indicators of districts or squares with outlines",
)  # fmt: skip
def told(request: CityRequest, city: str, unit: Unit, plan: UUID | None = None) -> Any:
    """unit: gu, dong, or metres of a square's side. A GeoJSON FeatureCollection in degrees; units and
    inputs under "madang".
    """
    pk = plan_of(request, plan).pk if plan else None
    if unit in ("gu", "dong"):
        return areas.districts(request.city, unit, get_language() or "ko", pk).geojson()
    return areas.squares(request.city, float(unit), pk).geojson()


@router.get(
    "/{city}/climate/parcels", response=dict[str, Any], auth=see, summary="Indicators of parcels"
)
def parcels(request: CityRequest, city: str, given: Annotated[ParcelsIn, Query()]) -> Any:
    """Zonal statistics of parcels as GeoJSON in degrees; one that cannot be told says why ("refused")."""
    pk = plan_of(request, given.plan).pk if given.plan else None
    return areas.parcels(request.city, _wanted(request, given), pk).geojson()


def _wanted(request: CityRequest, given: ParcelsIn) -> list[Parcel]:
    box = (given.west, given.south, given.east, given.north)
    if given.pnu:
        return numbered(request.city, given.pnu)
    if given.dong:
        return of_dong(request.city, given.dong) or []
    if None in box:
        raise Refusal("no-parcels-asked")
    found = overlapping(Parcel, request.city, [each for each in box if each is not None])
    if len(found) > MOST_SEEN:
        raise Refusal("too-many-parcels", count=len(found), limit=MOST_SEEN)
    return found
