"""What the API of carbon and heat takes and gives; places in degrees (WGS 84)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import numpy as np
from ninja import Schema
from pydantic import Field, model_validator

from madang.ground.city.models import City
from madang.ground.city.projection import transformer
from madang.ground.city.public import to_degrees, to_metres
from madang.systems.climate.domain.scenarios import Drawn
from madang.systems.climate.models import Edit, Scenario

NO_NUL = r"^[^\x00]*$"  # which PostgreSQL keeps in no text
Point = tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]
Ring = Annotated[list[Point], Field(max_length=10_000)]
Seen = Annotated[int, Field(ge=0, le=2**31 - 1, description="version of the plan you looked at")]


LayerName = Literal[
    "temperature", "night", "now", "temperature_change", "night_change", "mitigation", "carbon",
    "carbon_change",
]  # fmt: skip
EDGE = 20_037_508.342789244  # metres of EPSG:3857
MapMetres = Annotated[float, Field(ge=-EDGE, le=EDGE)]
Pixels = Annotated[int, Field(ge=1, le=2_048)]


class PlanIn(Schema):
    name: str = Field(min_length=1, max_length=200, pattern=NO_NUL)
    premises: dict[str, float | int | str | None] = Field(
        default_factory=dict, description="what differs from the usual hot day"
    )


class DrawnIn(Schema):
    """rings: a polygon and its holes; for trees the lines they stand along."""

    kind: Literal["land", "trees", "roof", "cool"]
    rings: list[Ring] = Field(min_length=1, max_length=1_000)
    code: int | None = Field(None, ge=-(2**31), le=2**31 - 1, description="class of land cover")
    what: dict[str, float | int | str | None] = Field(default_factory=dict)


class LookIn(Schema):
    """A layer of the plan as it was at `seen`, over a box in EPSG:3857: what `view` gave."""

    layer: LayerName
    west: MapMetres
    south: MapMetres
    east: MapMetres
    north: MapMetres
    width: Pixels
    height: Pixels

    @model_validator(mode="after")
    def _is_a_box(self) -> LookIn:
        """Known before anything is drawn: what is drawn is kept, and no picture may refuse it then."""
        if not (self.west < self.east and self.south < self.north):
            raise ValueError("west must be below east, south below north")
        return self


class EditsIn(Schema):
    seen: Seen
    edits: list[DrawnIn] = Field(min_length=1, max_length=2_000)
    look: LookIn | None = Field(None, description="to be told what of it is another now")


class UndoIn(Schema):
    seen: Seen
    look: LookIn | None = None
    edit: UUID | None = Field(None, description="null: the newest that holds")


class PlanOut(Schema):
    id: UUID
    name: str
    version: int
    made: datetime
    premises: dict[str, Any]


class EditOut(Schema):
    id: UUID
    number: int
    kind: str
    rings: list[list[tuple[float, float]]]
    code: int | None
    what: dict[str, Any]
    by: str
    made: datetime


class PlanWhole(PlanOut):
    edits: list[EditOut]
    total: dict[str, Any] | None = Field(description="null while the climate process is away")


class ClassOut(Schema):
    code: int
    name: str


class ChoiceOut(Schema):
    key: str
    title: str
    figures: dict[str, dict[str, Any]] = {}


class StateOut(Schema):
    """missing: the layers without which nothing can be computed."""

    missing: list[str]
    simulated: bool
    cell: float | None
    box: list[float] | None
    classes: list[ClassOut]
    roofs: list[ChoiceOut]
    species: list[ChoiceOut]
    layers: list[str]
    fit: dict[str, Any] | None = Field(description="of the heat model to stations, where it helps")


class PatchOut(Schema):
    """Pixels from the upper left that take the place of those of the view; width 0: none changed."""

    left: int
    top: int
    width: int
    height: int
    png: str = Field(description="base64")


class ChangedOut(Schema):
    version: int
    edits: list[EditOut]
    total: dict[str, Any] | None
    picture: PatchOut | None = Field(None, description="null: ask for the view anew")


def plan_said(plan: Scenario) -> dict[str, Any]:
    return {
        "id": plan.pk, "name": plan.name, "version": plan.version, "made": plan.made,
        "premises": plan.premises,
    }  # fmt: skip


def edit_said(edit: Edit, city: City) -> dict[str, Any]:
    return {
        "id": edit.pk,
        "number": edit.number,
        "kind": edit.kind,
        "rings": [in_degrees(ring, city) for ring in edit.rings or ()],
        "code": edit.code,
        "what": edit.what,
        "by": edit.account_name,
        "made": edit.made,
    }


def drawn(said: DrawnIn, city: City) -> Drawn:
    rings = [in_metres(ring, city) for ring in said.rings]
    return Drawn(said.kind, rings, said.code, said.what)


def in_metres(ring: list[Point], city: City) -> list[tuple[float, float]]:
    if not ring:
        return []
    lon, lat = np.asarray(ring, np.float64).T
    x, y = to_metres(lon, lat, city.crs)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def in_degrees(ring: list[tuple[float, float]], city: City) -> list[tuple[float, float]]:
    x, y = np.asarray(ring, np.float64).reshape(-1, 2).T
    lon, lat = to_degrees(x, y, city.crs)
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def in_fine_degrees(ring: list[tuple[float, float]], city: City) -> list[tuple[float, float]]:
    """To a tenth of a millimetre: read back, the ring is the same to the centimetre that is kept."""
    x, y = np.asarray(ring, np.float64).reshape(-1, 2).T
    lon, lat = transformer(city.crs, "EPSG:4326").transform(x, y)
    return list(zip(np.round(lon, 9).tolist(), np.round(lat, 9).tolist(), strict=True))
