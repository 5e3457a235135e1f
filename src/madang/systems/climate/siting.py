"""Where a roof or a street can take it, and why not; and which of them a budget is best spent on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.city.models.areas import Shape
from madang.ground.city.models.roads import RoadLink
from madang.ground.city.projection import reproject
from madang.ground.web.registry import Text
from madang.systems.climate.asking import ask
from madang.systems.climate.domain import catalogue
from madang.systems.climate.domain.scenarios import in_force
from madang.systems.climate.engine.choosing import Choice, Goals, Measures, choose
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.messages import Places, Said
from madang.systems.climate.models import Kind, Scenario

METHOD = "lazy-greedy-1"
SMALLEST_ROOF = 99.0  # m2: 서울시 자치구 옥상녹화 지원 공고 2009
MOST_ROOFS = 20_000
MOST_STREETS = 5_000
LANE, VERGE = (
    3.25,
    1.5,
)  # metres: a lane, and from its edge to a trunk (가로수 조성·관리규정 고시: 1 m or more)
SHORTEST_STREET = 20.0  # metres
SAME = 2.0  # metres within which it is the same kerb or roof
LEFT, RIGHT = 1, -1  # of the direction of travel
OFF_STREET = {"motorway", "expressway", "ramp"}

REASONS: dict[str, Text] = {
    "small": _("smaller than 99 m², which no programme paid for"),
    "outside": _("outside the city's surfaces"),
    "fast": _("no walks along this kind of road"),
    "raised": _("on a bridge or in a tunnel"),
    "short": _("shorter than 20 m"),
    "dear": _("not within the budget"),
    "worthless": _("gives nothing that was asked for"),
    "taken": _("is planted or coated in this plan already"),
}


@dataclass
class Site:
    """A roof or a side of a street: rings in metres of the city; why says why it cannot take it."""

    key: str
    name: str
    kind: str
    rings: list[list[tuple[float, float]]]
    area: float
    height: float | None
    why: str = ""
    gives: dict[str, Any] | None = None
    chosen: bool = False


@dataclass(frozen=True)
class Wishes:
    """What a unit of each goal is worth beside the others, and how much equity counts (0 not at all)."""

    carbon: float = 1.0
    people: float = 1.0
    heat: float = 0.0
    equity: float = 0.0

    def goals(self, most: np.ndarray[Any, np.dtype[np.float64]]) -> Goals:
        """Each goal as a share of all that could be had of it."""
        weights = np.array([self.carbon, self.people, self.heat])
        if not np.isfinite(weights).all() or (weights < 0).any() or not 0 <= self.equity <= 0.9:
            raise Refusal("bad-goals", weights=weights.tolist(), powers=self.equity)
        power = 1 - self.equity
        scaled = weights / np.where(most > 0, most, 1) ** power
        return Goals(scaled, np.full(3, power))


def roofs(city: City, within: shapely.Polygon | None) -> list[Site]:
    """The buildings whose middle lies within an outline (metres), or in the city."""
    rows = Shape.objects.filter(city=city, kind="building")
    return [
        _roof(row.key, row.name, row.details, shape)
        for row, shape in _inside(_boxed(rows, city, within)[:MOST_ROOFS], city, within)
        if shape.geom_type == "Polygon"
    ]


def roof_at(city: City, lon: float, lat: float) -> Site | None:
    """The building that stands on a point."""
    rows = Shape.objects.filter(
        city=city, kind="building", west__lte=lon, east__gte=lon, south__lte=lat, north__gte=lat
    )
    point = shapely.Point(lon, lat)
    for row in rows[:50]:
        shape = shapely.from_wkb(bytes(row.geometry))
        if shape.covers(point):
            [moved] = reproject([shape], "EPSG:4326", city.crs)
            return _roof(row.key, row.name, row.details, max(shapely.get_parts(moved), key=_area))
    return None


def _area(shape: shapely.Geometry) -> float:
    return float(shapely.area(shape))


def _roof(key: str, name: str, details: dict[str, Any], shape: shapely.Polygon) -> Site:
    rings = [shapely.get_coordinates(ring).tolist() for ring in shapely.get_rings(shape)]
    height = details.get("height_m")
    why = "small" if shape.area < SMALLEST_ROOF else ""
    return Site(key, name, Kind.ROOF, rings, float(shape.area), height, why)


def streets(city: City, within: shapely.Polygon | None) -> list[Site]:
    """The sides of each street, where trees stand at the edge of the outer lane and a verge.

    A link is one direction: where the other one has a link too, its left is the middle of the street.
    """
    rows = list(_boxed(RoadLink.objects.filter(city=city), city, within)[:MOST_STREETS])
    driven = {(row.from_node, row.to_node) for row in rows}
    return [
        _side(row, line, side)
        for row, line in _inside(rows, city, within)
        if line.geom_type == "LineString"
        for side in ((RIGHT,) if (row.to_node, row.from_node) in driven else (LEFT, RIGHT))
    ]


def _side(row: RoadLink, line: shapely.LineString, side: int) -> Site:
    away = (row.lanes or 1) * LANE / 2 + VERGE
    edge = shapely.offset_curve(line, side * away)
    whole = edge.geom_type == "LineString" and not edge.is_empty
    why = ""
    if row.rank in OFF_STREET:
        why = "fast"
    elif row.structure != "ground":
        why = "raised"
    elif not whole or edge.length < SHORTEST_STREET:
        why = "short"
    points = shapely.get_coordinates(edge if whole else line).tolist()
    return Site(f"{row.key}:{side}", row.name, Kind.TREES, [points], float(line.length), None, why)


def without_taken(sites: list[Site], plan: Scenario) -> None:
    """What the plan does to a roof or a kerb already is not bought again."""
    trees = bool(sites) and sites[0].kind == Kind.TREES
    alike = (Kind.TREES,) if trees else (Kind.ROOF, Kind.COOL)
    drawn = [_shape(edit.rings or [], trees) for edit in in_force(plan) if edit.kind in alike]
    tree = shapely.STRtree(drawn)
    for site in sites:
        middle = shapely.point_on_surface(_shape(site.rings, trees))
        if not site.why and len(tree.query(middle, predicate="dwithin", distance=SAME)):
            site.why = "taken"


def _shape(rings: Sequence[Sequence[tuple[float, float]]], lines: bool) -> shapely.Geometry:
    return shapely.MultiLineString(rings) if lines else shapely.Polygon(rings[0], rings[1:])


def weighed(sites: list[Site], plan: Scenario, what: dict[str, Any]) -> dict[str, Any]:
    """Ask what each site that can take it would give; on what that stands."""
    able = [site for site in sites if not site.why]
    found = ask(
        Places(city=plan.city_id, scenario=plan.pk, kind=able[0].kind if able else Kind.ROOF, what=what,
               rings=[site.rings for site in able])
    )  # fmt: skip
    assert isinstance(found, Said)
    for site, gives in zip(able, found.body["places"], strict=True):
        if "refused" in gives:
            site.why = "outside"
        else:
            site.gives = gives
    return {name: value for name, value in found.body.items() if name != "places"}


def spend(sites: Sequence[Site], budget: float, wishes: Wishes) -> Choice | None:
    """Choose among the sites for the budget; None where nothing can be bought at all."""
    able = [site for site in sites if site.gives and site.gives["cost"]]
    if not able:
        return None
    gives = np.array([_goods(site) for site in able])
    measures = Measures(
        np.array([site.gives["cost"] for site in able if site.gives], np.float64),
        gives,
        np.array([max(0, site.gives["district"] + 1) for site in able if site.gives], np.int64),
    )
    found = choose(measures, wishes.goals(gives.sum(axis=0)), budget)
    taken = set(found.measures.tolist())
    for number, site in enumerate(able):
        site.chosen = number in taken
        if not site.chosen:
            site.why = "dear" if gives[number].any() else "worthless"
    return found


def _goods(site: Site) -> list[float]:
    """Carbon, people and heat that a site gives; what makes it worse counts as nothing."""
    gives = site.gives or {}
    names = ("carbon_t", "people_degree_hours", "celsius_cells")
    return [max(0.0, float(gives[name])) for name in names]


def load_of(roof: str) -> dict[str, Any]:
    figure = catalogue.ROOFS[roof].load
    return {"value": figure.value, "unit": figure.unit, "source": figure.source}


def _boxed(rows: Any, city: City, within: shapely.Polygon | None) -> Any:
    if within is None:
        return rows
    [degrees] = reproject([within], city.crs, "EPSG:4326")
    west, south, east, north = degrees.bounds
    return rows.filter(west__lte=east, east__gte=west, south__lte=north, north__gte=south)


def _inside(
    rows: Iterable[Any], city: City, within: shapely.Polygon | None
) -> list[tuple[Any, Any]]:
    """Each row with its shape in metres, where its middle lies within."""
    found = list(rows)
    if not found:
        return []
    shapes = reproject(
        shapely.from_wkb([bytes(row.geometry) for row in found]), "EPSG:4326", city.crs
    )
    largest = [max(shapely.get_parts(shape), key=lambda part: part.area + part.length)
               for shape in shapes]  # fmt: skip
    pairs = zip(found, largest, strict=True)
    if within is None:
        return list(pairs)
    return [(row, shape) for row, shape in pairs if within.covers(shape.centroid)]
