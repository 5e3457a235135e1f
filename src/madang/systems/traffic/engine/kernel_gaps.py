"""Who must let whom pass: permitted turns, minor roads, and right before left, by gap acceptance.

A driver goes when nobody to whom they give way reaches the middle of the crossing before they have
left it, and SUMO's second of caution (jmTimegapMinor) more.
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
    standing: bool, now: float,
) -> bool:  # fmt: skip
    """Whether the vehicle can take `turn` at second `at` without hindering who goes first."""
    way = roads.turns[turn]
    kind = state.vehicles[vehicle].kind
    clear = at + _leaving(drivers, kind, way.length / 2, way.speed, standing) + CAUTION_S
    for each in range(way.first_yield, way.first_yield + way.yields):
        foe = roads.yields[each]
        if _comes(roads, drivers, state, foe, turn, at, clear, now):
            return False
    return True


@inlined
def _leaving(drivers: Drivers, kind: int, path: float, limit: float, standing: bool) -> float:
    """Seconds until the conflict is left behind, as SUMO's drivers reckon: at the mean of the speeds
    at which they begin and end, the first being one second's acceleration where they stand."""
    first = min(drivers.accel[kind], limit) if standing else limit
    last = min(np.sqrt(first * first + 2 * drivers.accel[kind] * path), limit)
    return (path + drivers.length[kind]) / ((first + last) / 2)


@inlined
def _comes(
    roads: Streets, drivers: Drivers, state: State, foe: int, turn: int, at: float, clear: float,
    now: float,
) -> bool:  # fmt: skip
    """Whether anybody on the turn `foe` crossed since `at` or reaches the crossing before `clear`."""
    way = roads.turns[foe]
    if state.turns[foe].last > at:
        return True
    if way.column >= 0 and state.columns[way.column].light <= STOP:
        return False
    edge = roads.edges[way.from_edge]
    for slot in range(edge.lanes):
        if way.from_lanes >> slot & 1:
            lane = edge.first_lane + slot
            if _on_lane(roads, drivers, state, lane, foe, clear, now):
                return True
    return False


@inlined
def _on_lane(
    roads: Streets, drivers: Drivers, state: State, lane: int, foe: int, until: float, now: float
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
