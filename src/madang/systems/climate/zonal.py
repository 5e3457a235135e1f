"""Indicators of any polygon: a neighbourhood, a parcel, a square; of the city, or as a plan has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate import provenance
from madang.systems.climate.domain import fitting, inventory
from madang.systems.climate.engine import doubt, greenness, zones
from madang.systems.climate.engine.carbon import LIVING, pools
from madang.systems.climate.engine.grid import Doubles, Flags, Floats, Window
from madang.systems.climate.engine.measures import Measure, overlapping, painted
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.engine.tables import POOLS, UNKNOWN, Places
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.engine.zones import Zones
from madang.systems.climate.held import Place, Plan

MOST_SQUARES = 5_000
METHOD = (
    "carbon-four-pools-1; trees-jenkins-2003-1; corrected-heat-1; night-intensity-1; intervals-3"
)


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
        "co2_t": stock * CO2, **_shares(place, _columns(place), cells[None])[0],
        **_ranged(place, plan, [_heat(_degrees(place, plan), ground.heat.mask, window, known)])[0],
        **_nightly(place, plan, [_mean(_dark(place, plan), ground.heat.mask, window, known)])[0],
        **_image(place, window, known),
    }  # fmt: skip


def squares(
    place: Place, plan: Plan | None, size: float
) -> list[tuple[float, float, dict[str, Any]]]:
    """The squares of `size` metres on whole multiples of it that have known ground: south-west corner
    and what they hold. A cell belongs to the square of its middle, so that no cell counts twice.
    """
    here = place.ground.grid
    x = here.west + (np.arange(here.columns) + 0.5) * here.cell
    y = here.north - (np.arange(here.rows) + 0.5) * here.cell
    across, up = (np.floor(each / size).astype(np.int64) for each in (x, y))
    columns, rows = across - across.min(), up - up.min()
    wide = int(columns.max()) + 1
    known = place.ground.places != UNKNOWN
    whole = (rows[:, None] * wide + columns[None, :]).astype(np.int32)
    some = np.flatnonzero(np.bincount(whole[known], minlength=1))
    if len(some) > MOST_SQUARES:
        raise Refusal("too-many-squares", count=len(some), limit=MOST_SQUARES)
    number = np.full(int(whole.max()) + 1, -1, np.int32)
    number[some] = np.arange(len(some))
    found = labelled(place, plan, number[whole], len(some))
    least_x, least_y = int(across.min()), int(up.min())
    return [
        (float((least_x + at % wide) * size), float((least_y + at // wide) * size), body)
        for at, body in zip(some.tolist(), found, strict=True)
        if body is not None
    ]


def labelled(
    place: Place, plan: Plan | None, areas: Zones, count: int
) -> list[dict[str, Any] | None]:
    """What each of `count` zones holds, a number for each cell and -1 for none: as `of`, all in one pass.

    None where a zone has no known cell.
    """
    ground, table = place.ground, place.table
    everywhere = Window(0, ground.grid.rows, 0, ground.grid.columns)
    now = painted(ground.places, everywhere, _measures(plan, everywhere))
    counted, trees = place.standing.within(everywhere)
    cells = zones.histogram(now, areas, count)
    cells[:, UNKNOWN] = 0
    figures = pools(table)
    living = np.array([name in LIVING for name in POOLS])
    less = zones.histogram(np.where(counted, now, UNKNOWN).astype(np.uint8), areas, count)
    less[:, UNKNOWN] = 0
    carbon = (cells @ figures - less @ (figures * living)) * ground.grid.hectares
    known = now != UNKNOWN
    standing = zones.statistics(trees.astype(np.float32), known, areas, count).sums
    covers = np.zeros(count)
    if plan:
        classes = place.density[now] - place.density[ground.places]
        gained = np.where(known, plan.planned.gain - classes, np.float32(0)).astype(np.float32)
        covers = zones.statistics(gained, known, areas, count).sums * ground.grid.hectares
    heat = zones.statistics(_degrees(place, plan), ground.heat.mask & known, areas, count)
    spread = inventory.spread(figures, cells)
    image = _images(place, known, areas, count)
    shares = _shares(place, _columns(place), cells)
    heats = _ranged(place, plan, [
        {name: _number(values[n]) for name, values in (
            ("celsius", heat.means), ("celsius_low", heat.lowest), ("celsius_high", heat.highest))}
        for n in range(count)
    ])  # fmt: skip
    dark = _dark(place, plan)
    means = np.full(count, np.nan)
    if dark is not None:
        means = zones.statistics(dark, ground.heat.mask & known, areas, count).means
    nights = _nightly(place, plan, [_number(each) for each in means])
    return [
        {**_one(place, int(cells[n].sum()), carbon[n], float(standing[n]), float(covers[n]), spread[n]),
         **shares[n], **heats[n], **nights[n], **image[n]}
        if cells[n].any() else None
        for n in range(count)
    ]  # fmt: skip


def _one(
    place: Place, count: int, carbon: Doubles, trees: float, covers: float, spread: Doubles
) -> dict[str, Any]:
    stock = float(carbon.sum()) + trees + covers
    return {
        "hectares": count * place.ground.grid.hectares,
        "pools": dict(zip(POOLS, carbon.tolist(), strict=True)), "trees": trees, "covers": covers,
        "carbon_t": stock, "carbon_low_t": stock * float(spread[0]),
        "carbon_high_t": stock * float(spread[1]), "co2_t": stock * CO2,
    }  # fmt: skip


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _images(place: Place, known: Flags, areas: Zones, count: int) -> list[dict[str, float | None]]:
    if place.ndvi is None:
        return [{"ndvi": None, "plants_ha": None}] * count
    seen = place.ndvi.astype(np.float32)
    there = known & np.isfinite(seen)
    seen = np.where(there, seen, np.float32(0))
    covered = np.where(there, greenness.plants(seen), np.float32(0))
    means, sums = (zones.statistics(each, there, areas, count) for each in (seen, covered))
    each = place.ground.grid.hectares
    return [
        {"ndvi": _number(means.means[n]),
         "plants_ha": float(sums.sums[n]) * each if sums.cells[n] else None}
        for n in range(count)
    ]  # fmt: skip


def square(corner: tuple[float, float], size: float) -> list[list[tuple[float, float]]]:
    """Its ring in metres."""
    (x, y), far = corner, size
    return [[(x, y), (x + far, y), (x + far, y + far), (x, y + far)]]


def city_of(place: Place, plan: Plan | None) -> dict[str, float]:
    """Means of the whole city, for one's own place to be compared with."""
    mask = place.ground.heat.mask
    found = {"celsius": float(_degrees(place, plan)[mask].mean(dtype=np.float64))}
    if (dark := _dark(place, plan)) is not None:
        found["celsius_night"] = float(dark[mask].mean(dtype=np.float64))
    return found


