"""A street network as arrays over its edges, the one form in which kernel, routes and screens know it.

Built by `build.build` from what a source said; frozen. Metres, seconds, metres a second, vehicles a
second. Counts in shapes: N nodes, E edges, T turns, S signals, P plans, I intervals, D turnovers.

A *turn* is a movement from one edge onto another. Turns are sorted by (from edge, to edge), so those out
of edge e are `turns.first[e] : turns.first[e + 1]`. One movement is two turns where its lanes see
different lights. What is banned has no turn; `Network.bans` keeps it for people.

A list of lists is kept as `first` (one longer than the lists) and `items`: list k is
items[first[k] : first[k + 1]].
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from madang.systems.traffic.engine.signals import Controller

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Masks = npt.NDArray[np.uint32]

NONE = -1
MOST_LANES = 32
"""Lanes fit in the bits of a mask."""
JAM_SPACING_M = 7.5
"""Room of a standing vehicle and its gap: 5 m and 2.5 m, SUMO's passenger car."""


class NodeKind(IntEnum):
    PRIORITY = 0
    SIGNAL = 1
    RIGHT_BEFORE_LEFT = 2
    DEAD_END = 3
    ALL_WAY_STOP = 4


class Rank(IntEnum):
    """What a road is, most important first; the city's own words for roads."""

    MOTORWAY = 0
    EXPRESSWAY = 1
    NATIONAL = 2
    METROPOLITAN = 3
    PROVINCIAL = 4
    CITY = 5
    RAMP = 6
    LOCAL = 7
    SERVICE = 8


class Direction(IntEnum):
    STRAIGHT = 0
    LEFT = 1
    RIGHT = 2
    U_TURN = 3


class Priority(IntEnum):
    """How a turn stands to its foes where no signal protects it."""

    MAJOR = 0
    MINOR = 1  # gives way
    STOP = 2  # stops, then gives way
    EQUAL = 3  # right before left, all-way stop


@dataclass(frozen=True)
class Lists:
    """Lists of numbers, one behind the other. first [n + 1], items [first[n]]."""

    first: Ints
    items: Ints

    def of(self, index: int) -> Ints:
        return self.items[self.first[index] : self.first[index + 1]]

    def __len__(self) -> int:
        return len(self.first) - 1


@dataclass(frozen=True)
class Nodes:
    """ids are the source's. x, y [N]: metres in the city's coordinate system. kind [N]: NodeKind."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    x: Floats
    y: Floats
    kind: Bytes

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Edges:
    """One direction of a road between two nodes. All arrays [E].

    length m, at least 1; speed m/s free flow; lanes through; saturation veh/s that all lanes together
    let past the stop line; storage vehicles that stand on it at once. pocket_* are the lanes added at
    its end for turning, and how long they are in m. shape_first [E + 1] with shape_x, shape_y: the line
    in the direction of travel.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    from_node: Ints
    to_node: Ints
    length: Floats
    speed: Floats
    lanes: Ints
    saturation: Floats
    storage: Floats
    rank: Bytes
    pocket_left: Ints
    pocket_right: Ints
    pocket_left_m: Floats
    pocket_right_m: Floats
    shape_first: Ints
    shape_x: Floats
    shape_y: Floats

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Turns:
    """Movements. All arrays [T] but first [E + 1].

    from_lanes, to_lanes: bit n is lane n counted from the right (0 is the rightmost); leads: by lane of the
    street before, such bits of the lanes it leads to (of another lane: where it would). direction and
    priority as the enumerations; length m and speed m/s of the way through the crossing; waits_at m from
    the stop line to where who gives way waits halfway, 0 where nobody does; signal and column: which light
    it watches (NONE, NONE where none). yields: to which turns it gives way where nothing protects it,
    yields_to [yields.items]: to which of their lanes; foes: which turns cross or join it at all.
    """

    first: Ints
    from_edge: Ints
    to_edge: Ints
    from_lanes: Masks
    to_lanes: Masks
    leads: Lists
    direction: Bytes
    priority: Bytes
    length: Floats
    speed: Floats
    waits_at: Floats
    signal: Ints
    column: Ints
    yields: Lists
    yields_to: Masks
    foes: Lists

    def __len__(self) -> int:
        return len(self.from_edge)


@dataclass(frozen=True)
class Signals:
    """Controllers with their plans laid out as stretches of constant lights.

    plan p of signal s: plan_first[s] <= p < plan_first[s + 1]; its cycle begins where
    (seconds of the day - offset[p]) % cycle[p] == 0. Interval i of plan p: interval_first[p] <= i <
    interval_first[p + 1], lasting seconds[i]; the lights of signal s in it are lights[light_first[i] :
    light_first[i] + columns[s]], each a signals.Light. Turnover d of signal s: turnover_first[s] <= d <
    turnover_first[s + 1]: from second turnover_start[d] of a day in turnover_days[d] (bits, signals.
    ALL_DAYS) plan turnover_plan[d] runs; before the first one of a day, the last one of it. A signal
    without turnovers runs its first plan.
    """

    controllers: tuple[Controller, ...]
    nodes: Lists
    columns: Ints
    plan_first: Ints
    cycle: Floats
    offset: Floats
    interval_first: Ints
    seconds: Floats
    light_first: Ints
    lights: Bytes
    turnover_first: Ints
    turnover_start: Ints
    turnover_days: Bytes
    turnover_plan: Ints

    def __len__(self) -> int:
        return len(self.controllers)

    def plan_at(self, signal: int, second: float, day: int) -> int:
        """The plan that runs at this second of a day; day: 0 Monday to 6 Sunday, 7 a holiday."""
        first, end = self.turnover_first[signal : signal + 2]
        fitting = [d for d in range(first, end) if self.turnover_days[d] >> day & 1]
        if not fitting:
            return int(self.plan_first[signal])
        begun = [d for d in fitting if self.turnover_start[d] <= second]
        return int(self.turnover_plan[(begun or fitting)[-1]])

    def lights_at(self, signal: int, plan: int, second: float) -> Bytes:
        """What each column of signal shows at this second of the day under plan."""
        first, end = self.interval_first[plan : plan + 2]
        into = (second - self.offset[plan]) % self.cycle[plan]
        ends = np.cumsum(self.seconds[first:end])
        at = first + min(int(np.searchsorted(ends, into, side="right")), end - first - 1)
        start = self.light_first[at]
        return self.lights[start : start + self.columns[signal]]


@dataclass(frozen=True)
class Network:
    """Streets and signals of one city or district, as one source gave them and repairs left them.

    out_edges, in_edges: edges by node; turns_into: turns by the edge they lead to. bans [B, 2]: pairs of
    edges that follow each other but may not be driven so.
    """

    nodes: Nodes
    edges: Edges
    turns: Turns
    signals: Signals
    out_edges: Lists
    in_edges: Lists
    turns_into: Lists
    bans: Ints


def lists(owner: Ints, size: int, items: Ints | None = None) -> Lists:
    """Numbers 0.. (or items) grouped by owner [n], each at least 0 and below size; in their order."""
    order = np.argsort(owner, kind="stable").astype(np.int32)
    first = np.zeros(size + 1, np.int32)
    np.cumsum(np.bincount(owner, minlength=size), out=first[1:])
    return Lists(first, order if items is None else items[order])
