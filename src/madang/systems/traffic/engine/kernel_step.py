"""One second of traffic after the other: lights, crossings, stop lines, departures.

Streets are served in one fixed order and nothing is drawn while time runs: what comes out depends on
what is given only.
"""

from __future__ import annotations

from madang.systems.traffic.engine.kernel_ahead import AHEAD, bring_near
from madang.systems.traffic.engine.kernel_astray import (
    held,
    leave_it_at_that,
    let_in,
    trade,
)
from madang.systems.traffic.engine.kernel_choice import choose, lanes_wished
from madang.systems.traffic.engine.kernel_compiled import compiled, inlined
from madang.systems.traffic.engine.kernel_counts import Counts, spread
from madang.systems.traffic.engine.kernel_drivers import RANKS, Drivers
from madang.systems.traffic.engine.kernel_gaps import gap_is_there, gives_way
from madang.systems.traffic.engine.kernel_lanes import (
    crossing_limit,
    door,
    enter,
    entry_headway,
    leave,
)
from madang.systems.traffic.engine.kernel_lights import (
    AMBER,
    RED,
    amber_lasts,
    set_lights,
)
from madang.systems.traffic.engine.kernel_motion import braking, free_speed, notch, stretch
from madang.systems.traffic.engine.kernel_state import (
    ARRIVED,
    AT_THE_KERB,
    BUSY,
    DEPARTED,
    NONE,
    ON_A_LANE,
    State,
)
from madang.systems.traffic.engine.kernel_streets import Ints, Programs, Streets

STEP_S = 1.0


@compiled
def advance(
    roads: Streets, plans: Programs, drivers: Drivers, state: State, counted: Counts, later: Ints,
    until: float,
) -> None:  # fmt: skip
    """Run the state in place until the clock stands at `until` or less than a step before.

    later [L] is room to remember lanes in, of no meaning before or after.
    """
    while state.clock[0] + STEP_S <= until:
        now = state.clock[0]
        set_lights(plans, state, now)
        _clear_crossings(roads, drivers, state, counted, now)
        _serve_all(roads, drivers, state, counted, later, now)
        _wish_to_leave(state, now)
        _leave_homes(roads, drivers, state, counted, now)
        state.clock[0] = now + STEP_S


@compiled
def _serve_all(
    roads: Streets, drivers: Drivers, state: State, counted: Counts, later: Ints, now: float
) -> None:
    """Who need not give way goes first; the others after them, in the same order."""
    count, looking = len(state.lanes), False
    for _ in range(2):
        left = 0
        for each in range(count):
            if not looking and each % AHEAD == 0:
                far = min(each + AHEAD, count)
                bring_near(roads, state, counted, later, each, far, now, now + STEP_S)
            lane = later[each] if looking else each
            if state.ready[lane] < now + STEP_S and _serve(
                roads, drivers, state, counted, lane, now, looking
            ):
                later[left] = lane
                left += 1
        count, looking = left, True


@inlined
def _serve(
    roads: Streets, drivers: Drivers, state: State, counted: Counts, lane: int, now: float,
    looking: bool,
) -> bool:  # fmt: skip
    """Let the lane's first vehicles go in this second; whether one is left who has to look for others."""
    queue = state.lanes[lane]
    while state.ready[lane] < now + STEP_S:
        vehicle = queue.first
        turn = state.vehicles[vehicle].turn
        if turn == NONE:
            _reach_end(roads, drivers, state, counted, vehicle, max(state.ready[lane], now))
            continue
        at = now if queue.stood else max(state.ready[lane], now)
        if _stays(roads, drivers, state, vehicle, at, now):
            return False
        looks = gives_way(roads, state, turn)
        if looks and not looking:
            return True
        if looks and not _may_go(roads, drivers, state, vehicle, turn, at, now):
            if not _wait_inside(roads, drivers, state, counted, vehicle, turn, at):
                queue.stood = 1
                return False
            continue
        if not _cross(roads, drivers, state, counted, vehicle, at, now):
            return False
    return False


@inlined
def _stays(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, at: float, now: float
) -> bool:
    """Whether the first of a lane may not go on by it now, for it does not lead on or its light does not
    let it."""
    self = state.vehicles[vehicle]
    if held(roads, drivers, state, self.lane, now):
        return True
    if _light_lets(roads, drivers, state, vehicle, at):
        return False
    state.lanes[self.lane].stood = 1
    changes = state.signals[roads.turns[self.turn].signal].until
    state.ready[self.lane] = max(state.ready[self.lane], changes)
    return True


@inlined
def _may_go(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, turn: int, at: float, now: float
) -> bool:
    """Whether there is a gap, and nobody within the crossing who waits for it before this vehicle."""
    if state.turns[turn].waiting > 0:
        return False
    way = roads.turns[turn]
    self = state.vehicles[vehicle]
    queue = state.lanes[self.lane]
    stood = 0.0
    if queue.stood:
        came = max(self.arrive, queue.left + drivers.headway[self.kind, notch(way.speed)])
        stood = max(at - came, STEP_S)
    return gap_is_there(roads, drivers, state, vehicle, turn, at, way.length, stood, now)


