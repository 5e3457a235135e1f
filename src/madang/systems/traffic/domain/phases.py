"""What every signal does now, as its controller reports it or else by its plan: its phase, whether it is
cleared, seconds until it changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from madang.systems.traffic.domain.reported import Reported
from madang.systems.traffic.domain.streets_now import plans_at
from madang.systems.traffic.engine.running import Running, running

if TYPE_CHECKING:
    from madang.systems.traffic.engine.network import Network

CLEARING = 0


@dataclass(frozen=True)
class Now:
    """phase counts from 1 within the first ring; CLEARING while amber and red clear the crossing. names
    are the phases of all rings that run together. table is the plan that should run; plan the one that
    does, by the report of its controller if `heard` is when that was."""

    signal: int
    number: str
    name: str
    plan: str
    table: str
    plans: int
    cycle_s: float
    offset_s: float
    phase: int
    names: str
    phases: int
    left_s: float
    heard: datetime | None = None


def signals_now(
    network: Network, local: datetime, said: Mapping[int, Reported] | None = None
) -> Iterator[Now]:
    """Every signal at a moment of the city's time; without a fresh report nobody looked at the street."""
    signals = network.signals
    second = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
    for signal, plan in plans_at(network, local).items():
        programs = signals.controllers[signal].programs
        table = programs[plan - int(signals.plan_first[signal])]
        report = (said or {}).get(signal)
        found = report.running(programs, local) if report else None
        heard = report.since if report and found else None
        yield _now(network, signal, table.key, found or running(table, second), heard)


def _now(network: Network, signal: int, table: str, found: Running, heard: datetime | None) -> Now:
    controller = network.signals.controllers[signal]
    program = next(one for one in controller.programs if one.key == found.plan)
    return Now(
        signal,
        controller.number or controller.key,
        controller.name,
        program.key,
        table,
        len(controller.programs),
        program.cycle_s,
        program.offset_s,
        CLEARING if found.clears else found.phase + 1,
        found.names,
        sum(one.ring == program.rings[0] for one in program.phases),
        found.left_s,
        heard,
    )
