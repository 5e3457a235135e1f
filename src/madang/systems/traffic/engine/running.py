"""What a signal program does at a second of the day: its phase, whether that is cleared, what is left."""

from __future__ import annotations

from typing import NamedTuple

from madang.systems.traffic.engine.signals import Phase, Program

CLEARS = "clearing"
"""The word for a phase that is being cleared, as controllers report it."""


class Running(NamedTuple):
    """plan's key; phase from 0 in the first ring, names of the phases of all rings that run together;
    clears while amber and red clear the crossing; seconds left of it, and into the cycle."""

    plan: str
    phase: int
    names: str
    clears: bool
    left_s: float
    into_s: float


def running(program: Program, second: float) -> Running:
    """What the program does at this second of the day."""
    into = (second - program.offset_s) % program.cycle_s
    rings = [_running(phases_of(program, ring), into) for ring in program.rings]
    names = "+".join(
        phases_of(program, ring)[at].name
        for ring, (at, *_) in zip(program.rings, rings, strict=True)
    )
    at, clears, left = rings[0]
    return Running(program.key, at, names, clears, left, into)


def phases_of(program: Program, ring: int) -> list[Phase]:
    return [phase for phase in program.phases if phase.ring == ring]


def _running(own: list[Phase], into: float) -> tuple[int, bool, float]:
    """Which phase of a ring runs so many seconds into the cycle, whether it clears, seconds left of it."""
    begin = 0.0
    for at, phase in enumerate(own):
        green_ends, ends = begin + phase.green_s, begin + phase.seconds
        if into < green_ends:
            return at, False, green_ends - into
        if into < ends:
            return at, True, ends - into
        begin = ends
    return len(own) - 1, True, 0.0
