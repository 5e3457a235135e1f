"""Answers of the climate process: what is held in memory, asked by pages and programs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

import numpy as np
from django.utils import timezone

from madang.ground.city.models import City
from madang.systems.climate import provenance, stations, totals, walking, zonal
from madang.systems.climate.domain.scenarios import in_force
from madang.systems.climate.engine import choosing, cooling, corrected
from madang.systems.climate.engine.grid import Doubles, Floats, Window
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.held import Held, Place, Plan
from madang.systems.climate.messages import (
    Answer,
    Exposure,
    Now,
    Picture,
    Places,
    Question,
    Refused,
    Result,
    Said,
    Squares,
    Total,
    View,
    Walk,
    Zones,
)
from madang.systems.climate.models import Edit
from madang.systems.climate.pictures import At, png, sampled, showing, under, whole

MOST_POLYGONS = 50_000
MOST_ZONES = 20_000
LEAST_SQUARE, MOST_SQUARE = 50.0, 5_000.0  # metres
NOW = "now"  # the layer that stations drive
MOST_WALKS = 8  # windows of walking that are kept
SAME_MOMENT = 15.0  # seconds: whoever asks again so soon is told the same


def answer(held: Held, question: Question) -> Answer:
    """What is asked; a Refused with the words of what cannot be computed with."""
    try:
        if isinstance(question, View):
            return Picture(data=_view(held, question))
        if isinstance(question, Walk) and question.layer:
            return Picture(data=_felt(held, question))
        tellers: dict[type[Question], Callable[[Held, Any], dict[str, Any]]] = {
            Total: _total, Result: _result, Places: _places, Zones: _zones, Squares: _squares,
            Now: _present, Walk: _walked, Exposure: _exposure,
        }  # fmt: skip
        if type(question) in tellers:
            return Said(body=tellers[type(question)](held, question))
        raise Refusal("unknown-question")
    except Refusal as refusal:
        return Refused(code=refusal.code, words={k: str(v) for k, v in refusal.words.items()})


def _city(key: UUID) -> City:
    found = City.objects.filter(pk=key).first()
    if found is None:
        raise Refusal("nobody-there", city=key)
    return found


def _plan(held: Held, question: Question, *, trying: bool = False) -> Plan:
    if question.scenario is None:
        raise Refusal("no-scenario")
    return held.plan(question.scenario, question.city, trying=trying)


def _settled(held: Held, question: Question) -> tuple[Plan | None, Place]:
    """The plan, if one is meant, and its place, for numbers that are the same whoever reckons them."""
    if question.scenario is None:
        return None, held.place(_city(question.city))
    plan = held.plan(question.scenario, question.city).settled()
    return plan, plan.place


def _total(held: Held, question: Total) -> dict[str, Any]:
    if question.scenario is None:
        return {"scales": _scales(held.place(_city(question.city)))}
    if question.drawn is None:
        return _told(_plan(held, question), question)
    plan = _plan(held, question, trying=True)
    kind, rings, code, what = question.drawn
    number = plan.version + 1
    plan.attempt(
        Edit(scenario=plan.scenario, number=number, kind=kind, rings=rings, code=code, what=what)
    )
    return _told(plan, question)


def _told(plan: Plan, question: Total) -> dict[str, Any]:
    body = totals.total(plan)
    reached = plan.since(question.since)
    body["reached"] = totals.box(plan.place.ground.grid, reached, plan.place.city.crs)
    if question.look and reached:
        body["picture"] = _changed(plan, question.look, reached)
    if question.zones:
        body["zones"] = totals.by_zone(plan)
    return body


def _scales(place: Place) -> dict[str, Any]:
    return {name: asdict(scale) for name, scale in place.scales.items()}


def _result(held: Held, question: Result) -> dict[str, Any]:
    plan = _plan(held, question).afresh()
    rows = [edit for edit in in_force(plan.scenario) if edit.number in plan.amounts]
    edits = [
        {
            "number": edit.number, "kind": edit.kind, "rings": edit.rings, "code": edit.code,
            "what": edit.what, "area_m2": round(plan.amounts[edit.number].area, 2),
            "trees": plan.amounts[edit.number].trees, "cost": plan.amounts[edit.number].cost,
        }
        for edit in rows
    ]  # fmt: skip
    total, years = totals.total(plan), totals.yearly(plan, rows)
    body = {
        "scenario": str(plan.scenario.pk),
        "name": plan.scenario.name,
        "total": total,
        "zones": totals.by_zone(plan),
        "yearly": years,
        "payback": totals.paid_back(years, total),
        "edits": edits,
        **totals.stands_on(plan),
    }
    return provenance.sealed(body)


def _changed(plan: Plan, look: View, reached: Window) -> dict[str, Any] | None:
    """What of a view is another since something reached these cells; None: let the view be asked for.

    By night only land tells, and stations tell the air of now: neither follows what was reached.
    """
    place, size = plan.place, (look.width, look.height)
    if look.layer not in place.scales or look.layer.startswith("night"):
        return None
    part = showing(place.ground.grid, reached, look.box, *size)
    if part is None:
        return {"left": 0, "top": 0, "width": 0, "height": 0, "png": b""}
    scale = place.scales[look.layer]
    at = sampled(place.ground.grid, look.box, *size, part)
    drawn = png(scale.places(_layer(place, plan, look.layer, at)), scale.palette())
    height, width = part.shape
    return {"left": part.left, "top": part.top, "width": width, "height": height, "png": drawn}


def _view(held: Held, question: View) -> bytes:
    plan = _plan(held, question) if question.scenario else None
    place = plan.place if plan else held.place(_city(question.city))
    if question.layer not in (*place.scales, NOW):
        known = ", ".join((*place.scales, NOW))
        raise Refusal("unknown-layer", layer=question.layer, known=known)
    size = question.width, question.height
    at = sampled(place.ground.grid, question.box, *size, whole(question.box, *size))
    if question.layer == NOW:
        now = _moment(held, place)
        if now.air is None:
            raise Refusal("no-station")
        scale = now.scale
        values = now.degrees(_layer(place, plan, now.pattern, at))
    else:
        scale = place.scales[question.layer]
        values = _layer(place, plan, question.layer, at)
    if question.raw:
        return np.ascontiguousarray(values, np.float32).tobytes()
    return png(scale.places(values), scale.palette())


def _layer(place: Place, plan: Plan | None, layer: str, at: At) -> Floats:
    """A layer's value under each pixel, NaN where nothing is known."""
    heat, ground = (plan.planned.heat if plan else place.ground.heat), place.ground
    inside = at[2]
    found: Floats
    if layer == "carbon":
        found = place.density[under(ground.places, at)]
        if plan:
            found += under(plan.planned.gain, at)
    elif layer == "carbon_change":
        found = under(plan.planned.gain, at) if plan else np.zeros(inside.shape, np.float32)
    elif layer == "temperature_change":
        found = heat.temperature_at(*at[:2]) - ground.heat.temperature_at(*at[:2])
    elif layer == "night_change":
        found = _night(place, plan).temperature_at(*at[:2]) - ground.night.temperature_at(*at[:2])
    elif layer == "night":
        found = _night(place, plan).temperature_at(*at[:2])
    elif layer == "temperature":
        found = heat.temperature_at(*at[:2])
    else:
        found = under(heat.mitigation, at)
    known = inside if layer.startswith("carbon") else inside & under(ground.heat.mask, at)
    found[~known] = np.nan
    return found


