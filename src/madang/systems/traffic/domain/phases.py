"""What every signal does now by its plan: its phase, whether it is cleared, seconds until it changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from madang.systems.traffic.domain.streets_now import plans_at

if TYPE_CHECKING:
    from madang.systems.traffic.engine.network import Network
    from madang.systems.traffic.engine.signals import Phase, Program

CLEARING = 0


@dataclass(frozen=True)
class Now:
    """phase counts from 1 within the first ring; CLEARING while amber and red clear the crossing. names
    are the phases of all rings that run together."""

    signal: int
    number: str
    name: str
    plan: str
    plans: int
    cycle_s: float
    offset_s: float
    phase: int
    names: str
    phases: int
    left_s: float


def signals_now(network: Network, local: datetime) -> Iterator[Now]:
    """Every signal at a moment of the city's time; nobody has looked at the street for it."""
    signals = network.signals
    second = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
    for signal, plan in plans_at(network, local).items():
        controller = signals.controllers[signal]
        program = controller.programs[plan - int(signals.plan_first[signal])]
        into = (second - program.offset_s) % program.cycle_s
        rings = [_running(program, ring, into) for ring in program.rings]
        at, clearing, left = rings[0]
        own = [one for one in program.phases if one.ring == program.rings[0]]
        yield Now(
            signal,
            controller.number or controller.key,
            controller.name,
            program.key,
            len(controller.programs),
            program.cycle_s,
            program.offset_s,
            CLEARING if clearing else at + 1,
            "+".join(
                _named(program, ring, at)
                for ring, (at, *_) in zip(program.rings, rings, strict=True)
            ),
            len(own),
            left,
        )


def _running(program: Program, ring: int, into: float) -> tuple[int, bool, float]:
    """Which phase of a ring runs so many seconds into the cycle, whether it clears, seconds left of it."""
    begin = 0.0
    own = _phases(program, ring)
    for at, phase in enumerate(own):
        green_ends, ends = begin + phase.green_s, begin + phase.seconds
        if into < green_ends:
            return at, False, green_ends - into
        if into < ends:
            return at, True, ends - into
        begin = ends
    return len(own) - 1, True, 0.0


def _phases(program: Program, ring: int) -> list[Phase]:
    return [phase for phase in program.phases if phase.ring == ring]


def _named(program: Program, ring: int, at: int) -> str:
    return _phases(program, ring)[at].name
