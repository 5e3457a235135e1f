"""Indicators over the days of the city's land covers, and the coefficients behind all indicators."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import RightAuth
from madang.systems.climate import provenance
from madang.systems.climate.domain import tables, trends
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import ClassTable
from madang.systems.climate.web.shapes import NO_NUL
from madang.systems.climate.web.trends import UNITS, figures

router = Router(tags=["climate"])
see = RightAuth("climate.see")


@router.get(
    "/{city}/climate/trends", response=dict[str, Any], auth=see, summary="Indicators over time"
)
def over_time(
    request: CityRequest,
    city: str,
    district: Annotated[str, Query(max_length=40, pattern=NO_NUL)] = "",
) -> Any:
    """Of each land cover that the city brought, the oldest first: figures of a dong (its key) or of the
    whole city, what they stand on and the SHA-256 of that; units beside them. awaited: other ones are
    being reckoned, of the coefficients and the hot day of now.
    """
    found = [
        {**figures(moment, district), "inputs": moment.inputs, "stands_on": moment.digest,
         "simulated": moment.simulated}
        for moment in trends.moments(request.city)
    ]  # fmt: skip
    said = provenance.sealed({"units": UNITS, "district": district or None, "moments": found})
    return {**said, "awaited": trends.late(request.city)}


@router.get(
    "/{city}/climate/coefficients", response=dict[str, Any], auth=see, summary="Coefficients"
)
def coefficients(request: CityRequest, city: str, table: UUID | None = None) -> Any:
    """Of each class of a table (the newest one else): value, who says so, as of when; with the SHA-256 by
    which results name it.
    """
    rows = ClassTable.objects.filter(city=request.city)
    found = rows.filter(pk=table).first() if table else tables.newest(request.city)
    if found is None:
        raise Refusal("no-table")
    listed = found.rows.order_by("code", "coefficient").values(*tables.COLUMNS)
    return {"table": str(found.pk), "name": found.name, "simulated": found.simulated,
            "sha256": tables.digest(found), "rows": list(listed)}  # fmt: skip
