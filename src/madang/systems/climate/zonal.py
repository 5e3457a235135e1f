"""Indicators of any polygon: a neighbourhood, a parcel, a square; of the city, or as a plan has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from madang.systems.climate.domain import inventory, premises
from madang.systems.climate.engine import greenness
from madang.systems.climate.engine.carbon import LIVING, pools
from madang.systems.climate.engine.grid import Doubles, Flags, Floats, Window
from madang.systems.climate.engine.measures import Measure, overlapping, painted
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.tables import POOLS, UNKNOWN, Places
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.held import Place, Plan

MOST_SQUARES = 5_000
METHOD = "carbon-four-pools-1; trees-jenkins-2003-1; corrected-heat-1"


def of(
    place: Place, plan: Plan | None, rings: Sequence[Sequence[tuple[float, float]]]
) -> dict[str, Any]:
    """Of the cells whose middle lies in a polygon; what the table does not say is None."""
    ground = place.ground
    window, flags = ground.grid.within([np.asarray(ring, np.float64) for ring in rings])
    measures = _measures(plan, window)
    now = painted(ground.places[window.of], window, measures)
    known = flags & (now != UNKNOWN)
    count = int(known.sum())
    if not count:
        raise Refusal("no-cell-inside", cell=ground.grid.cell)
    hectares = count * ground.grid.hectares
    counted, trees = place.standing.within(window)
    cells = np.bincount(now[known], minlength=256)
    body = _carbon(place, cells, np.bincount(now[known & counted], minlength=256))
    body["trees"] = float(trees[known].sum())
    body["covers"] = _covers(place, plan, window, now, known)
    stock = sum(body["pools"].values()) + body["trees"] + body["covers"]
    low, high = inventory.spread(pools(place.table), cells[None])[0].tolist()
    return {
        "hectares": hectares, **body,
        "carbon_t": stock, "carbon_low_t": stock * low, "carbon_high_t": stock * high,
        "co2_t": stock * CO2, **_shares(place, cells, count),
        **_heat(_degrees(place, plan), ground.heat.mask, window, known),
        **_image(place, window, known),
    }  # fmt: skip


def squares(place: Place, size: float) -> list[tuple[float, float]]:
    """The south-west corners of the squares of `size` metres, on whole multiples of it, with known ground."""
    here, known = place.ground.grid, place.ground.places != UNKNOWN
    rows, columns = (np.flatnonzero(known.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return []
    south, north = (here.north - (rows[at] + 1 - top) * here.cell for at, top in ((-1, 0), (0, 1)))
    west, east = (here.west + (columns[at] + end) * here.cell for at, end in ((0, 0), (-1, 1)))
    across = np.arange(np.floor(west / size), np.ceil(east / size)) * size
    up = np.arange(np.floor(south / size), np.ceil(north / size)) * size
    if len(across) * len(up) > MOST_SQUARES:
        raise Refusal("too-many-squares", count=len(across) * len(up), limit=MOST_SQUARES)
    return [(float(x), float(y)) for y in up for x in across]


def square(corner: tuple[float, float], size: float) -> list[list[tuple[float, float]]]:
    (x, y), far = corner, size
    return [[(x, y), (x + far, y), (x + far, y + far), (x, y + far)]]


def city_of(place: Place, plan: Plan | None) -> dict[str, float]:
    """Means of the whole city, for one's own place to be compared with."""
    mask = place.ground.heat.mask
    return {"celsius": float(_degrees(place, plan)[mask].mean(dtype=np.float64))}


def stands_on(place: Place, plan: Plan | None) -> dict[str, Any]:
    given = plan.premises if plan else premises.Premises()
    return {"inputs": place.inputs, "premises": asdict(given), "method": METHOD,
            "simulated": place.simulated}  # fmt: skip


def _measures(plan: Plan | None, window: Window) -> list[Measure]:
    if plan is None:
        return []
    return [each for each in plan.planned.measures.values() if overlapping(each.window, window)]


def _carbon(place: Place, cells: np.ndarray[Any, Any], counted: np.ndarray[Any, Any]) -> Any:
    """t C by pool; where trees were counted one by one the living pools are left out."""
    figures = pools(place.table)
    living = np.array([name in LIVING for name in POOLS])
    found = (cells @ figures - counted @ (figures * living)) * place.ground.grid.hectares
    return {"pools": dict(zip(POOLS, found.tolist(), strict=True))}


def _covers(place: Place, plan: Plan | None, window: Window, now: Places, known: Flags) -> float:
    """t C of a plan's trees and planted roofs: what it gains beside the classes that it paints."""
    if plan is None:
        return 0.0
    classes = place.density[now] - place.density[place.ground.places[window.of]]
    gained = plan.planned.gain[window.of][known] - classes[known]
    return float(gained.sum(dtype=np.float64)) * place.ground.grid.hectares


def _shares(place: Place, cells: np.ndarray[Any, Any], count: int) -> dict[str, float | None]:
    green, biotope, uptake = (_sum(place, name, cells) for name in ("green", "biotope", "uptake"))
    each = place.ground.grid.hectares
    return {
        "green_ha": None if green is None else green * each,
        "green_share": None if green is None else green / count,
        "biotope": None if biotope is None else biotope / count,
        "uptake_t": None if uptake is None else uptake * each,
    }


def _sum(place: Place, name: str, cells: np.ndarray[Any, Any]) -> float | None:
    """A coefficient over the cells; None where the table does not have it of every class."""
    try:
        return float(cells @ place.table.column(name))
    except Refusal:
        return None


def _image(place: Place, window: Window, known: Flags) -> dict[str, float | None]:
    """As an image of the ground has it: mean NDVI, and hectares of plants; None without one."""
    if place.ndvi is None:
        return {"ndvi": None, "plants_ha": None}
    seen = place.ndvi[window.of][known].astype(np.float32)
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return {"ndvi": None, "plants_ha": None}
    covered = greenness.plants(seen).sum(dtype=np.float64)
    return {"ndvi": float(seen.mean(dtype=np.float64)),
            "plants_ha": float(covered) * place.ground.grid.hectares}  # fmt: skip


def _degrees(place: Place, plan: Plan | None) -> Floats:
    found: Floats = (plan.planned.heat if plan else place.ground.heat).temperature
    return found


def _heat(degrees: Floats, mask: Flags, window: Window, known: Flags) -> dict[str, float | None]:
    found: Doubles = degrees[window.of][known & mask[window.of]].astype(np.float64)
    if not len(found):
        return {"celsius": None, "celsius_low": None, "celsius_high": None}
    return {
        "celsius": float(found.mean()), "celsius_low": float(found.min()),
        "celsius_high": float(found.max()),
    }  # fmt: skip
