"""Signal plans by flow: how long a cycle is and who of it has how much, after Webster.

F. V. Webster, Traffic signal settings, Road Research Technical Paper 39, HMSO 1958: the cycle of least delay
is (1.5 L + 5) / (1 - Y), L what is lost of a cycle and Y the sum of the stages' greatest ratios of flow to
saturation flow; what is left of it is shared as these ratios are. Who turns left through gaps counts as 1.75
that go straight on (Webster and Cobbe, Traffic Signals, Road Research Technical Paper 56, HMSO 1966).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from madang.systems.traffic.engine.signals import Clearance, Phase, Program

AMBER, ALL_RED = 3.0, 2.0  # seconds
START = 2.0  # seconds that a queue loses as it starts
WALK, WALKING = 7.0, 1.0  # seconds of steady green for walkers; m/s at which they cross
SHORTEST_LEFT = 12.0
THROUGH_GAPS = 1.75  # vehicles straight on that one counts for who turns left through gaps
SHORTEST, LONGEST = 60.0, 180.0  # seconds of a cycle
FULL = 0.95  # ratio from which on no cycle is long enough


@dataclass(frozen=True)
class Stage:
    """Which lights are green together, as columns; the greatest ratio of flow to saturation flow that they
    have for a vehicle on the street, and seconds they need at least."""

    green: frozenset[int]
    gives_way: frozenset[int]
    need: float
    least: float
    walk: float = 0.0


def cycle(stages: Sequence[Stage], load: float) -> float:
    """Webster's cycle, in whole seconds, with so many vehicles on the street; walkers get across in it."""
    lost = (ALL_RED + START) * len(stages)
    ratio = min(load * sum(stage.need for stage in stages), FULL)
    least = sum(stage.least + AMBER + ALL_RED for stage in stages)
    best = (1.5 * lost + 5) / (1 - ratio)
    return float(math.ceil(max(least, min(max(best, SHORTEST), LONGEST)) - 1e-6))


def program(
    key: str, total: float, stages: Sequence[Stage], columns: int, rights: set[int], away: float
) -> Program:
    """The plan in which stages share the cycle by what they need, none with less than its least."""
    lost = (AMBER + ALL_RED) * len(stages)
    greens = _shared(stages, total - lost)
    phases = []
    for at, (stage, green) in enumerate(zip(stages, greens, strict=True)):
        after = stages[(at + 1) % len(stages)].green
        amber = _lights(stage, columns, rights, ending=stage.green - after)
        red = _lights(replace(stage, green=stage.green & after), columns, rights)
        phases.append(
            Phase(
                _lights(stage, columns, rights),
                green,
                (Clearance(amber, AMBER), Clearance(red, ALL_RED)),
                least_s=stage.least,
                most_s=0.0,
                walk_s=WALK if stage.walk else 0.0,
                flash_s=max(0.0, stage.walk - WALK),
                name=f"φ{at + 1}",
            )
        )
    return Program(key, tuple(phases), float(round(away) % total))


def _shared(stages: Sequence[Stage], seconds: float) -> list[float]:
    """Whole seconds for each stage that add up to seconds."""
    spare = seconds - sum(stage.least for stage in stages)
    needs = np.array([stage.need for stage in stages])
    wanted = np.maximum(needs / needs.sum() * seconds - [stage.least for stage in stages], 0.0)
    share = (
        wanted / wanted.sum() * spare if wanted.sum() else np.full(len(stages), spare / len(stages))
    )
    greens = [math.floor(stage.least + more) for stage, more in zip(stages, share, strict=True)]
    greens[int(np.argmax(needs))] += round(seconds) - sum(greens)
    return [float(green) for green in greens]


def _lights(
    stage: Stage, columns: int, rights: set[int], ending: frozenset[int] = frozenset()
) -> str:
    def letter(column: int) -> str:
        if column in ending:
            return "s" if column in rights else "y"
        if column in stage.green:
            return "g" if column in stage.gives_way or column in rights else "G"
        return "s" if column in rights else "r"

    return "".join(letter(column) for column in range(columns))
