"""Indicators of areas that the city knows: squares of a grid, dongs and gus, parcels; asked and outlined."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import shapely

from madang.ground.city.models import City, District
from madang.ground.city.projection import reproject
from madang.systems.climate.asking import ask
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.tables import POOLS
from madang.systems.climate.messages import Said, Squares, Zones
from madang.systems.climate.models import Parcel

MOST_PARCELS = 10_000
UNITS = {
    "hectares": "ha", **dict.fromkeys(POOLS, "tC"), "trees": "tC", "carbon_t": "tC",
    "carbon_low_t": "tC", "carbon_high_t": "tC", "co2_t": "tCO2", "uptake_t": "tC/a",
    "uptake_low_t": "tC/a", "uptake_high_t": "tC/a", "green_ha": "ha", "green_low_ha": "ha",
    "green_high_ha": "ha", "green_share": "1", "biotope": "1", "biotope_low": "1", "biotope_high": "1",
    "ndvi": "1", "plants_ha": "ha", "celsius": "Cel", "celsius_low": "Cel", "celsius_high": "Cel",
    "celsius_from": "Cel", "celsius_to": "Cel", "celsius_night": "Cel", "celsius_night_from": "Cel",
    "celsius_night_to": "Cel",
}  # fmt: skip


@dataclass(frozen=True)
class Areas:
    """rows: key, name and figures of each; shapes in metres of the city; stand: on what that stands."""

    city: City
    rows: list[dict[str, Any]]
    shapes: list[shapely.Geometry]
    stand: dict[str, Any]

    def geojson(self) -> dict[str, Any]:
        """With outlines in degrees; units and what it stands on beside the features."""
        outlines = (
            reproject(np.array(self.shapes, object), self.city.crs, "EPSG:4326")
            if self.shapes else []
        )  # fmt: skip
        features = [
            {
                "type": "Feature", "geometry": json.loads(shapely.to_geojson(shape)),
                "properties": {"key": row["key"], "name": row["name"],
                               "refused": row.get("refused"), **figures(row)},
            }
            for row, shape in zip(self.rows, outlines, strict=True)
        ]  # fmt: skip
        return {"type": "FeatureCollection", "madang": {"units": UNITS, **self.stand},
                "features": features}  # fmt: skip


def figures(row: dict[str, Any]) -> dict[str, Any]:
    """The figures of UNITS; what is not known is None."""
    flat = {**row, **row.get("pools", {})}
    return {name: flat.get(name) for name in UNITS}


def squares(city: City, size: float, plan: UUID | None = None) -> Areas:
    """Squares of `size` metres with known ground; their keys are their south-west corners."""
    found = ask(Squares(city=city.pk, scenario=plan, size=size))
    assert isinstance(found, Said)
    rows = [{"key": f"{each['x']:.0f},{each['y']:.0f}", "name": "", **each}
            for each in found.body["squares"]]  # fmt: skip
    shapes = [shapely.box(each["x"], each["y"], each["x"] + size, each["y"] + size)
              for each in rows]  # fmt: skip
    return Areas(city, rows, shapes, _stand(found.body))


def districts(city: City, level: str, language: str, plan: UUID | None = None) -> Areas:
    rows = list(District.objects.filter(city=city, level=level).order_by("key"))
    words = [(row.key, row.name(language)) for row in rows]
    return _zones(city, words, [bytes(row.geometry) for row in rows], plan)


def parcels(city: City, wanted: Sequence[Parcel], plan: UUID | None = None) -> Areas:
    if len(wanted) > MOST_PARCELS:
        raise Refusal("too-many-parcels", count=len(wanted), limit=MOST_PARCELS)
    if not wanted:
        raise Refusal("no-parcels")
    words = [(row.key, row.address) for row in wanted]
    return _zones(city, words, [bytes(row.geometry) for row in wanted], plan)


def _zones(
    city: City, words: list[tuple[str, str]], outlines: list[bytes], plan: UUID | None
) -> Areas:
    shapes = list(reproject(shapely.from_wkb(outlines), "EPSG:4326", city.crs)) if outlines else []
    found = ask(Zones(city=city.pk, scenario=plan, rings=[rings(shape) for shape in shapes]))
    assert isinstance(found, Said)
    rows = [
        {"key": key, "name": name, **zone}
        for (key, name), zone in zip(words, found.body["zones"], strict=True)
    ]
    return Areas(city, rows, shapes, _stand(found.body))


def rings(shape: shapely.Geometry) -> list[list[tuple[float, float]]]:
    return [
        [(float(x), float(y)) for x, y in shapely.get_coordinates(ring)]
        for part in shapely.get_parts(shape)
        for ring in shapely.get_rings(part)
    ]


def _stand(body: dict[str, Any]) -> dict[str, Any]:
    names = ("inputs", "classes", "premises", "plan", "method", "simulated", "digest")
    return {name: body[name] for name in names if name in body}
