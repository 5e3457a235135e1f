"""Lanes as queues: room on one, entering at its beginning and leaving at its end.

Within a lane traffic is Newell's: nobody overtakes, a vehicle follows by its headway, and the room that
one leaves at the stop line reaches the lane's beginning as fast as a queue starts, room / tau (G. Newell,
A simplified car-following theory, Transportation Research B 36, 2002).
"""

from __future__ import annotations

from madang.systems.traffic.engine.kernel_compiled import inlined
from madang.systems.traffic.engine.kernel_counts import Counts, row, spread
from madang.systems.traffic.engine.kernel_drivers import RANKS, Drivers
from madang.systems.traffic.engine.kernel_gaps import may_have_to_look
from madang.systems.traffic.engine.kernel_motion import (
    free_speed,
    least_headway,
    notch,
    stretch,
)
from madang.systems.traffic.engine.kernel_state import (
    FLOWING,
    IN_A_CROSSING,
    NEVER,
    NONE,
    ON_A_LANE,
    State,
)
from madang.systems.traffic.engine.kernel_streets import Streets
from madang.systems.traffic.engine.kernel_ways import NO_TURN


@inlined
def turn_at(roads: Streets, state: State, at: int, slot: int) -> int:
    """The turn from lane `slot` of the edge at place `at` of a route to the next edge; NONE if none."""
    way = state.ways[at]
    if not way.onward >> slot & 1:
        return NONE
    if way.turn != NO_TURN:
        return int(way.turn)
    return _turn_of(roads, state.routes[at], slot, state.routes[at + 1])


@inlined
def _turn_of(roads: Streets, edge: int, slot: int, to_edge: int) -> int:
    first = roads.edges[edge].first_turn
    for turn in range(first, first + roads.edges[edge].turns):
        way = roads.turns[turn]
        if way.to_edge == to_edge and way.from_lanes >> slot & 1:
            return turn
    return NONE


@inlined
def some_turn(roads: Streets, state: State, at: int) -> int:
    """The turn from the edge at place `at` of a route to the next one, from whatever lane."""
    for slot in range(roads.edges[state.routes[at]].lanes):
        turn = turn_at(roads, state, at, slot)
        if turn != NONE:
            return turn
    return NONE


@inlined
def led_to(roads: Streets, state: State, vehicle: int, turn: int) -> int:
    """The lanes, as bits, of the next street to which the vehicle's lane leads by this turn."""
    own = state.vehicles[vehicle].lane
    slot = own - roads.edges[state.lanes[own].edge].first_lane
    led = roads.doors[roads.turns[turn].first_door + slot]
    return int((2 << led.high) - (1 << led.low))


@inlined
def door(roads: Streets, state: State, vehicle: int, turn: int, lane: int) -> int:
    """The lane by which the vehicle comes onto the street of `lane`, to which it goes over if need be."""
    if turn == NONE:
        return lane
    own = state.vehicles[vehicle].lane
    slot = own - roads.edges[state.lanes[own].edge].first_lane
    led = roads.doors[roads.turns[turn].first_door + slot]
    first = roads.edges[state.lanes[lane].edge].first_lane
    return first + min(max(lane - first, led.low), led.high)


@inlined
def changes(bits: int, slot: int, lanes: int) -> int:
    """How many lanes lie between slot and the nearest of bits."""
    for away in range(lanes):
        if slot + away < 32 and bits >> (slot + away) & 1:
            return away
        if slot >= away and bits >> (slot - away) & 1:
            return away
    return lanes


@inlined
def has_room(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, turn: int, lane: int, by: float
) -> bool:
    """Whether the vehicle, coming by `turn`, fits on the lane at `by`.

    Who changes lanes meets the holes on their way back along it, too. Vehicles stand within the crossing
    of their own lane, unless that has to be kept clear for others and the lane ahead does not move.
    """
    queue = state.lanes[lane]
    give_back(drivers, state, lane, by)
    if queue.gone == queue.tail:
        return True
    length = drivers.length[state.vehicles[vehicle].kind]
    edge = roads.edges[queue.edge]
    if turn != NONE and door(roads, state, vehicle, turn, lane) != lane:
        return queue.used - holes(drivers, state, lane) + length <= edge.length
    inside = 0.0
    if turn != NONE and not (roads.turns[turn].kept_clear and queue.stood):
        inside = roads.turns[turn].length
    return queue.used + length <= edge.length + inside


@inlined
def holes(drivers: Drivers, state: State, lane: int) -> float:
    """Metres that vehicles left which crossed the stop line and that have not reached the beginning."""
    queue, found = state.lanes[lane], 0.0
    for each in range(queue.gone, queue.head):
        found += drivers.room[state.places[queue.ring + (each & queue.mask)].kind]
    return found


@inlined
def take_holes(roads: Streets, drivers: Drivers, state: State, lane: int) -> None:
    """Give back at once the holes that who changed to this lane drove into."""
    queue = state.lanes[lane]
    length = roads.edges[queue.edge].length
    while queue.gone < queue.head and queue.used > length:
        queue.used -= drivers.room[state.places[queue.ring + (queue.gone & queue.mask)].kind]
        queue.gone += 1


