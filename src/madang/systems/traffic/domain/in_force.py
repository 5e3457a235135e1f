"""The street as it runs on a day: the newest network with the signal plans that are in force then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from madang.ground.city.models import City
from madang.systems.traffic import queries
from madang.systems.traffic.domain import networks, programs
from madang.systems.traffic.engine.build import build
from madang.systems.traffic.engine.repair_signals import Finding, refit
from madang.systems.traffic.models import Crossing

if TYPE_CHECKING:
    from madang.systems.traffic.engine.network import Network
    from madang.systems.traffic.engine.signals import Controller, Program


@dataclass(frozen=True)
class InForce:
    """misfits: plans of the city that this network cannot run, and why; its own stay there."""

    network: Network
    misfits: list[Finding]


@dataclass(frozen=True)
class Running:
    """What a crossing's signal does at a moment by its plan; nobody has looked at the street for it."""

    number: str
    name: str
    plan: str
    plans: int
    cycle_s: float
    offset_s: float
    phase: str


def in_force(city: City, day: date | None = None) -> InForce | None:
    """The newest network with the plans of day (None: the latest); None where the city has no network."""
    row = queries.networks(city).first()
    if row is None:
        return None
    draft = networks.unpack(bytes(row.content))
    misfits = refit(draft, _by_node(city, day))
    return InForce(build(draft), misfits)


def _by_node(city: City, day: date | None) -> dict[str, Controller]:
    """The plans in force by the node their controller stands at; without a row for it by their number."""
    stands = dict(
        Crossing.objects.filter(city=city).order_by("id").values_list("controller", "node")
    )
    given = programs.controllers(city, day)
    return {stands.get(number, number): controller for number, controller in given.items()}


def running(network: Network, city: City, now: datetime) -> Iterator[Running]:
    """What every signal does at now by its plan; public holidays count as their days of the week."""
    local = now.astimezone(ZoneInfo(city.time_zone))
    second = local.hour * 3600 + local.minute * 60 + local.second
    signals = network.signals
    for number, controller in enumerate(signals.controllers):
        plan = signals.plan_at(number, second, local.weekday())
        program = controller.programs[plan - int(signals.plan_first[number])]
        yield Running(
            controller.number or controller.key,
            controller.name,
            program.key,
            len(controller.programs),
            program.cycle_s,
            program.offset_s,
            _phase(program, (second - program.offset_s) % program.cycle_s),
        )


def _phase(program: Program, into: float) -> str:
    """The phases of each ring that run so many seconds into the cycle."""
    found = []
    for ring in sorted({phase.ring for phase in program.phases}):
        end = 0.0
        for phase in (each for each in program.phases if each.ring == ring):
            end += phase.seconds
            if into < end:
                found.append(phase.name)
                break
    return "+".join(found)
