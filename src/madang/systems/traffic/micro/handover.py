"""From the kernel to SUMO: everybody on the street at a moment, with a place that SUMO lets them have."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from madang.systems.traffic.engine import kernel_state as states
from madang.systems.traffic.engine.kernel import Simulation
from madang.systems.traffic.engine.kernel_drivers import Kind
from madang.systems.traffic.engine.network import Floats, Ints

CAR = Kind()
APART_M = CAR.room + 0.01
"""SUMO lets in nobody who stands nearer than the room, be it by what is lost in writing centimetres."""
FIRST_M = CAR.length + 0.1
"""A vehicle's front is nowhere nearer to a lane's beginning: it would stand on the street before."""
STOP_M = 1.0
"""How far before the end of its lane a standing vehicle's front is."""


@dataclass(frozen=True)
class Placed:
    """A vehicle on the street: its number in the kernel, the edges it still drives (the first is where it
    is), lane from the right, metres of its front from the lane's beginning, and m/s."""

    vehicle: int
    route: tuple[int, ...]
    lane: int
    along: float
    speed: float


@dataclass(frozen=True)
class Coming:
    """A vehicle that is not on the street yet: when it wishes to come in (s), and its edges."""

    vehicle: int
    depart: float
    route: tuple[int, ...]


@dataclass(frozen=True)
class Handover:
    """The kernel's state as SUMO takes it. left_out: vehicles for which their street has no room."""

    clock: float
    placed: list[Placed]
    coming: list[Coming]
    left_out: int


def hand_over(simulation: Simulation) -> Handover:
    """Everybody of a simulation: who drives or waits, and who has yet to come.

    Counts by street are the kernel's, who waits within a crossing counted on the street before it. No
    lane is given more than stands on it; who finds no room even beside is left out.
    """
    wished = _wished(simulation)
    lanes: dict[tuple[int, int], list[Placed]] = defaultdict(list)
    for one in sorted(wished, key=lambda each: -each.along):
        lanes[one.route[0], one.lane].append(one)
    lengths = simulation.given.network.edges.length
    left = _spread(lanes, lengths, simulation.given.network.edges.lanes)
    placed = [
        each
        for (edge, lane), queue in sorted(lanes.items())
        for each in _lined_up(queue, lane, float(lengths[edge]))
    ]
    return Handover(simulation.clock, placed, list(_coming(simulation)), left)


def _wished(simulation: Simulation) -> list[Placed]:
    """Everybody where the kernel has them, with the speed at which they would drive alone."""
    people = simulation.state.vehicles
    seen = simulation.progress()
    waits = people["arrive"][seen.vehicle] < simulation.clock
    took = np.maximum(people["arrive"] - people["since"], 1.0)[seen.vehicle]
    edges = simulation.given.network.edges
    mean = np.minimum(edges.length[seen.edge] / took, simulation.state.edges["speed"][seen.edge])
    speeds = np.where(waits, 0.0, mean)
    found = [
        Placed(int(who), _route(simulation, int(who)), int(lane), float(along), float(speed))
        for who, lane, along, speed in zip(seen.vehicle, seen.lane, seen.along, speeds, strict=True)
    ]
    return found + list(_within(simulation))


def _within(simulation: Simulation) -> Iterable[Placed]:
    """Who waits within a crossing: first of the queue before it."""
    people, network = simulation.state.vehicles, simulation.given.network
    for turn in simulation.given.roads.waiting.tolist():
        first = int(simulation.given.roads.turns["first_wait"][turn])
        count = int(simulation.state.turns["waiting"][turn])
        for who in simulation.state.waits[first : first + count].tolist():
            edge = int(network.turns.from_edge[turn])
            lane = int(network.turns.from_lanes[turn]).bit_length() - 1
            lane = min(lane, int(network.edges.lanes[edge]) - 1)
            far = float(network.edges.length[edge]) + 1.0
            assert people["where"][who] == states.IN_A_CROSSING
            yield Placed(who, _route(simulation, who), lane, far, 0.0)


def _route(simulation: Simulation, who: int) -> tuple[int, ...]:
    one = simulation.state.vehicles[who]
    return tuple(simulation.state.routes[one["at"] : one["end"]].tolist())


def _coming(simulation: Simulation) -> Iterable[Coming]:
    people = simulation.state.vehicles
    waiting = np.isin(people["where"], (states.AT_HOME, states.AT_THE_KERB))
    for who in np.flatnonzero(waiting).tolist():
        at = max(float(people["depart"][who]), simulation.clock)
        yield Coming(who, at, _route(simulation, who))


def _fitting(length: float) -> int:
    """How many standing vehicles a lane takes; one even where it is shorter than that."""
    return 1 + int(max(length - STOP_M - FIRST_M, 0.0) // APART_M)


def _spread(lanes: dict[tuple[int, int], list[Placed]], lengths: Floats, counts: Ints) -> int:
    """Move who stands beyond a lane's room to a lane beside it; how many find none and are taken out."""
    left = 0
    for edge, lane in sorted(lanes):
        most = _fitting(float(lengths[edge]))
        while len(lanes[edge, lane]) > most:
            one = lanes[edge, lane].pop()
            beside = min(range(int(counts[edge])), key=lambda n: len(lanes.get((edge, n), ())))
            if len(lanes.get((edge, beside), ())) < most:
                lanes[edge, beside].append(one)
            else:
                left += 1
    return left


def _lined_up(queue: list[Placed], lane: int, length: float) -> Iterable[Placed]:
    """The vehicles of a lane from its end on, each behind the one before and no faster than it can stop."""
    room = max(length - STOP_M, length / 2)
    before = 0.0
    for number, one in enumerate(queue):
        behind = (len(queue) - 1 - number) * APART_M  # what those that follow need at least
        along = min(max(min(one.along, room), FIRST_M + behind), room)
        gap = room - along if number else math.inf
        speed = min(one.speed, _safe(gap, before))
        yield Placed(one.vehicle, one.route, lane, along, speed)
        room, before = along - APART_M, speed


def _safe(gap: float, before: float) -> float:
    """Krauß' safe speed behind one who drives `before` m/s, `gap` m beyond the least distance."""
    b = CAR.decel * CAR.tau
    return max(0.0, -b + math.sqrt(b * b + before * before + 2 * CAR.decel * max(gap, 0.0)))
