"""How warm a street feels, with and without a plan: shade, sky view, mean radiant temperature, UTCI."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from madang.ground.city.models import City
from madang.ground.city.public import to_metres
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth
from madang.systems.climate.asking import ask
from madang.systems.climate.messages import Picture, Said, Walk
from madang.systems.climate.web.plans_api import plan_of

router = Router(tags=["climate"])
see = RightAuth("climate.see")
FeltName = Literal["utci", "radiant", "sky", "sun", "utci_change"]


class WalkIn(Schema):
    """A square of `side` metres around a point; hour of the city's clock on a clear hot day."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    side: float = Field(200, ge=40, le=300, description="metres")
    hour: float = Field(15, ge=0, lt=24)
    humidity: float = Field(55, ge=0, le=100, description="%")
    wind: float = Field(2, ge=0.5, le=17, description="m/s at 10 m")
    tree: float = Field(8, ge=2, le=40, description="metres a tree is high")
    plan: UUID | None = None


Asked = Annotated[WalkIn, Query()]


@router.get(
    "/{city}/climate/walk", response=dict[str, Any], auth=see, summary="How warm a place feels"
)
def walk(request: CityRequest, city: str, given: Asked) -> Any:
    """before and after the plan, means over the ground where people walk: sun and sky as shares, radiant
    and utci in °C; strong, very_strong, extreme: shares of that ground above 32, 38 and 46 °C UTCI.
    """
    found = ask(_question(request, given))
    assert isinstance(found, Said)
    return found.body


@router.get("/{city}/climate/walk/{layer}.png", auth=see, summary="A layer of how warm it feels")
def picture(request: CityRequest, city: str, layer: FeltName, given: Asked) -> HttpResponse:
    """Its corners and colours stand in the answer of the same question without a layer."""
    found = ask(_question(request, given, layer))
    assert isinstance(found, Picture)
    return HttpResponse(found.data, content_type="image/png", headers={"Cache-Control": "no-cache"})


def _question(request: CityRequest, given: WalkIn, layer: str = "") -> Walk:
    here: City = request.city
    x, y = to_metres([given.lon], [given.lat], here.crs)
    plan = plan_of(request, given.plan).pk if given.plan else None
    return Walk(
        city=here.pk, scenario=plan, x=round(float(x[0]), 2), y=round(float(y[0]), 2),
        side=given.side, hour=given.hour, humidity=given.humidity, wind=given.wind,
        tree=given.tree, layer=layer,
    )  # fmt: skip
