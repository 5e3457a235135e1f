"""Where all vehicles are and what every light shows: arrays only, so that a copy of them is a fork."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from madang.systems.traffic.engine.kernel_drivers import RANKS, Drivers
from madang.systems.traffic.engine.kernel_streets import (
    Bytes,
    Floats,
    Ints,
    Programs,
    Records,
    Streets,
)
from madang.systems.traffic.engine.kernel_ways import WAY, ways

NEVER = 1e18
NONE = -1
FLOWING = RANKS
"""The rank of a vehicle that did not stand in the queue."""

AT_HOME, AT_THE_KERB, ON_A_LANE, IN_A_CROSSING, ARRIVED = range(5)
"""Where a vehicle is: not yet wishing to leave; wishing, but its street is full; driving or queueing;
waiting within a crossing for a gap; done."""

DEPARTED, BUSY = range(2)
"""Cursors: how many of the order wished to leave; how many edges have somebody at the kerb."""

LANE = np.dtype(
    [
        ("used", "f8"),
        ("entry", "f8"),
        ("green", "f8"),
        ("left", "f8"),
        ("gone", "i4"),
        ("head", "i4"),
        ("tail", "i4"),
        ("first", "i4"),
        ("edge", "i4"),
        ("ring", "i4"),
        ("mask", "i4"),
        ("rank", "u1"),
        ("stood", "u1"),
        ("open", "u1"),
    ],
    align=True,
)
EDGE = np.dtype(
    [("speed", "f8"), ("kerb_first", "i4"), ("kerb_last", "i4"), ("astray", "i4")], align=True
)
TURN = np.dtype([("last", "f8"), ("waiting", "i4")], align=True)
PLACE = np.dtype([("until", "f8"), ("vehicle", "i4"), ("kind", "u1")], align=True)
COLUMN = np.dtype([("since", "f8"), ("light", "u1")], align=True)
SIGNAL = np.dtype([("until", "f8"), ("plan", "i4")], align=True)
VEHICLE = np.dtype(
    [
        ("depart", "f8"),
        ("factor", "f8"),
        ("since", "f8"),
        ("free", "f8"),
        ("arrive", "f8"),
        ("lane", "i4"),
        ("turn", "i4"),
        ("at", "i4"),
        ("end", "i4"),
        ("next", "i4"),
        ("kind", "u1"),
        ("where", "u1"),
    ],
    align=True,
)
LINE = 64
"""Bytes that come from memory at once; a lane and a vehicle are as long."""


class State(NamedTuple):
    """V vehicles, L lanes, T turns, E edges, C columns, S signals. Times are seconds of the clock.

    ready: when a lane's first vehicle can cross at the earliest (if it stood, when to look again).
    lanes: `first` is that vehicle, `entry` when the last one came, `left` when the last one crossed the
    stop line, `used` the room taken (m). Its ring (the road's, of mask + 1 places) holds, from `gone` on,
    vehicles that left but whose hole has not reached the lane's beginning (`until`), then from `head` to
    before `tail` those present; `head` and `gone` only grow. edges: `astray`, how many stand in a lane that
    does not lead on.
    vehicles: `at` and `end` point into routes; `since` it entered its edge, `free` it would reach the end
    alone, `arrive` it does so behind others; who arrived did so at `arrive`. waits: who waits within
    crossings. routes: edges; ways, beside them: from which lanes each goes on (kernel_ways.WAY).
    """

    clock: Floats
    cursors: Ints
    ready: Floats
    lanes: Records
    edges: Records
    turns: Records
    places: Records
    waits: Ints
    columns: Records
    signals: Records
    vehicles: Records
    routes: Ints
    ways: Records
    order: Ints
    busy: Ints


class Demand(NamedTuple):
    """Vehicles: depart [V] s, kind [V], their routes as edges: route_edges[first[v] : first[v + 1]]."""

    depart: Floats
    kind: Bytes
    route_first: Ints
    route_edges: Ints


def fork(state: State) -> State:
    """A state of its own with the same future."""
    return State._make(on_lines(column) for column in state)


def on_lines(given: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A copy that begins where a line of memory does, so that records as long as a line are on one each."""
    room = np.empty(given.nbytes + LINE, np.uint8)
    first = -room.ctypes.data % LINE
    found = room[first : first + given.nbytes]
    found[...] = given.reshape(-1).view(np.uint8)  # with what lies between the fields
    return found.view(given.dtype).reshape(given.shape)


def beginning(
    roads: Streets, plans: Programs, speeds: Floats, drivers: Drivers, demand: Demand, seed: int
) -> State:
    """The empty network with everybody at home; speeds [E]: limits in m/s. The clock is to be set."""
    routes = demand.route_edges.astype(np.int32)
    return State(
        clock=np.zeros(1),
        cursors=np.zeros(2, np.int32),
        ready=np.full(len(roads.lanes), NEVER),
        lanes=_lanes(roads),
        edges=_edges(speeds),
        turns=_filled(len(roads.turns), TURN, last=-NEVER),
        places=_filled(int(roads.lanes["places"].sum()), PLACE, vehicle=NONE),
        waits=np.full(int(roads.turns["waits"].sum()), NONE, np.int32),
        columns=_filled(int(plans.column_first[-1]), COLUMN, since=-NEVER),
        signals=_signals(plans),
        vehicles=_vehicles(drivers, demand, seed),
        routes=routes,
        ways=ways_of(roads, speeds, demand),
        order=np.argsort(demand.depart, kind="stable").astype(np.int32),
        busy=np.zeros(len(speeds), np.int32),
    )


def ways_of(roads: Streets, speeds: Floats, demand: Demand) -> Records:
    """What the places of these routes say of lanes; speeds [E] m/s."""
    routes = demand.route_edges.astype(np.int32)
    found = _filled(len(routes), WAY)
    ways(roads, np.ascontiguousarray(speeds), routes, demand.route_first.astype(np.int32), found)
    return found


def sent(roads: Streets, state: State, who: Ints, demand: Demand) -> State:
    """The state in which vehicles who [n], none of them on the street, drive the routes of demand [n].

    Ways that were driven go, so that the routes stay as long as those that are still to be driven.
    """
    people = state.vehicles
    people["at"][who], people["end"][who] = demand.route_first[:-1], demand.route_first[1:]
    people["depart"][who] = np.maximum(demand.depart, state.clock[0])
    for name, value in (("lane", NONE), ("turn", NONE), ("next", NONE), ("where", AT_HOME)):
        people[name][who] = value
    people["arrive"][who] = NEVER
    new = np.zeros(len(people), bool)
    new[who] = True
    return _rejoined(roads, state, new, demand)._replace(order=_reordered(state, new))


def rerouted(roads: Streets, state: State, who: Ints, demand: Demand) -> State:
    """The state in which vehicles who [n], all of them on the street, drive on by the routes of demand
    [n]; their turns are to be set."""
    people = state.vehicles
    people["at"][who], people["end"][who] = demand.route_first[:-1], demand.route_first[1:]
    new = np.zeros(len(people), bool)
    new[who] = True
    return _rejoined(roads, state, new, demand)


def recount_astray(roads: Streets, state: State) -> None:
    """Count anew who stands in a lane that their turn is not made from."""
    people = state.vehicles[
        (state.vehicles["where"] == ON_A_LANE) & (state.vehicles["turn"] != NONE)
    ]
    edge = roads.lanes["edge"][people["lane"]]
    slot = (people["lane"] - roads.edges["first_lane"][edge]).astype(np.uint32)
    wrong = roads.turns["from_lanes"][people["turn"]] >> slot & 1 == 0
    state.edges["astray"] = np.bincount(edge[wrong], minlength=len(state.edges))


def _rejoined(roads: Streets, state: State, new: npt.NDArray[np.bool_], demand: Demand) -> State:
    """The routes that are still to be driven, those of the new behind them; pointers into them set."""
    people = state.vehicles
    driving = np.flatnonzero(~new & (people["where"] != ARRIVED))
    left = people["end"][driving] - people["at"][driving]
    first = np.concatenate([[0], np.cumsum(left)]).astype(np.int32)
    at = np.repeat(people["at"][driving] - first[:-1], left) + np.arange(first[-1])
    people["at"][driving], people["end"][driving] = first[:-1], first[1:]
    done = ~new & (people["where"] == ARRIVED)
    people["at"][done] = people["end"][done] = 0
    people["at"][new] += len(at)
    people["end"][new] += len(at)
    routes = demand.route_edges.astype(np.int32)
    new_ways = ways_of(roads, state.edges["speed"], demand)
    return state._replace(
        routes=np.concatenate([state.routes[at], routes]),
        ways=on_lines(np.concatenate([state.ways[at], new_ways])),
    )


def _reordered(state: State, new: npt.NDArray[np.bool_]) -> Ints:
    """Who is still to leave, in the order of leaving; the cursor stands at its beginning."""
    waiting = state.order[state.cursors[DEPARTED] :]
    leaving = np.concatenate([waiting[~new[waiting]], np.flatnonzero(new)])
    state.cursors[DEPARTED] = 0
    order = np.lexsort((leaving, state.vehicles["depart"][leaving]))
    return leaving[order].astype(np.int32)


def _filled(count: int, dtype: np.dtype[np.void], **values: float) -> Records:
    found = np.zeros(count, dtype)
    for name, value in values.items():
        found[name] = value
    return on_lines(found)


def _lanes(roads: Streets) -> Records:
    found = _filled(
        len(roads.lanes), LANE,
        entry=-NEVER, green=-NEVER, left=-NEVER, rank=FLOWING, open=1, first=NONE,
    )  # fmt: skip
    for name in ("edge", "ring"):
        found[name] = roads.lanes[name]
    found["mask"] = roads.lanes["places"] - 1
    return found


def _edges(speeds: Floats) -> Records:
    found = _filled(len(speeds), EDGE, kerb_first=NONE, kerb_last=NONE)
    found["speed"] = speeds
    return found


def _signals(plans: Programs) -> Records:
    found = _filled(len(plans.column_first) - 1, SIGNAL, until=-NEVER)
    found["plan"] = plans.plan_first[:-1]
    return found


def _vehicles(drivers: Drivers, demand: Demand, seed: int) -> Records:
    found = _filled(len(demand.depart), VEHICLE, lane=NONE, turn=NONE, next=NONE, arrive=NEVER)
    found["depart"], found["kind"] = demand.depart, demand.kind
    found["at"], found["end"] = demand.route_first[:-1], demand.route_first[1:]
    found["factor"] = factors(drivers, demand.kind, seed)
    return found


def factors(drivers: Drivers, kind: npt.NDArray[np.uint8], seed: int) -> Floats:
    """How fast each drives against the limit: SUMO's normal distribution, cut at 0.2 and 2."""
    drawn = np.random.default_rng(seed).standard_normal(len(kind))
    return np.clip(drivers.factor[kind] + drivers.deviation[kind] * drawn, 0.2, 2.0)
