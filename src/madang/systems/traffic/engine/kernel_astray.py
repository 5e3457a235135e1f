"""Who came by a lane that does not lead on, for those that do were full: they wait in it to be let in, and
those behind them with them.

So do SUMO's drivers (LC2013): they stand at the end of the wrong lane until the queue beside moves. Who has
stood there through a signal's whole cycle turns from where they are: nobody waits for ever.
"""

from __future__ import annotations

from madang.systems.traffic.engine.kernel_compiled import compiled, inlined
from madang.systems.traffic.engine.kernel_drivers import Drivers
from madang.systems.traffic.engine.kernel_lanes import (
    changes,
    first_is_ready,
    holes,
    take_holes,
    turn_at,
)
from madang.systems.traffic.engine.kernel_state import NEVER, NONE, State
from madang.systems.traffic.engine.kernel_streets import Streets

PATIENCE_S = 90.0
"""A usual cycle. Any from 90 to 300 s (when SUMO takes such a vehicle out) gives the same on ingolstadt7."""
SOON_S = 5.0
"""Who reaches the queue's end no later than this is beside it when it moves."""


@inlined
def side(roads: Streets, state: State, vehicle: int) -> int:
    """To which side the vehicle has to change lanes: -1 right, 1 left, 0 none."""
    self = state.vehicles[vehicle]
    if self.turn == NONE:
        return 0
    edge = roads.edges[state.lanes[self.lane].edge]
    slot, good = self.lane - edge.first_lane, int(roads.turns[self.turn].from_lanes)
    away = changes(good, slot, edge.lanes)
    if away == 0:
        return 0
    return 1 if good >> (slot + away) & 1 else -1


@inlined
def held(roads: Streets, drivers: Drivers, state: State, lane: int, now: float) -> bool:
    """Whether the lane's first, astray, does not go on in this second: it changes lanes or waits to be let
    in."""
    queue = state.lanes[lane]
    if state.edges[queue.edge].astray == 0 or side(roads, state, queue.first) == 0:
        return False
    if _change(roads, drivers, state, lane, now):
        return True
    tired = max(state.vehicles[queue.first].arrive, queue.left) + PATIENCE_S
    if now >= tired:
        return False
    queue.stood = 1
    return True


@inlined
def leave_it_at_that(roads: Streets, state: State, vehicle: int) -> bool:
    """Whether the vehicle, about to leave, is astray; it is not counted as such any more."""
    if side(roads, state, vehicle) == 0:
        return False
    state.edges[state.lanes[state.vehicles[vehicle].lane].edge].astray -= 1
    return True


@inlined
def _change(roads: Streets, drivers: Drivers, state: State, lane: int, now: float) -> bool:
    """Let the lane's first, which is astray, over to the lane beside, if there is room or the first of that
    one wants to this one."""
    vehicle = state.lanes[lane].first
    onto = lane + side(roads, state, vehicle)
    if _fits(roads, drivers, state, vehicle, onto):
        _move_over(roads, drivers, state, vehicle, state.lanes[lane].head, onto, now)
        return True
    other = state.lanes[onto].first
    if other == NONE or onto + side(roads, state, other) != lane:
        return False
    _swap(roads, drivers, state, lane, onto, now)
    return True


@compiled
def let_in(
    roads: Streets, drivers: Drivers, state: State, lane: int, freed: float, now: float
) -> None:
    """Let who has waited longest beside this lane, of the foremost to either side, into the `freed` metres
    that one has just left: the lane may be fuller than its length, as vehicles stand in the crossing before
    it."""
    found, since, place = NONE, NEVER, NONE
    for beside in (-1, 1):
        at = _foremost(roads, state, lane, beside, now)
        if at == NONE:
            continue
        queue = state.lanes[lane + beside]
        vehicle = state.places[queue.ring + (at & queue.mask)].vehicle
        if state.vehicles[vehicle].arrive < since:
            found, since, place = vehicle, state.vehicles[vehicle].arrive, at
    if found == NONE:
        return
    takes = drivers.room[state.vehicles[found].kind]
    if takes <= freed or _fits(roads, drivers, state, found, lane):
        _move_over(roads, drivers, state, found, place, lane, now)


@compiled
def trade(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, lane: int, now: float
) -> int:
    """The lane that the vehicle gets that was to come astray onto `lane`: the one beside, if it is right
    and the foremost who stands astray there goes over to `lane`."""
    self, edge = state.vehicles[vehicle], roads.edges[state.lanes[lane].edge]
    slot, good = lane - edge.first_lane, int(state.ways[self.at].onward)
    if self.at + 1 >= self.end or good >> slot & 1:
        return lane
    for beside in (-1, 1):
        if 0 <= slot + beside < edge.lanes and good >> (slot + beside) & 1:
            place = _foremost(roads, state, lane, beside, now)
            if place != NONE and _goes_over(roads, drivers, state, lane + beside, place, lane, now):
                return lane + beside
    return lane