@inlined
def give_back(drivers: Drivers, state: State, lane: int, by: float) -> None:
    """Give back the holes that have reached the lane's beginning."""
    queue = state.lanes[lane]
    while queue.gone < queue.head:
        place = state.places[queue.ring + (queue.gone & queue.mask)]
        if place.until > by:
            break
        queue.used -= drivers.room[place.kind]
        queue.gone += 1
    if queue.gone == queue.tail:
        queue.used = 0.0


@inlined
def enter(
    roads: Streets, drivers: Drivers, state: State, counted: Counts, vehicle: int, lane: int,
    through: int, at: float, speed: float,
) -> None:  # fmt: skip
    """Put the vehicle on the lane's beginning at second `at`, driving at `speed`; it comes by the lane
    `through`."""
    self = state.vehicles[vehicle]
    edge = state.lanes[lane].edge
    length = roads.edges[edge].length
    limit = free_speed(drivers, self.kind, self.factor, state.edges[edge].speed)
    seconds, _ = stretch(drivers, self.kind, speed, limit, length)
    self.since = at
    self.free = at + length / (limit + drivers.dawdle[self.kind])
    self.arrive = at + seconds
    self.where = ON_A_LANE
    self.lane = lane
    self.turn = NONE
    if self.at + 1 < self.end:
        slot = lane - roads.edges[edge].first_lane
        self.turn = turn_at(roads, state, self.at, slot)
        if self.turn == NONE:
            self.turn = some_turn(roads, state, self.at)
            state.edges[edge].astray += 1
    counted.entered[row(counted, at), edge] += 1
    state.lanes[through].entry = at
    _append(roads, drivers, state, vehicle, lane)
    if through != lane:
        take_holes(roads, drivers, state, lane)


@inlined
def _append(roads: Streets, drivers: Drivers, state: State, vehicle: int, lane: int) -> None:
    self, queue = state.vehicles[vehicle], state.lanes[lane]
    if queue.tail > queue.head:
        ahead = state.vehicles[state.places[queue.ring + (queue.tail - 1 & queue.mask)].vehicle]
        limit = state.edges[queue.edge].speed
        gap = drivers.headway[self.kind, notch(limit)]
        self.arrive = max(self.arrive, ahead.arrive + gap)
    place = state.places[queue.ring + (queue.tail & queue.mask)]
    place.vehicle, place.kind = vehicle, self.kind
    queue.tail += 1
    queue.used += drivers.room[self.kind]
    if queue.tail == queue.head + 1:
        first_is_ready(roads, drivers, state, lane)


@inlined
def first_is_ready(roads: Streets, drivers: Drivers, state: State, lane: int) -> None:
    """Reckon when the lane's first vehicle can cross: by its drive, or by its turn in the queue's start."""
    queue = state.lanes[lane]
    if queue.head == queue.tail:
        queue.first = NONE
        state.ready[lane] = NEVER
        return
    vehicle = state.places[queue.ring + (queue.head & queue.mask)].vehicle
    queue.first = vehicle
    self = state.vehicles[vehicle]
    limit = crossing_limit(roads, drivers, state, vehicle)
    turn_comes = queue.green + drivers.crossing[self.kind, notch(limit), min(queue.rank, RANKS)]
    if queue.rank >= RANKS:
        turn_comes = queue.green + drivers.headway[self.kind, notch(limit)]
    if self.arrive > turn_comes:
        queue.rank = FLOWING
    state.ready[lane] = max(self.arrive, turn_comes)
    queue.stood = 0


@inlined
def crossing_limit(roads: Streets, drivers: Drivers, state: State, vehicle: int) -> float:
    """The limit under which this vehicle crosses its stop line, m/s."""
    self = state.vehicles[vehicle]
    limit = state.edges[state.lanes[self.lane].edge].speed
    if self.turn != NONE:
        limit = min(limit, roads.turns[self.turn].speed)
        wary = drivers.wary[self.kind]
        if limit > wary and may_have_to_look(roads, state, self.turn):
            limit = wary
    return limit


@inlined
def leave(
    roads: Streets, drivers: Drivers, state: State, counted: Counts, vehicle: int, at: float
) -> None:
    """Take the vehicle, the first of its lane, over the stop line at second `at`."""
    self = state.vehicles[vehicle]
    lane = self.lane
    queue = state.lanes[lane]
    edge = queue.edge
    place = state.places[queue.ring + (queue.head & queue.mask)]
    wave = drivers.room[self.kind] / drivers.tau[self.kind]
    place.until = at + roads.edges[edge].length / wave
    queue.head += 1
    queue.left = at
    if self.turn != NONE:
        counted.turned[row(counted, at), self.turn] += 1
    spread(counted, counted.present, edge, self.since, at)
    spread(counted, counted.lost, edge, self.free, at)
    if queue.stood:
        queue.green, queue.rank = at, 1
    elif queue.rank < RANKS:
        queue.rank += 1
        if queue.rank == RANKS:
            queue.green = at
    else:
        queue.green = at
    first_is_ready(roads, drivers, state, lane)
    self.where = IN_A_CROSSING


@inlined
def entry_headway(drivers: Drivers, state: State, vehicle: int, edge: int) -> float:
    """Seconds that two vehicles are apart at least where they enter the same lane."""
    return least_headway(drivers, state.vehicles[vehicle].kind, state.edges[edge].speed)