def _night(place: Place, plan: Plan | None) -> corrected.City:
    return plan.planned.night if plan else place.ground.night


def _moment(held: Held, place: Place) -> stations.Now:
    """What the city's stations say, asked of the store once in some seconds."""
    kept = held.moments.get(place.city.pk)
    if kept and kept[1] is place and time.monotonic() - kept[0] < SAME_MOMENT:
        return kept[2]
    moment = timezone.now()
    found = stations.now_of(place, stations.heard(place.city, moment), moment)
    held.moments[place.city.pk] = (time.monotonic(), place, found)
    return found


def _present(held: Held, question: Now) -> dict[str, Any]:
    place = held.place(_city(question.city))
    now = _moment(held, place)
    return {**stations.said(now, place, timezone.now()), "scale": asdict(now.scale),
            "premises": zonal.stands_on(place, None)["premises"]}  # fmt: skip


def _exposure(held: Held, question: Exposure) -> dict[str, Any]:
    """The city's ground with other distances, looked at once and let go."""
    place = held.place(_city(question.city))
    heat, here = place.ground.heat, place.ground.grid
    climate = cooling.Climate(0.0, 1.0, question.mixing, question.parks)
    other = corrected.City(heat.capacity, heat.green, heat.mask, climate, here.cell)
    columns = np.floor((np.array(question.x) - here.west) / here.cell).astype(np.int64)
    rows = np.floor((here.north - np.array(question.y)) / here.cell).astype(np.int64)
    found: list[float | None] = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        inside = 0 <= row < here.rows and 0 <= column < here.columns and heat.mask[row, column]
        found.append(float(other.temperature[row, column]) if inside else None)
    return {"exposure": found, "inputs": place.inputs}


def _walk(held: Held, question: Walk) -> walking.Walk:
    """Its pictures are asked for one by one: what was just reckoned is kept for them."""
    plan, place = _settled(held, question)
    air = walking.Air(question.hour, question.humidity, question.wind, question.tree)
    state = (plan.scenario.pk, plan.version) if plan else ()
    stand = tuple(sorted(place.inputs.items()))
    key = (question.city, state, stand, question.x, question.y, question.side, air)
    found = held.walks.pop(key, None)
    if found is None:
        found = walking.walk(place, plan, (question.x, question.y), question.side, air)
    held.walks[key] = found
    while len(held.walks) > MOST_WALKS:
        held.walks.popitem(last=False)
    return found