@inlined
def _light_lets(roads: Streets, drivers: Drivers, state: State, vehicle: int, at: float) -> bool:
    self = state.vehicles[vehicle]
    column = roads.turns[self.turn].column
    if column < 0:
        return True
    light = state.columns[column].light
    if light == RED:
        return False
    if light == AMBER:
        if state.lanes[self.lane].stood:
            return False
        speed = _speed_at_line(roads, drivers, state, vehicle)
        return at - state.columns[column].since <= amber_lasts(drivers, self.kind, speed)
    return True


@inlined
def _speed_at_line(roads: Streets, drivers: Drivers, state: State, vehicle: int) -> float:
    self = state.vehicles[vehicle]
    queue = state.lanes[self.lane]
    limit = crossing_limit(roads, drivers, state, vehicle)
    if queue.stood:
        return drivers.pace[self.kind, notch(limit), 0]
    if queue.rank < RANKS:
        return drivers.pace[self.kind, notch(limit), queue.rank]
    return free_speed(drivers, self.kind, self.factor, limit)


@inlined
def _through(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, standing: bool, speed: float,
    path: float,
) -> tuple[float, float]:  # fmt: skip
    """Seconds from the stop line `path` m into the crossing, and the speed there."""
    self = state.vehicles[vehicle]
    way = roads.turns[self.turn]
    limit = free_speed(drivers, self.kind, self.factor, way.speed)
    seconds, reached = stretch(drivers, self.kind, speed, limit, path)
    if standing:
        seconds += drivers.crossing[
            self.kind, notch(crossing_limit(roads, drivers, state, vehicle)), 0
        ]
    elif state.lanes[self.lane].rank >= RANKS:
        before = state.edges[way.from_edge].speed * self.factor
        seconds += braking(drivers, self.kind, before, limit)
    return seconds, reached


@inlined
def _cross(
    roads: Streets, drivers: Drivers, state: State, counted: Counts, vehicle: int, at: float,
    now: float,
) -> bool:  # fmt: skip
    """Take the vehicle through the crossing onto the next street, if that has room in this second."""
    self = state.vehicles[vehicle]
    standing = state.lanes[self.lane].stood == 1
    speed = _speed_at_line(roads, drivers, state, vehicle)
    path = roads.turns[self.turn].length
    seconds, reached = _through(roads, drivers, state, vehicle, standing, speed, path)
    lane = choose(roads, drivers, state, vehicle, self.turn, self.at + 1, now + STEP_S + seconds)
    if lane == NONE:
        state.lanes[self.lane].stood = 1
        return False
    through = door(roads, state, vehicle, self.turn, lane)
    gap = entry_headway(drivers, state, vehicle, state.lanes[lane].edge)
    at = max(at, state.lanes[through].entry + gap - seconds)
    if at >= now + STEP_S:
        state.ready[self.lane] = at  # a moment slower, not to a stand
        return False
    state.turns[self.turn].last = at
    astray = leave_it_at_that(roads, state, vehicle)
    leave(roads, drivers, state, counted, vehicle, at)
    if not astray and state.edges[roads.turns[self.turn].from_edge].astray > 0:
        let_in(roads, drivers, state, self.lane, drivers.room[self.kind], now)
    self.at += 1
    if state.edges[state.lanes[lane].edge].astray > 0:
        lane = trade(roads, drivers, state, vehicle, lane, now)
    enter(roads, drivers, state, counted, vehicle, lane, through, at + seconds, reached)
    return True


@inlined
def _wait_inside(
    roads: Streets, drivers: Drivers, state: State, counted: Counts, vehicle: int, turn: int,
    at: float,
) -> bool:  # fmt: skip
    """Go to where one waits within the crossing, if there is room to stand there."""
    way = roads.turns[turn]
    self = state.vehicles[vehicle]
    waiting = state.turns[turn].waiting
    if waiting >= way.waits:
        return False
    taken = 0.0
    for each in range(waiting):
        taken += drivers.room[state.vehicles[state.waits[way.first_wait + each]].kind]
    if waiting > 0 and taken + drivers.length[self.kind] > way.waits_at:
        return False
    standing = state.lanes[self.lane].stood == 1
    speed = _speed_at_line(roads, drivers, state, vehicle)
    seconds, _ = _through(roads, drivers, state, vehicle, standing, speed, way.waits_at - taken)
    state.waits[way.first_wait + state.turns[turn].waiting] = vehicle
    state.turns[turn].waiting += 1
    leave_it_at_that(roads, state, vehicle)
    leave(roads, drivers, state, counted, vehicle, at)
    self.arrive = at + seconds
    return True


@compiled
def _clear_crossings(
    roads: Streets, drivers: Drivers, state: State, counted: Counts, now: float
) -> None:
    for turn in roads.waiting:
        if state.turns[turn].waiting > 0:
            _clear(roads, drivers, state, counted, turn, now)


