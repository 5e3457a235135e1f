"""What a plan comes to: carbon, heat, people, cost, each with its unit; and on what that stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.ground.city.projection import to_degrees
from madang.systems.climate.domain import catalogue, inventory, measures, premises
from madang.systems.climate.engine import doubt
from madang.systems.climate.engine.carbon import pools
from madang.systems.climate.engine.grid import Grid, Window
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.held import Plan
from madang.systems.climate.models import Edit

METHOD = "corrected-heat-1; carbon-four-pools-1; trees-jenkins-2003-1; intervals-2"
SHARE = 0.95  # of draws of trees within the interval
DIGITS = 6


def total(plan: Plan) -> dict[str, Any]:
    """Of all edits in force. carbon in t C after the plan's years, with the interval of its trees."""
    planned, given = plan.planned, plan.premises
    amounts = list(plan.amounts.values())
    grown = (
        np.sum([each.grown for each in amounts], axis=0) if amounts else np.zeros(measures.DRAWS)
    )
    drawn = grown - grown.mean() + _apart(plan)
    ends = np.quantile(drawn, ((1 - SHARE) / 2, (1 + SHARE) / 2))
    warmer = doubt.change(planned.parts, given.climate.weights)
    carbon, hours = planned.carbon, given.hours
    people = float(planned.people.sum()) * hours if plan.place.residents is not None else None
    priced = [each.cost for each in amounts if each.cost is not None]
    cells = max(1, int(plan.place.cells.sum()))
    body: dict[str, Any] = {
        "version": plan.version,
        "carbon_t": carbon,
        "carbon_low_t": carbon + float(ends[0]),
        "carbon_high_t": carbon + float(ends[1]),
        "co2_t": carbon * CO2,
        "embodied_t": sum(each.embodied for each in amounts),
        "payback_year": payback(plan),
        "people_degree_hours": people,
        **_between("people_degree_hours", people, warmer),
        "energy_kwh": None if people is None or given.energy is None else people * given.energy,
        "mean_celsius": float(planned.sums.sum()) / cells,
        **_between("mean_celsius", float(planned.sums.sum()) / cells, warmer),
        "cost": sum(priced),
        "unpriced": len(amounts) - len(priced),
        "trees": sum(each.trees for each in amounts),
        "edits": len(amounts),
        "area_m2": _areas(plan),
    }
    return {name: _rounded(value) for name, value in body.items()}


def yearly(plan: Plan, edits: Sequence[Edit]) -> list[dict[str, Any]]:
    """t C held at the end of each year, with the interval of the trees, and less what making it cost."""
    years = plan.premises.years
    grown = np.zeros((measures.DRAWS, years + 1))
    for edit in edits:
        grown += measures.growth(edit, years)
    rest = plan.planned.carbon - float(grown[:, -1].mean())
    spent = sum(each.embodied for each in plan.amounts.values())
    drawn = grown + _apart(plan)[:, None]
    low, high = np.quantile(drawn, ((1 - SHARE) / 2, (1 + SHARE) / 2), axis=0)
    return [
        {
            "year": year, "carbon_t": _rounded(rest + mean), "low_t": _rounded(rest + float(low[year])),
            "high_t": _rounded(rest + float(high[year])), "balance_t": _rounded(rest + mean - spent),
        }
        for year, mean in enumerate(grown.mean(axis=0).tolist())
    ]  # fmt: skip


def _apart(plan: Plan) -> NDArray[np.float64]:
    """t C by which each draw is off in what is no tree: planted roofs, and classes that become others.

    A roof's carbon is off by one factor everywhere, a pool of a class by one of its own, as in
    inventory.spread.
    """
    roofs = sum(each.planted for each in plan.amounts.values())
    found = (inventory.factors(1, 1)[: measures.DRAWS, 0, 0] - 1) * roofs
    classes = sum((each.classes for each in plan.amounts.values() if each.classes is not None),
                  np.zeros(256))  # fmt: skip
    if np.any(classes):
        figures = pools(plan.place.table)
        changed = (figures * (inventory.factors(*figures.shape) - 1)).sum(axis=2) @ classes
        found = found + changed[: measures.DRAWS] * plan.place.ground.grid.hectares
    return np.asarray(found, np.float64)


def _between(
    name: str, value: float | None, factors: tuple[float, float]
) -> dict[str, float | None]:
    if value is None:
        return {f"{name}_low": None, f"{name}_high": None}
    ends = sorted(value * factor for factor in factors)
    return {f"{name}_low": ends[0], f"{name}_high": ends[1]}


def payback(plan: Plan) -> int | None:
    """The first year whose end finds as much carbon held as making it cost; None: not within the years."""
    amounts = list(plan.amounts.values())
    spent = sum(each.embodied for each in amounts)
    paths = [each.path for each in amounts if each.path is not None]
    held = np.sum(paths, axis=0) if paths else np.zeros(plan.premises.years + 1)
    balance = plan.planned.carbon - float(held[-1]) + held - spent
    paid = np.flatnonzero(balance >= -(10.0**-DIGITS))
    return int(paid[0]) if len(paid) and amounts else None


def by_zone(plan: Plan) -> list[dict[str, Any]]:
    """Each dong: t C gained, °C and people-degree-hours changed."""
    planned, place = plan.planned, plan.place
    ground = place.ground
    gained = np.zeros(ground.count + 1)
    some = np.nonzero(planned.gain)
    np.add.at(gained, ground.zones[some], planned.gain[some].astype(np.float64))
    return [
        {
            "key": district.key,
            "names": district.names,
            "carbon_t": _rounded(float(gained[n]) * ground.grid.hectares),
            "celsius": _rounded(float(planned.sums[n] / place.cells[n]))
            if place.cells[n]
            else None,
            "people_degree_hours": None
            if place.residents is None
            else _rounded(float(planned.people[n]) * plan.premises.hours),
        }
        for n, district in enumerate(place.districts)
    ]


def stands_on(plan: Plan) -> dict[str, Any]:
    """Inputs, premises, coefficients and method: with the edits all that the numbers follow from."""
    return {
        "inputs": plan.place.inputs,
        "premises": premises.said(plan.premises),
        "coefficients": catalogue.coefficients(),
        "method": METHOD,
        "simulated": plan.scenario.land.data_set.simulated or plan.scenario.table.simulated,
    }


def digest(body: dict[str, Any]) -> str:
    """SHA-256 of a result as JSON with sorted names: the same plan gives the same again."""
    kept = {name: value for name, value in body.items() if name not in ("digest", "reached")}
    return hashlib.sha256(
        json.dumps(kept, sort_keys=True, ensure_ascii=False, default=str).encode()
    ).hexdigest()


def box(grid: Grid, window: Window | None, crs: str) -> list[float] | None:
    """west, south, east, north in degrees of a window."""
    if window is None:
        return None
    x = grid.west + np.array([window.left, window.right, window.left, window.right]) * grid.cell
    y = grid.north - np.array([window.top, window.top, window.bottom, window.bottom]) * grid.cell
    lon, lat = to_degrees(x, y, crs)
    return [float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())]


def _areas(plan: Plan) -> dict[str, float]:
    found: dict[str, float] = {}
    for number, amount in plan.amounts.items():
        kind = plan.kinds[number]
        found[kind] = round(found.get(kind, 0.0) + amount.area, 2)
    return found


def _rounded(value: Any) -> Any:
    """What float sums leave behind the sixth digit depends on the order of edits: it is not said."""
    return round(value, DIGITS) if isinstance(value, float) else value
