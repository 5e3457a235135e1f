"""Signal plans as rows of the 신호운영표, and rows as plans that a network can run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from madang.ground.city.models import City
from madang.ground.city.public import Record
from madang.systems.traffic.engine.repair_signals import usable
from madang.systems.traffic.engine.signals import Clearance, Controller, Phase, Program, Turnover
from madang.systems.traffic.models import Crossing, SignalPhase
from madang.systems.traffic.sources.plain import Plans


def records(plans: Iterable[Plans]) -> Iterator[Record]:
    """The crossings of a signal centre's file and their phases, made beside the network's own row.

    A number that several crossings go by, or none, is made one by the node's name behind it.
    """
    held = list(plans)
    numbers = Counter(each.controller.number for each in held)
    for each in held:
        controller = each.controller
        if numbers[controller.number] > 1 or not controller.number:
            own = f"{controller.number}/{controller.key}".removeprefix("/")
            controller = replace(controller, number=own)
        values = {
            "controller": controller.number,
            "name": controller.name,
            "node": controller.key,
            "group": each.group,
        }
        yield Record(Crossing, controller.number, values, derived=True)
        yield from _phases(controller, each.since)


def _phases(controller: Controller, since: date | None) -> Iterator[Record]:
    for program in filter(None, map(usable, controller.programs)):
        starts = [[t.start_s, t.days] for t in controller.turnovers if t.program == program.key]
        for number, phase in enumerate(program.phases, 1):
            values = _values(controller, program, phase, number)
            values |= {"since": since, "starts": starts}
            yield Record(SignalPhase, key_of(values), values, derived=True)


def _values(controller: Controller, program: Program, phase: Phase, number: int) -> dict[str, Any]:
    return {
        "crossing": controller.number,
        "crossing_name": controller.name,
        "plan": program.key,
        "offset_s": program.offset_s,
        "phase": number,
        "ring": phase.ring,
        "barrier": phase.barrier,
        "states": phase.states,
        "green_s": phase.green_s,
        "least_s": phase.least_s,
        "most_s": phase.most_s,
        "walk_s": phase.walk_s,
        "flash_s": phase.flash_s,
        "clearance": [[part.states, part.seconds] for part in phase.clearance],
        "assumed": program.assumed,
    }


def key_of(values: dict[str, Any]) -> str:
    since = values["since"].isoformat() if values["since"] else ""
    return "|".join(
        [values["crossing"], since, values["plan"], str(values["ring"]), str(values["phase"])]
    )


def controllers(city: City, day: date | None = None) -> dict[str, Controller]:
    """The plans in force on day (None: the latest) of each crossing, by its number.

    Of a crossing's rows those of the latest `since` up to day are in force; unknown is the earliest.
    """
    rows: dict[str, dict[date, list[SignalPhase]]] = defaultdict(lambda: defaultdict(list))
    for row in SignalPhase.objects.filter(city=city).order_by("crossing", "ring", "phase"):
        rows[row.crossing][row.since or date.min].append(row)
    found = {}
    for number, dated in rows.items():
        begun = [since for since in dated if day is None or since <= day]
        if begun:
            found[number] = _controller(number, dated[max(begun)])
    return found


def _controller(number: str, rows: list[SignalPhase]) -> Controller:
    plans: dict[str, list[SignalPhase]] = defaultdict(list)
    for row in rows:
        plans[row.plan].append(row)
    programs = tuple(_program(key, own) for key, own in plans.items())
    turnovers = sorted(
        (
            Turnover(int(start), key, int(days))
            for key, own in plans.items()
            for start, days in own[0].starts
        ),
        key=lambda each: (each.start_s, each.program),
    )
    return Controller(number, programs, tuple(turnovers), number=number, name=rows[0].crossing_name)


def _program(key: str, rows: list[SignalPhase]) -> Program:
    phases = tuple(
        Phase(
            row.states,
            row.green_s,
            tuple(Clearance(states, seconds) for states, seconds in row.clearance),
            row.least_s,
            row.most_s,
            row.ring,
            row.barrier,
            row.walk_s,
            row.flash_s,
            f"φ{row.phase}",
        )
        for row in rows
    )
    return Program(key, phases, rows[0].offset_s, assumed=rows[0].assumed)
