"""Signal plans that do not fit: mended or taken out. Each finding is (kind, thing, figures)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from madang.systems.traffic.engine.draft import Draft
from madang.systems.traffic.engine.signals import (
    ALL_DAYS,
    DAY_S,
    LETTERS,
    Controller,
    Phase,
    Program,
    Turnover,
    rings_meet,
    rows_of,
    starved,
)

Finding = tuple[str, str, dict[str, Any]]
SHORTEST_CYCLE_S = 1
LONGEST_CYCLE_S = 3_600


def mend_signals(draft: Draft) -> list[Finding]:
    """Keep the controllers that can run, with links watching only lights that exist."""
    said: list[Finding] = []
    nodes = {node.key for node in draft.nodes}
    columns = _watched(draft)
    kept: dict[str, Controller] = {}
    for controller in draft.controllers:
        mended = None if controller.key in kept else _mended(controller, columns, nodes, said)
        if mended is None:
            said.append(("controller-dropped", _name(controller), {}))
        else:
            kept[mended.key] = mended
    draft.controllers = list(kept.values())
    said += _unwatch(draft, kept)
    return said


def refit(draft: Draft, plans: Mapping[str, Controller]) -> list[Finding]:
    """Put plans, by the key of their controller, in the place of those that a mended draft came with.

    A crossing none of whose plans fit keeps its own; each plan that is left out is told.
    """
    said: list[Finding] = []
    nodes = {node.key for node in draft.nodes}
    columns = _watched(draft)
    known = {controller.key for controller in draft.controllers}
    said += [("plans-without-crossing", key, {}) for key in sorted(plans.keys() - known)]
    draft.controllers = [
        _refitted(own, plans[own.key], columns, nodes, said) if own.key in plans else own
        for own in draft.controllers
    ]
    return said


def _refitted(
    own: Controller,
    given: Controller,
    columns: dict[str, int],
    nodes: set[str],
    said: list[Finding],
) -> Controller:
    name = given.name or own.name
    put = replace(
        own, programs=given.programs, turnovers=given.turnovers, number=given.number, name=name
    )
    return _mended(put, columns, nodes, said) or own


def _watched(draft: Draft) -> dict[str, int]:
    """How many columns the links of each controller need."""
    found: dict[str, int] = {}
    for link in draft.links or []:
        if link.controller:
            found[link.controller] = max(found.get(link.controller, 0), link.column + 1)
    return found


def _mended(
    controller: Controller, columns: dict[str, int], nodes: set[str], said: list[Finding]
) -> Controller | None:
    name = _name(controller)
    stands = tuple(node for node in controller.nodes if node in nodes)
    if not stands:
        said.append(("controller-nowhere", name, {"nodes": ", ".join(controller.nodes[:5])}))
        return None
    needed = columns.get(controller.key, 0)
    programs: dict[str, Program] = {}
    for program in controller.programs:
        why = "plan-repeated" if program.key in programs else _unfit(program, needed)
        if why:
            figures = {"plan": program.key, "lights": program.columns, "links": needed}
            said.append((why, name, figures))
        else:
            fitted = _bounded(_in_cycle(program, name, said), name, said)
            programs[program.key] = _greened(fitted, name, said)
    if not programs:
        return None
    if needed < controller.columns:
        figures = {"lights": controller.columns, "links": needed}
        said.append(("plan-lights-unused", name, figures))
    turnovers = tuple(_turnovers(controller, programs, name, said))
    return replace(controller, programs=tuple(programs.values()), turnovers=turnovers, nodes=stands)


def _unfit(program: Program, needed: int) -> str:
    """Why a plan cannot run, or nothing."""
    rows = rows_of(program)
    seconds = [row.seconds for row in rows]
    if not rows or not all(math.isfinite(s) and s >= 0 for s in seconds):
        return "plan-without-time"
    if not SHORTEST_CYCLE_S <= program.cycle_s <= LONGEST_CYCLE_S:
        return "plan-without-time"
    if any(set(part.states) - set(LETTERS) for part in rows):
        return "plan-unknown-light"
    if len({len(part.states) for part in rows}) != 1 or program.columns < needed:
        return "plan-does-not-fit"
    if not rings_meet(program):
        return "plan-rings-part"
    return ""


def usable(program: Program) -> Program | None:
    """The program with bounds and an offset that can be; None where it cannot run at all."""
    if _unfit(program, 0):
        return None
    return _bounded(_in_cycle(program, "", []), "", [])


def _bounded(program: Program, name: str, said: list[Finding]) -> Program:
    """Bounds of greens that cannot be are unknown: 0."""
    phases = tuple(_within(phase) for phase in program.phases)
    if phases != program.phases:
        said.append(("phase-bounds", name, {"plan": program.key}))
    return replace(program, phases=phases)


def _within(phase: Phase) -> Phase:
    least = phase.least_s if math.isfinite(phase.least_s) and phase.least_s >= 0 else 0.0
    fits = math.isfinite(phase.most_s) and (phase.most_s == 0 or phase.most_s >= least)
    return replace(phase, least_s=least, most_s=phase.most_s if fits else 0.0)


def _in_cycle(program: Program, name: str, said: list[Finding]) -> Program:
    offset = program.offset_s if math.isfinite(program.offset_s) else 0.0
    wrapped = offset % program.cycle_s
    wrapped = 0.0 if wrapped >= program.cycle_s else wrapped  # a little below 0 rounds up to it
    if wrapped != program.offset_s:
        said.append(("offset-wrapped", name, {"plan": program.key, "was": str(program.offset_s)}))
    return replace(program, offset_s=wrapped)


def _greened(program: Program, name: str, said: list[Finding]) -> Program:
    """A light that is never green stops nobody for ever: its traffic gives way instead."""
    dark = starved(program)
    if not dark:
        return program
    said.append(("plan-without-green", name, {"plan": program.key, "lights": str(dark)}))
    return replace(program, phases=tuple(_flashing(phase, set(dark)) for phase in program.phases))


def _flashing(phase: Phase, dark: set[int]) -> Phase:
    clearance = tuple(replace(part, states=_put(part.states, dark)) for part in phase.clearance)
    return replace(phase, states=_put(phase.states, dark), clearance=clearance)


def _put(states: str, dark: set[int]) -> str:
    return "".join("o" if n in dark else letter for n, letter in enumerate(states))


def _turnovers(
    controller: Controller, programs: dict[str, Program], name: str, said: list[Finding]
) -> Iterator[Turnover]:
    for turn in sorted(controller.turnovers, key=lambda each: (each.start_s, each.program)):
        in_day = 0 <= turn.start_s < DAY_S and turn.days & ALL_DAYS
        if turn.program in programs and in_day:
            yield turn
        else:
            said.append(("turnover-nowhere", name, {"plan": turn.program, "second": turn.start_s}))


def _unwatch(draft: Draft, kept: dict[str, Controller]) -> Iterator[Finding]:
    """Links of controllers that went watch no light; each such controller is told once."""
    gone: dict[str, int] = {}
    for link in draft.links or []:
        if not link.controller:
            continue
        fits = link.controller in kept and 0 <= link.column < kept[link.controller].columns
        if not fits:
            gone[link.controller] = gone.get(link.controller, 0) + 1
            link.controller, link.column = "", -1
    for key, count in gone.items():
        yield "links-without-signal", key, {"links": count}


def _name(controller: Controller) -> str:
    return f"{controller.key} {controller.name}".strip()