@inlined
def _goes_over(
    roads: Streets, drivers: Drivers, state: State, lane: int, place: int, onto: int, now: float
) -> bool:
    """Move who is at this place of the lane to the lane `onto` beside, if there is room."""
    queue = state.lanes[lane]
    vehicle = state.places[queue.ring + (place & queue.mask)].vehicle
    if not _fits(roads, drivers, state, vehicle, onto):
        return False
    _move_over(roads, drivers, state, vehicle, place, onto, now)
    return True


@inlined
def _foremost(roads: Streets, state: State, lane: int, beside: int, now: float) -> int:
    """The place of the first on the lane beside who stands there and wants to this one; NONE if nobody."""
    edge = roads.edges[state.lanes[lane].edge]
    if not edge.first_lane <= lane + beside < edge.first_lane + edge.lanes:
        return NONE
    queue = state.lanes[lane + beside]
    for each in range(queue.head, queue.tail):
        vehicle = state.places[queue.ring + (each & queue.mask)].vehicle
        if state.vehicles[vehicle].arrive > now + SOON_S:
            return NONE
        if side(roads, state, vehicle) == -beside:
            return each
    return NONE


@inlined
def _fits(roads: Streets, drivers: Drivers, state: State, vehicle: int, lane: int) -> bool:
    """Whether the vehicle finds room on the lane beside, in the holes on their way back along it, too."""
    queue = state.lanes[lane]
    if not queue.open:
        return False
    length = drivers.length[state.vehicles[vehicle].kind]
    used = queue.used - holes(drivers, state, lane)
    return bool(queue.head == queue.tail or used + length <= roads.edges[queue.edge].length)


@inlined
def _move_over(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, place: int, onto: int, now: float
) -> None:
    """Take the vehicle from its place on its lane to the lane `onto` beside."""
    lane = state.vehicles[vehicle].lane
    _take_out(roads, drivers, state, vehicle, place, now)
    _put_in(roads, drivers, state, vehicle, onto, now)
    if place == state.lanes[lane].head:
        _starts(roads, drivers, state, lane, now)


@inlined
def _take_out(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, place: int, now: float
) -> None:
    self = state.vehicles[vehicle]
    queue = state.lanes[self.lane]
    for each in range(place, queue.tail - 1):
        _copy_place(state, self.lane, each + 1, each)
    queue.tail -= 1
    queue.used -= drivers.room[self.kind]


@inlined
def _put_in(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, lane: int, now: float
) -> None:
    """Put the vehicle into the lane, behind all who came onto the street before it: nobody jumps the
    queue."""
    self, queue = state.vehicles[vehicle], state.lanes[lane]
    queue.used += drivers.room[self.kind]
    take_holes(roads, drivers, state, lane)
    place = queue.tail
    while place > queue.head and _since(state, lane, place - 1) > self.since:
        _copy_place(state, lane, place - 1, place)
        place -= 1
    here = state.places[queue.ring + (place & queue.mask)]
    here.vehicle, here.kind = vehicle, self.kind
    queue.tail += 1
    self.arrive = max(self.arrive, now)
    _stands_on(roads, state, vehicle, lane)
    if place == queue.head:
        first_is_ready(roads, drivers, state, lane)


@inlined
def _since(state: State, lane: int, place: int) -> float:
    queue = state.lanes[lane]
    return float(state.vehicles[state.places[queue.ring + (place & queue.mask)].vehicle].since)


@inlined
def _copy_place(state: State, lane: int, one: int, other: int) -> None:
    queue = state.lanes[lane]
    here = state.places[queue.ring + (one & queue.mask)]
    there = state.places[queue.ring + (other & queue.mask)]
    there.vehicle, there.kind = here.vehicle, here.kind


@inlined
def _stands_on(roads: Streets, state: State, vehicle: int, lane: int) -> None:
    self, edge = state.vehicles[vehicle], state.lanes[lane].edge
    self.lane = lane
    turn = turn_at(roads, state, self.at, lane - roads.edges[edge].first_lane)
    if turn != NONE:
        self.turn = turn
        state.edges[edge].astray -= 1


@inlined
def _swap(roads: Streets, drivers: Drivers, state: State, one: int, other: int, now: float) -> None:
    """Exchange the first vehicles of two lanes side by side that have to change to each other's."""
    mine, theirs = state.lanes[one].first, state.lanes[other].first
    _becomes_first(drivers, state, theirs, mine, one)
    _becomes_first(drivers, state, mine, theirs, other)
    _stands_on(roads, state, mine, other)
    _stands_on(roads, state, theirs, one)
    _starts(roads, drivers, state, one, now)
    _starts(roads, drivers, state, other, now)


@inlined
def _becomes_first(drivers: Drivers, state: State, vehicle: int, before: int, lane: int) -> None:
    """Put the vehicle where the lane's first was."""
    queue, kind = state.lanes[lane], state.vehicles[vehicle].kind
    place = state.places[queue.ring + (queue.head & queue.mask)]
    place.vehicle, place.kind = vehicle, kind
    queue.used += drivers.room[kind] - drivers.room[state.vehicles[before].kind]


@inlined
def _starts(roads: Streets, drivers: Drivers, state: State, lane: int, now: float) -> None:
    """Have the lane's new first start from a stand."""
    queue = state.lanes[lane]
    queue.green, queue.rank, queue.stood = now, 1, 0
    first_is_ready(roads, drivers, state, lane)
