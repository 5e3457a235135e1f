"""Who must let whom pass: permitted turns, minor roads, and right before left, by gap acceptance.

SUMO's rule (D. Krajzewicz, J. Erdmann, Road intersection model in SUMO, 2013, and since then MSLink): a
driver goes when nobody to whom they give way reaches the crossing before they have left it, and a second
of caution (jmTimegapMinor) more. Who joins a lane ahead of another must besides be as fast on it as the
other will be at the stop line. Others are expected to brake: as hard as they can for who comes rolling,
for who stands only by the share that their impatience has grown to. Seen are those on the street before
the crossing, and where that is short, who is about to come onto it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from madang.systems.traffic.engine.kernel_compiled import inlined
from madang.systems.traffic.engine.kernel_drivers import RANKS, Drivers
from madang.systems.traffic.engine.kernel_lights import AMBER, PROTECTED, STOP, amber_lasts
from madang.systems.traffic.engine.kernel_motion import notch
from madang.systems.traffic.engine.kernel_state import NEVER, State
from madang.systems.traffic.engine.kernel_streets import Streets

CAUTION_S = 1.0
PATIENCE_S = 300.0
"""Who has stood so long is wholly impatient: SUMO's time-to-impatience."""
STOPPING_S = 30.0
"""What who can stop is thought to lose by it, as in SUMO."""


class Passing(NamedTuple):
    """How a vehicle would pass a crossing: at its stop line at second `at`, out of it (and the caution
    over) at `clear`, then at `leaves` m/s with brakes of `decel`. impatience: 0 to 1; braking: the share
    of their deceleration that it expects of others; length: m, others are taken to be as long."""

    at: float
    clear: float
    leaves: float
    decel: float
    impatience: float
    braking: float
    length: float


@inlined
def gives_way(roads: Streets, state: State, turn: int) -> bool:
    """Whether this turn has to look for others now."""
    way = roads.turns[turn]
    if way.yields == 0:
        return False
    return way.column < 0 or state.columns[way.column].light != PROTECTED


@inlined
def may_have_to_look(roads: Streets, state: State, turn: int) -> bool:
    """Whether this turn may be made now, if nobody comes to whom one gives way."""
    way = roads.turns[turn]
    if way.yields == 0 or way.column < 0:
        return way.yields > 0
    light = state.columns[way.column].light
    return STOP < light < PROTECTED


@inlined
def gap_is_there(
    roads: Streets, drivers: Drivers, state: State, vehicle: int, turn: int, at: float,
    path: float, stood: float, now: float,
) -> bool:  # fmt: skip
    """Whether the vehicle can drive the `path` m left of `turn` at second `at` without hindering who
    goes first; it stood `stood` s, 0 where it comes rolling."""
    way = roads.turns[turn]
    self = state.vehicles[vehicle]
    slot = self.lane - roads.edges[way.from_edge].first_lane
    own = roads.doors[way.first_door + slot]
    passing = _passing(drivers, self.kind, at, way.speed, path, stood)
    for each in range(way.first_yield, way.first_yield + way.yields):
        if _comes(roads, drivers, state, each, way.to_edge, own.low, own.high, passing, now):
            return False
    return True


@inlined
def _passing(
    drivers: Drivers, kind: int, at: float, limit: float, path: float, stood: float
) -> Passing:
    """It leaves at the mean of its first and last speeds, as SUMO's drivers reckon; the first is one
    second's acceleration where it stands."""
    first = min(drivers.accel[kind] if stood > 0 else drivers.wary[kind], limit)
    last = min(np.sqrt(first * first + 2 * drivers.accel[kind] * path), limit)
    clear = at + (path + drivers.length[kind]) / ((first + last) / 2) + CAUTION_S
    impatience = min(stood / PATIENCE_S, 1.0)
    braking = impatience if stood > 0 else 1.0
    return Passing(at, clear, last, drivers.decel[kind], impatience, braking, drivers.length[kind])


@inlined
def _comes(
    roads: Streets, drivers: Drivers, state: State, met: int, onto: int, low: int, high: int,
    passing: Passing, now: float,
) -> bool:  # fmt: skip
    """Whether anybody of this entry of `yields` is still in its way, taken to be halfway through the
    crossing, or comes too soon after; it goes onto the lanes low to high of the edge `onto`."""
    foe = roads.yields[met].turn
    way = roads.turns[foe]
    leaves = (way.length / 2 + passing.length) / way.speed if way.to_edge != onto else 0.0
    if state.turns[foe].last + leaves >= passing.at:
        return True
    amber = NEVER
    if way.column >= 0 and state.columns[way.column].light <= STOP:
        if state.columns[way.column].light != AMBER:
            return False
        amber = state.columns[way.column].since
    edge = roads.edges[way.from_edge]
    joined = False
    for slot in range(edge.lanes):
        if roads.yields[met].lanes >> slot & 1:
            led = roads.doors[way.first_door + slot]
            joins = way.to_edge == onto and led.low <= high and low <= led.high
            joined = joined or joins
            lane = edge.first_lane + slot
            if _on_lane(roads, drivers, state, lane, foe, joins, passing, amber):
                return True
    if amber < NEVER:
        return False
    return _about_to_come(roads, drivers, state, foe, joined, passing, now)


