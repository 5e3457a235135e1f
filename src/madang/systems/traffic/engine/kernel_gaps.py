"""Who must let whom pass: permitted turns, minor roads, and right before left, by gap acceptance.

SUMO's rule (D. Krajzewicz, J. Erdmann, Road intersection model in SUMO, 2013): a driver goes when nobody
to whom they give way reaches the crossing before they have left it, and a second of caution
(jmTimegapMinor) more. Seen are those on the street before the crossing, and where that is short, who is
about to come onto it.
"""

from __future__ import annotations

import numpy as np

from madang.systems.traffic.engine.kernel_compiled import inlined
from madang.systems.traffic.engine.kernel_drivers import Drivers
from madang.systems.traffic.engine.kernel_lights import PROTECTED, STOP
from madang.systems.traffic.engine.kernel_motion import notch
from madang.systems.traffic.engine.kernel_state import State
from madang.systems.traffic.engine.kernel_streets import Streets

CAUTION_S = 1.0


@inlined
def gives_way(roads: Streets, state: State, turn: int) -> bool:
    """Whether this turn has to look for others now."""
    way = roads.turns[turn]
    if way.yields == 0:
        return False
    return way.column < 0 or state.columns[way.column].light != PROTECTED


@inlined
def gap_is_there(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, turn: int, at: float,
    path: float, standing: bool, now: float,
) -> bool:  # fmt: skip
    """Whether the vehicle can drive the `path` m left of `turn` at second `at` without hindering who
    goes first. It leaves at the mean of its first and last speeds, as SUMO's drivers reckon; the first
    is one second's acceleration where it stands."""
    way = roads.turns[turn]
    kind = state.vehicles[vehicle].kind
    first = min(drivers.accel[kind], way.speed) if standing else way.speed
    last = min(np.sqrt(first * first + 2 * drivers.accel[kind] * path), way.speed)
    clear = at + (path + drivers.length[kind]) / ((first + last) / 2) + CAUTION_S
    for each in range(way.first_yield, way.first_yield + way.yields):
        if _comes(roads, drivers, state, each, at, clear, now):
            return False
    return True


@inlined
def _comes(
    roads: Streets, drivers: Drivers, state: State, met: int, at: float, clear: float, now: float
) -> bool:
    """Whether anybody of this entry of `yields` crossed since `at` or comes before `clear`."""
    foe = roads.yields[met].turn
    way = roads.turns[foe]
    if state.turns[foe].last > at:
        return True
    if way.column >= 0 and state.columns[way.column].light <= STOP:
        return False
    edge = roads.edges[way.from_edge]
    for slot in range(edge.lanes):
        if roads.yields[met].lanes >> slot & 1:
            lane = edge.first_lane + slot
            if _on_lane(roads, drivers, state, lane, foe, clear):
                return True
    for each in range(way.first_feeder, way.first_feeder + way.feeders):
        if _behind(roads, drivers, state, roads.feeders[each], foe, clear, now):
            return True
    return False


@inlined
def _seen(drivers: Drivers, kind: int, speed: float) -> float:
    """How many seconds before the stop line others notice a vehicle: from where it could still stop, after
    a step and its reaction. The braking distance, in whole seconds as SUMO's, is v² / 2b - v / 2."""
    return drivers.tau[kind] + 0.5 + speed / (2 * drivers.decel[kind])


@inlined
def _on_lane(
    roads: Streets, drivers: Drivers, state: State, lane: int, foe: int, until: float
) -> bool:
    """Whether a vehicle that takes `foe` crosses the lane's stop line before `until`."""
    queue = state.lanes[lane]
    if queue.stood:
        return False  # its first stands although it might go: nobody comes from there
    at = queue.ready
    for each in range(queue.head, queue.tail):
        place = state.places[roads.lanes[lane].ring + each % roads.lanes[lane].places]
        other = state.vehicles[place.vehicle]
        if each > queue.head:
            gap = drivers.headway[other.kind, notch(roads.turns[foe].speed)]
            at = max(other.arrive, at + gap)
        if at >= until:
            return False
        if other.turn == foe:
            return True
    return False


@inlined
def _behind(
    roads: Streets, drivers: Drivers, state: State, turn: int, foe: int, until: float, now: float
) -> bool:
    """Whether the first of a lane before a short street is seen to come over it by `turn` to `foe`."""
    way = roads.turns[turn]
    if way.column >= 0 and state.columns[way.column].light <= STOP:
        return False
    fast = state.edges[way.to_edge].speed
    edge = roads.edges[way.from_edge]
    drive = way.length / way.speed + roads.edges[way.to_edge].length / fast
    for slot in range(edge.lanes):
        queue = state.lanes[edge.first_lane + slot]
        if not way.from_lanes >> slot & 1 or queue.head == queue.tail or queue.stood:
            continue
        lane = roads.lanes[edge.first_lane + slot]
        vehicle = state.places[lane.ring + queue.head % lane.places].vehicle
        other = state.vehicles[vehicle]
        at = max(queue.ready, now) + drive
        if at >= min(until, now + _seen(drivers, other.kind, fast)) or other.turn != turn:
            continue
        if other.at + 2 < other.end and state.routes[other.at + 2] == roads.turns[foe].to_edge:
            return True
    return False
