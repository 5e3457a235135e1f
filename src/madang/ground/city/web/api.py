"""Cities in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from madang.ground.city.models import City
from madang.ground.city.web import layers_api, ogc
from madang.ground.city.web.middleware import CityRequest
from madang.ground.web.paging import Page, PageQuery, page

router = Router(tags=["cities"])
router.add_router("", layers_api.router)
router.add_router("", ogc.router)


class CityOut(Schema):
    """One city of this platform."""

    id: UUID
    key: str = Field(description="its word in addresses: /api/v1/cities/{city}/")
    names: dict[str, str] = Field(description="name by language code")
    time_zone: str
    crs: str = Field(description="metric reference system of x and y")
    bounds: list[float] | None = Field(description="west, south, east, north in degrees (WGS 84)")
    provenance: Literal["simulated", "reported"]
    created: datetime


@router.get("", response=Page[CityOut], summary="List the cities")
def list_cities(request: HttpRequest, paging: PageQuery) -> Page[CityOut]:
    return page(City.objects.all(), paging, _shape)


@router.get("/{city}", response=CityOut, summary="Read one city")
def read_city(request: CityRequest, city: str) -> CityOut:
    return _shape(request.city)


def _shape(city: City) -> CityOut:
    edges = [city.west, city.south, city.east, city.north]
    known = [edge for edge in edges if edge is not None]
    return CityOut(
        id=city.pk,
        key=city.key,
        names=city.names,
        time_zone=city.time_zone,
        crs=city.crs,
        bounds=known if len(known) == 4 else None,
        provenance="simulated" if city.simulated else "reported",
        created=city.created,
    )