@inlined
def _clear(
    roads: Streets, drivers: Drivers, state: State, counted: Counts, turn: int, now: float
) -> None:
    """Let the first who waits within the crossing go when there is a gap, or the others have red: at the
    speed at which one comes to look, if there is one as it comes."""
    way = roads.turns[turn]
    vehicle = state.waits[way.first_wait]
    self = state.vehicles[vehicle]
    gap = drivers.headway[self.kind, notch(way.speed)]
    came = max(state.turns[turn].last + gap, self.arrive)
    if came >= now + STEP_S:
        return
    at = max(came, now)
    path = way.length - way.waits_at
    stood = at - came
    if not gap_is_there(roads, drivers, state, vehicle, turn, at, path, stood, now):
        return
    limit = free_speed(drivers, self.kind, self.factor, way.speed)
    speed = 0.0 if stood > 0 else min(drivers.wary[self.kind], limit)
    seconds, reached = stretch(drivers, self.kind, speed, limit, path)
    lane = choose(roads, drivers, state, vehicle, turn, self.at + 1, at + seconds)
    if lane == NONE:
        return
    through = door(roads, state, vehicle, turn, lane)
    apart = state.lanes[through].entry + entry_headway(drivers, state, vehicle, way.to_edge)
    if at + seconds < apart:
        return
    for each in range(1, state.turns[turn].waiting):
        state.waits[way.first_wait + each - 1] = state.waits[way.first_wait + each]
    state.turns[turn].waiting -= 1
    state.turns[turn].last = at
    self.at += 1
    enter(roads, drivers, state, counted, vehicle, lane, through, at + seconds, reached)


@inlined
def _reach_end(
    roads: Streets, drivers: Drivers, state: State, counted: Counts, vehicle: int, at: float
) -> None:
    leave(roads, drivers, state, counted, vehicle, at)
    state.vehicles[vehicle].where = ARRIVED
    state.vehicles[vehicle].arrive = at


@compiled
def _wish_to_leave(state: State, now: float) -> None:
    """Queue who wishes to leave in this second at the kerb of their first street."""
    while state.cursors[DEPARTED] < len(state.order):
        vehicle = state.order[state.cursors[DEPARTED]]
        self = state.vehicles[vehicle]
        if self.depart >= now + STEP_S:
            return
        self.where = AT_THE_KERB
        edge = state.routes[self.at]
        kerb = state.edges[edge]
        if kerb.kerb_first == NONE:
            kerb.kerb_first = vehicle
            state.busy[state.cursors[BUSY]] = edge
            state.cursors[BUSY] += 1
        else:
            state.vehicles[kerb.kerb_last].next = vehicle
        kerb.kerb_last = vehicle
        state.cursors[DEPARTED] += 1


@compiled
def _leave_homes(
    roads: Streets, drivers: Drivers, state: State, counted: Counts, now: float
) -> None:
    kept = 0
    for each in range(state.cursors[BUSY]):
        edge = state.busy[each]
        _serve_kerb(roads, drivers, state, counted, edge, now)
        if state.edges[edge].kerb_first != NONE:
            state.busy[kept] = edge
            kept += 1
    state.cursors[BUSY] = kept


@inlined
def _serve_kerb(
    roads: Streets, drivers: Drivers, state: State, counted: Counts, edge: int, now: float
) -> None:
    """Let those at the kerb of this street drive off, the first before the others. Who finds their lanes
    full does not hold up who goes by other lanes."""
    kerb, every = state.edges[edge], (1 << roads.edges[edge].lanes) - 1
    full, before, vehicle = 0, NONE, kerb.kerb_first
    while vehicle != NONE and full != every:
        after = state.vehicles[vehicle].next
        lanes = lanes_wished(roads, state, vehicle, state.vehicles[vehicle].at)
        if lanes & ~full == 0 or not _leave_home(
            roads, drivers, state, counted, vehicle, edge, now
        ):
            full |= lanes
            before = vehicle
        else:
            state.vehicles[vehicle].next = NONE
            if before == NONE:
                kerb.kerb_first = after
            else:
                state.vehicles[before].next = after
            if after == NONE:
                kerb.kerb_last = before
        vehicle = after


@inlined
def _leave_home(
    roads: Streets, drivers: Drivers, state: State, counted: Counts, vehicle: int, edge: int,
    now: float,
) -> bool:  # fmt: skip
    """Let this vehicle at the kerb drive off, if there is room in this second."""
    self = state.vehicles[vehicle]
    at = max(now, self.depart)
    lane = choose(roads, drivers, state, vehicle, NONE, self.at, at)
    if lane == NONE:
        return False
    at = max(at, state.lanes[lane].entry + entry_headway(drivers, state, vehicle, edge))
    if at >= now + STEP_S:
        return False
    limit = free_speed(drivers, self.kind, self.factor, state.edges[edge].speed)
    enter(roads, drivers, state, counted, vehicle, lane, lane, at, limit)
    return True


@compiled
def present(roads: Streets, state: State, counted: Counts) -> None:
    """Add to the counts what those still on a lane were present and lost until now."""
    for vehicle in range(len(state.vehicles)):
        self = state.vehicles[vehicle]
        if self.lane != NONE and self.where == ON_A_LANE:
            edge = state.lanes[self.lane].edge
            spread(counted, counted.present, edge, self.since, state.clock[0])
            spread(counted, counted.lost, edge, self.free, state.clock[0])
