"""Choosing a lane: from which one goes on without a change, and what one does where these are full."""

from __future__ import annotations

from madang.systems.traffic.engine.kernel_compiled import inlined
from madang.systems.traffic.engine.kernel_drivers import Drivers
from madang.systems.traffic.engine.kernel_lanes import changes, door, has_room, led_to
from madang.systems.traffic.engine.kernel_state import NEVER, NONE, State
from madang.systems.traffic.engine.kernel_streets import Streets
from madang.systems.traffic.engine.kernel_ways import FORESIGHT_S

LEAST_TO_WAIT = 3
"""Vehicles that find room one behind the other where one may wait in a wrong lane: who waits, beside them
who lets them in, and one behind. On shorter pieces of street who comes stands before them as it is."""


@inlined
def choose(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, turn: int, at: int, by: float
) -> int:
    """The lane of the edge at place `at` of the vehicle's route that suits best and has room by then; NONE
    to wait for one.

    turn: by which it comes, NONE from home. Who comes by a lane that leads to a suiting one waits for
    room there; who does not goes straight on, to be let in later.
    """
    good = lanes_wished(roads, state, vehicle, at)
    lane = _best(roads, drivers, state, vehicle, turn, at, good, by)
    if lane != NONE or turn == NONE or at + 1 >= state.vehicles[vehicle].end:
        return lane
    own = led_to(roads, state, vehicle, turn)
    if own & good:
        return NONE
    own_onward = own & int(state.ways[at].onward)
    if own_onward:
        return _best(roads, drivers, state, vehicle, turn, at, own_onward, by)
    return _wrong_lane(roads, drivers, state, vehicle, turn, at, own, by)


@inlined
def lanes_wished(roads: Streets, state: State, vehicle: int, at: int) -> int:
    """The lanes, as bits, of the edge at place `at` of the vehicle's route that suit it now."""
    if at + 1 >= state.vehicles[vehicle].end:
        return int((1 << roads.edges[state.routes[at]].lanes) - 1)
    way = state.ways[at]
    if way.soon != way.later and _queue_begins_soon(roads, state, at):
        return int(way.later)
    return int(way.soon)


@inlined
def _queue_begins_soon(roads: Streets, state: State, at: int) -> bool:
    """Whether one stands, on the first edge that ends later than one looks ahead, so early that one has to
    be in the right lane before it: what is left of it before its shortest queue counts (SUMO's LC2013)."""
    far, left = at + state.ways[at].beyond, 0.0
    for place in range(at + 1, far + 1):
        left += roads.edges[state.routes[place]].length
    edge, good = roads.edges[state.routes[far]], int(state.ways[far].soon)
    used = NEVER
    for slot in range(edge.lanes):
        if good >> slot & 1:
            used = min(used, state.lanes[edge.first_lane + slot].used)
    return bool(left - used < FORESIGHT_S * state.edges[state.routes[far]].speed)


@inlined
def _best(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, turn: int, at: int, good: int,
    by: float,
) -> int:  # fmt: skip
    """Of the lanes `good` the one with the shortest queue that has room; NONE if none has."""
    edge = roads.edges[state.routes[at]]
    best, least = NONE, NEVER
    for slot in range(edge.lanes):
        lane = edge.first_lane + slot
        if good >> slot & 1 == 0 or not state.lanes[lane].open:
            continue
        cost = _cost(roads, state, vehicle, turn, lane)
        if cost < least and has_room(roads, drivers, state, vehicle, turn, lane, by):
            best, least = lane, cost
    return best


@inlined
def _cost(roads: Streets, state: State, vehicle: int, turn: int, lane: int) -> float:
    """How little this lane suits who comes by `turn` (NONE: from home): its queue in metres, and for a
    change of lanes at once what the street is too short for it."""
    cost = state.lanes[lane].used
    away = abs(door(roads, state, vehicle, turn, lane) - lane)
    if away > 0:
        edge = state.lanes[lane].edge
        hurry = max(0.0, FORESIGHT_S * state.edges[edge].speed - roads.edges[edge].length)
        cost += away * (hurry + 1e-3)
    return float(cost)


@inlined
def _wrong_lane(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, turn: int, at: int, own: int,
    by: float,
) -> int:  # fmt: skip
    """The lane with room, of those `own` that one comes by and that do not lead on, nearest to one that
    does."""
    edge, good = roads.edges[state.routes[at]], int(state.ways[at].onward)
    room = drivers.room[state.vehicles[vehicle].kind]
    if good == 0 or edge.length < LEAST_TO_WAIT * room:
        return NONE
    best, least = NONE, NEVER
    for slot in range(edge.lanes):
        lane = edge.first_lane + slot
        if own >> slot & 1 == 0 or not state.lanes[lane].open:
            continue
        cost = changes(good, slot, edge.lanes) * edge.length + state.lanes[lane].used
        if cost < least and has_room(roads, drivers, state, vehicle, turn, lane, by):
            best, least = lane, cost
    return best
