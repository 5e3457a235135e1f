"""What a citizen asks of a place: which place is meant, which trees stand there, which plans touch it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import shapely
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.city.public import nearest, within_distance
from madang.ground.console.queries import search
from madang.ground.web.console import Asking, Hit
from madang.ground.web.search import Words
from madang.systems.climate.models import Edit, Parcel, Scenario, Tree
from madang.systems.climate.wording import Done, done

NEAR = 300.0  # metres: what one walks in five minutes
MOST_HITS = 12
PLACES = ("point", "place", "road", "district", "parcel")
MOST_PLANS = 50
CORNERS = 24


@dataclass(frozen=True)
class Touching:
    """A plan with what it does near a place, and how far its nearest part is."""

    plan: Scenario
    doings: list[Done]
    metres: float


def found(asking: Asking, text: str) -> list[Hit]:
    """Places of these words, the best first."""
    hits, _failed = search(asking, Words(text))
    placed = [hit for hit in hits if hit.kind in PLACES and hit.lon is not None]
    return placed[:MOST_HITS]


def find_parcels(asking: Asking, words: Words, limit: int) -> Iterable[Hit]:
    """Parcels by their number or their address."""
    rows = Parcel.objects.filter(city=asking.city)
    named = rows.filter(key__startswith=words.number) if len(words.number) >= 10 else (
        words.among(rows.exclude(address=""), "address")
    )  # fmt: skip
    for row in named.order_by("address", "key")[:limit]:
        lon, lat = (row.west + row.east) / 2, (row.south + row.north) / 2
        title = row.address or row.key
        rank = min(1.0, words.rank(title) + 0.02)
        yield Hit("parcel", str(row.pk), title, _("Parcel"), "square", lon, lat, rank, zoom=18)


def around(x: float, y: float, metres: float = NEAR) -> list[tuple[float, float]]:
    """A ring at this distance, in metres of the city."""
    turns = [2 * math.pi * n / CORNERS for n in range(CORNERS)]
    grown = metres / math.cos(math.pi / CORNERS) ** 0.5  # about the area of the circle
    return [(x + grown * math.cos(turn), y + grown * math.sin(turn)) for turn in turns]


def trees(city: City, x: float, y: float) -> tuple[int, float | None]:
    """How many trees of an inventory stand near, and how far the nearest of all is."""
    count = len(within_distance(Tree, city, x, y, NEAR))
    found = nearest(Tree, city, x, y, 1)
    return count, found[0].metres if found else None


def has_trees(city: City) -> bool:
    return Tree.objects.filter(city=city).exists()


def plans(city: City, x: float, y: float) -> list[Touching]:
    """The newest plans that do something near, the nearest first."""
    rows = Scenario.objects.filter(city=city, version__gt=0).order_by("-made")[:MOST_PLANS]
    by_plan = {row.pk: row for row in rows}
    edits = Edit.objects.filter(scenario__in=by_plan, undoes=None, undone_by=None)
    point = shapely.Point(x, y)
    touching = []
    for pk, group in groupby(edits.order_by("scenario", "number"), lambda edit: edit.scenario_id):
        far = [(edit, _metres(edit, point)) for edit in group]
        near = [(edit, metres) for edit, metres in far if metres <= NEAR]
        if near:
            least = min(metres for _edit, metres in near)
            touching.append(Touching(by_plan[pk], done([edit for edit, _far in near]), least))
    return sorted(touching, key=lambda one: one.metres)


def _metres(edit: Edit, point: shapely.Point) -> float:
    rings = [np.asarray(ring, np.float64) for ring in edit.rings or () if len(ring) > 1]
    if not rings:
        return math.inf
    if edit.kind == "trees":
        return min(float(shapely.distance(shapely.LineString(ring), point)) for ring in rings)
    return float(shapely.distance(shapely.Polygon(rings[0], rings[1:]), point))
