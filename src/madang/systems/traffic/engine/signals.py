"""Signal programs as a traffic engineer reads them: phases in rings, and what follows for each column.

A column is one group of movements that always show the same light; a state is one letter a column, in
SUMO's letters. In two rings the phases of one barrier run side by side and end together; a column shows
the most that any ring gives it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import groupby

DAY_S = 86_400
ALL_DAYS = 0xFF  # Monday is bit 0, Sunday bit 6, a public holiday bit 7


class Light(IntEnum):
    """What a column shows, in the order of how much it allows."""

    RED = 0
    AMBER = 1
    STOP = 2  # on from standing still, after giving way: a right turn on red
    FLASHING = 3  # on after giving way, as where there is no signal
    PERMITTED = 4  # green, giving way to what is protected
    PROTECTED = 5


LETTERS = {
    "r": Light.RED,
    "u": Light.RED,
    "y": Light.AMBER,
    "Y": Light.AMBER,
    "s": Light.STOP,
    "o": Light.FLASHING,
    "O": Light.PROTECTED,
    "g": Light.PERMITTED,
    "G": Light.PROTECTED,
}
LONGEST_ALL_RED_S = 6


@dataclass(frozen=True)
class Clearance:
    """A part of a phase that clears the crossing: amber, then all red."""

    states: str
    seconds: float


@dataclass(frozen=True)
class Phase:
    """현시: who has green and for how long, and how it ends. Seconds throughout.

    least_s and most_s bound green_s; walk_s and flash_s are the pedestrians' steady and flashing green
    that run in it, 0 where none is known.
    """

    states: str
    green_s: float
    clearance: tuple[Clearance, ...] = ()
    least_s: float = 0.0
    most_s: float = 0.0
    ring: int = 0
    barrier: int = 0
    walk_s: float = 0.0
    flash_s: float = 0.0
    name: str = ""

    @property
    def seconds(self) -> float:
        return self.green_s + sum(part.seconds for part in self.clearance)

    @property
    def amber_s(self) -> float:
        return sum(p.seconds for p in self.clearance if "y" in p.states or "Y" in p.states)

    @property
    def all_red_s(self) -> float:
        return sum(part.seconds for part in self.clearance) - self.amber_s


@dataclass(frozen=True)
class Program:
    """One plan of a controller. Its cycle begins where (seconds of the day - offset_s) % cycle is 0.

    assumed says that it was made up for want of the real one.
    """

    key: str
    phases: tuple[Phase, ...]
    offset_s: float = 0.0
    name: str = ""
    assumed: bool = False

    @property
    def rings(self) -> list[int]:
        return sorted({phase.ring for phase in self.phases})

    @property
    def cycle_s(self) -> float:
        return sum(phase.seconds for phase in self.phases if phase.ring == self.rings[0])

    @property
    def columns(self) -> int:
        return len(self.phases[0].states) if self.phases else 0


@dataclass(frozen=True)
class Turnover:
    """From this second of the day on, on these days (bits as in ALL_DAYS), the program key runs."""

    start_s: int
    program: str
    days: int = ALL_DAYS


@dataclass(frozen=True)
class Controller:
    """A signal controller: its programs and when each runs; without turnovers the first always runs."""

    key: str
    programs: tuple[Program, ...]
    turnovers: tuple[Turnover, ...] = ()
    number: str = ""
    name: str = ""
    nodes: tuple[str, ...] = ()

    @property
    def columns(self) -> int:
        return max((program.columns for program in self.programs), default=0)


@dataclass(frozen=True)
class Interval:
    """A stretch of the cycle in which no column changes."""

    states: str
    seconds: float


def intervals(program: Program) -> list[Interval]:
    """The program's cycle in stretches of constant lights, its rings laid over each other."""
    rings = [_ring(program, ring) for ring in program.rings]
    ends = sorted({end for parts in rings for end in _ends(parts)})
    found, start = [], 0.0
    for end in ends:
        if end - start > 1e-6:
            states = [_at(parts, (start + end) / 2) for parts in rings]
            found.append(Interval(_most(states), end - start))
            start = end
    return found


def from_rows(rows: list[tuple[str, float, float, float]]) -> tuple[Phase, ...]:
    """Phases of rows (states, seconds, least, most) as files have them, where amber is a row of its own.

    A row without bounds that gives green to nobody who had none, with amber in it or short, clears the
    phase before it.
    """
    phases: list[Phase] = []
    for states, seconds, least, most in rows:
        if phases and _clears(phases[-1], states, seconds, fixed=not least):
            clearance = (*phases[-1].clearance, Clearance(states, seconds))
            phases[-1] = replace(phases[-1], clearance=clearance)
        else:
            phases.append(Phase(states, seconds, least_s=least, most_s=most or seconds))
    return tuple(replace(phase, name=f"φ{n}") for n, phase in enumerate(phases, 1))


def rows_of(program: Program) -> list[Interval]:
    """The program as files of one ring have it: each phase, then each part of its clearance."""
    return [
        row
        for phase in program.phases
        for row in (
            Interval(phase.states, phase.green_s),
            *(Interval(part.states, part.seconds) for part in phase.clearance),
        )
    ]


def starved(program: Program) -> list[int]:
    """The columns that never get anything but red or amber."""
    return [
        column
        for column in range(program.columns)
        if all(LETTERS[phase.states[column]] <= Light.AMBER for phase in program.phases)
    ]


def rings_meet(program: Program) -> bool:
    """Whether every ring takes equally long within each barrier, so that they can run side by side."""
    lengths: dict[int, list[tuple[int, float]]] = {}
    for ring in program.rings:
        own = [phase for phase in program.phases if phase.ring == ring]
        lengths[ring] = [
            (barrier, round(sum(phase.seconds for phase in group), 3))
            for barrier, group in groupby(own, key=lambda phase: phase.barrier)
        ]
    return len({tuple(parts) for parts in lengths.values()}) <= 1


def _clears(before: Phase, states: str, seconds: float, fixed: bool) -> bool:
    was = [LETTERS[letter] for letter in (before.clearance or (before,))[-1].states]
    now = [LETTERS[letter] for letter in states]
    if not fixed or len(was) != len(now):
        return False
    opens = any(b >= Light.PERMITTED > a for a, b in zip(was, now, strict=True))
    had_green = any(LETTERS[letter] >= Light.PERMITTED for letter in before.states)
    return had_green and not opens and (Light.AMBER in now or seconds <= LONGEST_ALL_RED_S)


def _ring(program: Program, ring: int) -> list[Interval]:
    own = Program(program.key, tuple(p for p in program.phases if p.ring == ring))
    return rows_of(own)


def _ends(parts: list[Interval]) -> list[float]:
    ends, total = [], 0.0
    for part in parts:
        total += part.seconds
        ends.append(round(total, 6))
    return ends


def _at(parts: list[Interval], when: float) -> str:
    for part, end in zip(parts, _ends(parts), strict=True):
        if when < end:
            return part.states
    return parts[-1].states


def _most(states: list[str]) -> str:
    return "".join(max(column, key=LETTERS.__getitem__) for column in zip(*states, strict=True))
