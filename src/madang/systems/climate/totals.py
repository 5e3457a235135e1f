"""What a plan comes to: carbon, heat, people, cost, each with its unit; and on what that stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.ground.city.projection import to_degrees
from madang.systems.climate import provenance
from madang.systems.climate.domain import catalogue, inventory, measures, premises
from madang.systems.climate.engine import doubt
from madang.systems.climate.engine.carbon import pools
from madang.systems.climate.engine.grid import Grid, Window
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.held import Plan
from madang.systems.climate.models import Edit

METHOD = (
    "corrected-heat-1; night-intensity-1; carbon-four-pools-1; trees-jenkins-2003-1; intervals-3"
)
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
    priced = _by_kind(plan, "cost")
    cells = max(1, int(plan.place.cells.sum()))
    body: dict[str, Any] = {
        "version": plan.version,
        "carbon_t": carbon,
        "carbon_low_t": carbon + float(ends[0]),
        "carbon_high_t": carbon + float(ends[1]),
        "co2_t": carbon * CO2,
        "embodied_t": sum(each.embodied for each in amounts),
        **_spent("embodied_{}_t", _by_kind(plan, "embodied"), doubt.EMBODIED),
        "payback_year": payback(plan),
        "people_degree_hours": people,
        **_between("people_degree_hours", people, warmer),
        "energy_kwh": _energy(people, given),
        **{f"energy_kwh_{end}": _energy(value, given)
           for end, value in zip(("low", "high"), _between("", people, warmer).values(), strict=True)},
        "mean_celsius": float(planned.sums.sum()) / cells,
        **_between("mean_celsius", float(planned.sums.sum()) / cells, warmer),
        **_by_night(plan, cells),
        "cost": sum(priced),
        **_spent("cost_{}", priced, doubt.PRICE),
        "unpriced": sum(each.cost is None for each in amounts),
        "trees": sum(each.trees for each in amounts),
        "edits": len(amounts),
        "area_m2": _areas(plan),
    }  # fmt: skip
    return {name: _rounded(value) for name, value in body.items()}


def _by_kind(plan: Plan, name: str) -> list[float]:
    """What each kind of measure comes to, where that is known."""
    sums: dict[str, float] = {}
    for number, amount in plan.amounts.items():
        value = getattr(amount, name)
        if value is not None:
            sums[plan.kinds[number]] = sums.get(plan.kinds[number], 0.0) + float(value)
    return list(sums.values())


def _spent(name: str, parts: list[float], spread: float) -> dict[str, float]:
    low, high = doubt.spent(parts, spread)
    return {name.format("low"): low, name.format("high"): high}


def _energy(people: float | None, given: premises.Premises) -> float | None:
    return None if people is None or given.energy is None else people * given.energy


def _by_night(plan: Plan, cells: int) -> dict[str, float | None]:
    """The mean air by night; None where the table lacks intensities of buildings."""
    sums = _nights(plan)
    value = None if sums is None else float(sums.sum()) / cells
    return {"mean_celsius_night": value,
            **_between("mean_celsius_night", value, doubt.change_by_night())}  # fmt: skip


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


def paid_back(rows: Sequence[dict[str, Any]], total: dict[str, Any]) -> dict[str, int | None]:
    """The year in which what was spent is held again, by the mean and by the ends of the intervals."""

    def first(name: str, spent: str) -> int | None:
        return next((row["year"] for row in rows if row[name] >= total[spent]), None)

    return {
        "year": first("carbon_t", "embodied_t"), "earliest": first("high_t", "embodied_low_t"),
        "latest": first("low_t", "embodied_high_t"),
    }  # fmt: skip


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
    """Each dong: t C gained, °C by day and by night and people-degree-hours changed."""
    planned, place = plan.planned, plan.place
    ground = place.ground
    gained, nights = np.zeros(ground.count + 1), _nights(plan)
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
            "celsius_night": None
            if nights is None or not place.cells[n]
            else _rounded(float(nights[n] / place.cells[n])),
            "people_degree_hours": None
            if place.residents is None
            else _rounded(float(planned.people[n]) * plan.premises.hours),
        }
        for n, district in enumerate(place.districts)
    ]


def _nights(plan: Plan) -> NDArray[np.float64] | None:
    try:
        return plan.planned.night_sums
    except Refusal:
        return None


def stands_on(plan: Plan) -> dict[str, Any]:
    """Inputs, premises, coefficients and method: with the edits all that the numbers follow from."""
    return {
        **provenance.stands_on(plan.place, plan, METHOD),
        "coefficients": catalogue.coefficients(),
        "simulated": plan.scenario.land.data_set.simulated or plan.scenario.table.simulated,
    }


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
