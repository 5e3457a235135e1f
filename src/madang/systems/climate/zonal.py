"""Indicators of any polygon: a neighbourhood, a parcel, a square; of the city, or as a plan has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from madang.systems.climate.domain import inventory, premises
from madang.systems.climate.engine.carbon import LIVING, pools
from madang.systems.climate.engine.grid import Doubles, Flags, Floats, Window
from madang.systems.climate.engine.measures import Measure, overlapping, painted
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.tables import POOLS, UNKNOWN, Places
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.held import Place, Plan

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
    }  # fmt: skip


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