def stands_on(place: Place, plan: Plan | None) -> dict[str, Any]:
    return provenance.stands_on(place, plan, METHOD)


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


def _columns(place: Place) -> dict[str, Doubles | None]:
    """What the table says of every class; None where it does not say it of each."""
    found: dict[str, Doubles | None] = {}
    for name in ("green", "biotope", "uptake"):
        try:
            found[name] = place.table.column(name)
        except Refusal:
            found[name] = None
    return found


def _shares(
    place: Place, columns: dict[str, Doubles | None], cells: NDArray[np.int64]
) -> list[dict[str, float | None]]:
    """Green, biotope ratio and uptake of each zone of cells (zones, classes), with 95 % intervals."""
    hectares = cells.sum(axis=1) * place.ground.grid.hectares
    found: dict[str, Doubles] = {}
    if (green := columns["green"]) is not None:
        share, ends = _mean_of(cells, green), doubt.shares(cells, green)
        found |= {"green_share": share, "green_ha": share * hectares,
                  **_between("green_{}_ha", ends * hectares[:, None])}  # fmt: skip
    if (biotope := columns["biotope"]) is not None:
        ends = doubt.shares(cells, biotope, doubt.COEFFICIENT)
        found |= {"biotope": _mean_of(cells, biotope), **_between("biotope_{}", ends)}
    if (uptake := columns["uptake"]) is not None:
        taken = cells @ uptake * place.ground.grid.hectares
        ends = inventory.spread(uptake[:, None], cells) * taken[:, None]
        found |= {"uptake_t": taken, **_between("uptake_{}_t", ends)}
    return [
        {name: float(found[name][n]) if name in found else None for name in SHARES}
        for n in range(len(cells))
    ]


SHARES = ("green_ha", "green_low_ha", "green_high_ha", "green_share", "biotope", "biotope_low",
          "biotope_high", "uptake_t", "uptake_low_t", "uptake_high_t")  # fmt: skip


def _mean_of(cells: NDArray[np.int64], column: Doubles) -> Doubles:
    return np.asarray(cells @ column / np.maximum(cells.sum(axis=1), 1))


def _between(name: str, ends: Doubles) -> dict[str, Doubles]:
    return {name.format("low"): ends[:, 0], name.format("high"): ends[:, 1]}


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


def _ranged(
    place: Place, plan: Plan | None, heats: list[dict[str, float | None]]
) -> list[dict[str, float | None]]:
    """Each with the 95 % interval of its mean, celsius_from to celsius_to."""
    given = plan.premises if plan else fitting.day_of(place.city)
    means = np.array([np.nan if (mean := each["celsius"]) is None else mean for each in heats])
    ends = given.ranges(means, place.parts)
    return [
        {**each, "celsius_from": _number(low), "celsius_to": _number(high)}
        for each, (low, high) in zip(heats, ends.tolist(), strict=True)
    ]


def _nightly(
    place: Place, plan: Plan | None, means: list[float | None]
) -> list[dict[str, float | None]]:
    """Air by night with its 95 % interval; None where the table lacks intensities of buildings."""
    given = plan.premises if plan else fitting.day_of(place.city)
    celsius = np.array([np.nan if mean is None else mean for mean in means])
    ends = doubt.nights(celsius, given.night, place.built) if np.isfinite(celsius).any() else (
        np.full((len(means), 2), np.nan))  # fmt: skip
    return [
        {"celsius_night": mean, "celsius_night_from": _number(low), "celsius_night_to": _number(high)}
        for mean, (low, high) in zip(means, ends.tolist(), strict=True)
    ]  # fmt: skip


def _dark(place: Place, plan: Plan | None) -> Floats | None:
    """The air by night; None where the table lacks intensities of buildings."""
    try:
        found: Floats = (plan.planned if plan else place.ground).night.temperature
    except Refusal:
        return None
    return found


def _degrees(place: Place, plan: Plan | None) -> Floats:
    found: Floats = (plan.planned.heat if plan else place.ground.heat).temperature
    return found


def _mean(degrees: Floats | None, mask: Flags, window: Window, known: Flags) -> float | None:
    if degrees is None:
        return None
    found = degrees[window.of][known & mask[window.of]]
    return float(found.mean(dtype=np.float64)) if len(found) else None


def _heat(degrees: Floats, mask: Flags, window: Window, known: Flags) -> dict[str, float | None]:
    found: Doubles = degrees[window.of][known & mask[window.of]].astype(np.float64)
    if not len(found):
        return {"celsius": None, "celsius_low": None, "celsius_high": None}
    return {
        "celsius": float(found.mean()), "celsius_low": float(found.min()),
        "celsius_high": float(found.max()),
    }  # fmt: skip