@inlined
def _about_to_come(
    roads: Streets, drivers: Drivers, state: State, foe: int, joins: bool, passing: Passing,
    now: float,
) -> bool:  # fmt: skip
    """Whether anybody is hindered who is still before the street from which one takes `foe`."""
    between = roads.turns[foe].from_edge
    edge = roads.edges[between]
    if not joins and now + edge.length / state.edges[between].speed >= passing.clear:
        return False  # the street alone takes them too long
    for each in range(edge.first_feeder, edge.first_feeder + edge.feeders):
        if _behind(roads, drivers, state, roads.feeders[each], foe, joins, passing, now):
            return True
    return False


@inlined
def _hinders(
    drivers: Drivers, kind: int, at: float, speed: float, joins: bool, passing: Passing
) -> bool:
    """Whether who comes at `speed` to their stop line at `at` would have to brake more than is expected."""
    brakes = passing.braking * drivers.decel[kind]
    ahead = max(at - passing.at, 0.0)
    left = speed * speed - 2 * brakes * speed * ahead
    late = STOPPING_S
    if left > 0:
        late = (speed - np.sqrt(left)) / max(brakes, 1e-9) - ahead
    if at + passing.impatience * late <= passing.clear:
        return True
    return joins and left / drivers.decel[kind] >= passing.leaves**2 / passing.decel


@inlined
def _nobody_later(
    drivers: Drivers, kind: int, at: float, limit: float, joins: bool, passing: Passing
) -> bool:
    """Whether nobody of this kind who drives at most `limit` and comes at `at` or later is hindered."""
    if at < passing.clear:
        return False
    return not joins or not _hinders(drivers, kind, at, limit, joins, passing)


@inlined
def _on_lane(
    roads: Streets, drivers: Drivers, state: State, lane: int, foe: int, joins: bool,
    passing: Passing, amber: float,
) -> bool:  # fmt: skip
    """Whether a vehicle that takes `foe` from this lane is hindered; amber: since when its light is amber,
    NEVER where it is not."""
    queue = state.lanes[lane]
    if queue.stood:
        return False  # its first stands although it might go: nobody comes from there
    at, limit = state.ready[lane], roads.turns[foe].speed
    for each in range(queue.head, queue.tail):
        place = state.places[queue.ring + (each & queue.mask)]
        other = state.vehicles[place.vehicle]
        if each > queue.head:
            at = max(other.arrive, at + drivers.headway[other.kind, notch(limit)])
        if _nobody_later(drivers, other.kind, at, limit, joins, passing):
            return False
        if other.turn == foe:
            speed = _speed_there(roads, drivers, state, lane, each, limit)
            if at - amber > amber_lasts(drivers, other.kind, speed):
                return False
            if _hinders(drivers, other.kind, at, speed, joins, passing):
                return True
    return False


@inlined
def _speed_there(
    roads: Streets, drivers: Drivers, state: State, lane: int, place: int, limit: float
) -> float:
    """m/s at which who is at this place of the lane comes to its stop line, by its drive or in the queue."""
    queue = state.lanes[lane]
    vehicle = state.places[queue.ring + (place & queue.mask)].vehicle
    self = state.vehicles[vehicle]
    length = roads.edges[queue.edge].length
    speed = min(length / max(self.arrive - self.since, 1e-3), limit)
    rank = queue.rank + place - queue.head
    if rank < RANKS:
        speed = min(speed, drivers.pace[self.kind, notch(limit), rank])
    return speed


@inlined
def _behind(
    roads: Streets, drivers: Drivers, state: State, turn: int, foe: int, joins: bool,
    passing: Passing, now: float,
) -> bool:  # fmt: skip
    """Whether a vehicle that comes over the street before the crossing by `turn` to `foe` is hindered.
    Who has to give way at `turn` announces itself to nobody behind it."""
    way = roads.turns[turn]
    if way.column >= 0 and state.columns[way.column].light <= STOP:
        return False
    if gives_way(roads, state, turn):
        return False
    fast = state.edges[way.to_edge].speed
    drive = way.length / way.speed + roads.edges[way.to_edge].length / fast
    if now + drive >= passing.clear and not joins:
        return False
    edge = roads.edges[way.from_edge]
    onto = roads.turns[foe].to_edge
    for slot in range(edge.lanes):
        if way.from_lanes >> slot & 1 and _over(
            roads, drivers, state, edge.first_lane + slot, turn, onto, drive, joins, passing, now
        ):
            return True
    return False


@inlined
def _over(
    roads: Streets, drivers: Drivers, state: State, lane: int, turn: int, onto: int, drive: float,
    joins: bool, passing: Passing, now: float,
) -> bool:  # fmt: skip
    """Whether a vehicle of this lane that goes by `turn` and then to the edge `onto` is hindered."""
    queue = state.lanes[lane]
    if queue.stood:
        return False
    at, speed = state.ready[lane], roads.turns[turn].speed
    for each in range(queue.head, queue.tail):
        place = state.places[queue.ring + (each & queue.mask)]
        other = state.vehicles[place.vehicle]
        if each > queue.head:
            at = max(other.arrive, at + drivers.headway[other.kind, notch(speed)])
        comes = max(at, now) + drive
        if _nobody_later(drivers, other.kind, comes, speed, joins, passing):
            return False
        if other.turn != turn or other.at + 2 >= other.end or state.routes[other.at + 2] != onto:
            continue
        if _hinders(drivers, other.kind, comes, speed, joins, passing):
            return True
    return False