def _walked(held: Held, question: Walk) -> dict[str, Any]:
    found = _walk(held, question)
    plan, place = _settled(held, question)
    stand = provenance.stands_on(place, plan, walking.METHOD)
    return provenance.sealed({**stand, **found.said()})


def _felt(held: Held, question: Walk) -> bytes:
    scale = walking.SCALES.get(question.layer)
    if scale is None:
        raise Refusal("unknown-layer", layer=question.layer, known=", ".join(walking.SCALES))
    return png(scale.places(_walk(held, question).layer(question.layer)), scale.palette())


def _places(held: Held, question: Places) -> dict[str, Any]:
    """Each polygon alone: what it gives beside the city as it is, by the air read backwards."""
    if len(question.rings) > MOST_POLYGONS:
        raise Refusal("too-many-edits", count=len(question.rings), limit=MOST_POLYGONS)
    plan = _plan(held, question)
    exposed = choosing.exposure(plan.place.ground.heat, plan.place.ground.people)
    found = [_gives(plan, exposed, question, rings) for rings in question.rings]
    return {"places": found, **totals.stands_on(plan)}


def _zones(held: Held, question: Zones) -> dict[str, Any]:
    """What each polygon holds; one that cannot be says why, and the others are told all the same."""
    if len(question.rings) > MOST_ZONES:
        raise Refusal("too-many-edits", count=len(question.rings), limit=MOST_ZONES)
    plan, place = _settled(held, question)
    now = _moment(held, place)
    found = [_zone(place, plan, rings) for rings in question.rings]
    for zone in found:
        name = "celsius_night" if now.dark else "celsius"
        zone["celsius_now"] = _lifted(now, zone.get(name))
    return provenance.sealed({
        "zones": found,
        "now": stations.said(now, place, timezone.now()),
        "city": zonal.city_of(place, plan),
        **zonal.stands_on(place, plan),
    })  # fmt: skip


def _squares(held: Held, question: Squares) -> dict[str, Any]:
    """Squares on whole multiples of their size, those with known ground."""
    if not LEAST_SQUARE <= question.size <= MOST_SQUARE:
        raise Refusal("bad-square", metres=question.size, least=LEAST_SQUARE, most=MOST_SQUARE)
    plan, place = _settled(held, question)
    found = [{"x": x, "y": y, **zone} for x, y, zone in zonal.squares(place, plan, question.size)]
    return provenance.sealed(
        {"squares": found, "size": question.size, **zonal.stands_on(place, plan)}
    )


def _lifted(now: stations.Now, celsius: float | None) -> float | None:
    """A mean of the hot day or its night as that of now: both are straight lines of the same share."""
    if now.air is None or celsius is None:
        return None
    return float(now.degrees(np.asarray([celsius], np.float32))[0])


def _zone(
    place: Place, plan: Plan | None, rings: list[list[tuple[float, float]]]
) -> dict[str, Any]:
    try:
        return zonal.of(place, plan, rings)
    except Refusal as refusal:
        return {"refused": refusal.code, "words": {k: str(v) for k, v in refusal.words.items()}}


def _gives(
    plan: Plan, exposed: Floats, question: Places, rings: list[list[tuple[float, float]]]
) -> dict[str, Any]:
    edit = Edit(
        scenario=plan.scenario, number=0, kind=question.kind, rings=rings, what=question.what
    )
    try:
        measure, amount = plan.measured(edit)
    except Refusal as refusal:
        return {"refused": refusal.code}
    ground = plan.place.ground
    window = measure.window
    now, was = (
        ground.worth.of(ground.places[window.of], window, taken, ground.grid.hectares)
        for taken in ([measure], [])
    )
    mask = ground.heat.mask[window.of]
    if not (mask & (getattr(measure, "share", np.ones(mask.shape)) > 0)).any():
        return {"refused": "nothing-known"}
    gained = _capacity(plan, now, window) - _capacity(plan, was, window)
    zone = ground.zones[window.of][mask]
    return {
        "carbon_t": float((now.carbon - was.carbon).sum(dtype=np.float64)) * ground.grid.hectares,
        "people_degree_hours": float((gained * exposed[window.of]).sum(dtype=np.float64))
        * plan.premises.hours,
        "celsius_cells": float(gained.sum(dtype=np.float64)) * ground.heat.climate.urban_heat,
        "area_m2": amount.area,
        "cost": amount.cost,
        "district": int(zone[0]) if len(zone) else -1,
    }


def _capacity(plan: Plan, cells: Any, window: Any) -> Doubles:
    ground = plan.place.ground
    found = cooling.capacity(
        cells.shade, cells.albedo, cells.kc, ground.eto[window.of], ground.heat.mask[window.of],
        ground.heat.climate.weights, ground.highest,
    )  # fmt: skip
    return np.asarray(found, np.float64)
