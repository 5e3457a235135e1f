"""Traffic on a network, vehicle by vehicle in queues: run it, change the street while it runs, fork it.

Mesoscopic: a vehicle is reckoned where something happens to it (it leaves home, reaches a stop line,
crosses, arrives), not every second. docs/systems/traffic.md says what the model holds and how near it
comes to SUMO.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from madang.systems.traffic.engine import kernel_state as states
from madang.systems.traffic.engine.kernel_counts import Counts, counts
from madang.systems.traffic.engine.kernel_drivers import Drivers, Kind, drivers
from madang.systems.traffic.engine.kernel_places import (
    Positions,
    Progress,
    positions,
    progress,
)
from madang.systems.traffic.engine.kernel_state import Demand
from madang.systems.traffic.engine.kernel_step import STEP_S, advance, present
from madang.systems.traffic.engine.kernel_streets import Programs, Streets, programs, streets
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.engine.signals import DAY_S

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

MOST_VEHICLES = 5_000_000
HOLIDAY = 7


class BadDemandError(ValueError):
    """Demand that cannot be driven: what is wrong (a word for sentences) and of which vehicle."""

    def __init__(self, what: str, vehicle: int | None = None) -> None:
        super().__init__(what if vehicle is None else f"{what}: vehicle {vehicle}")
        self.what, self.vehicle = what, vehicle


class Given(NamedTuple):
    """What stays the same in all forks of a simulation."""

    network: Network
    roads: Streets
    plans: Programs
    drivers: Drivers
    days: tuple[int, ...]


@dataclass(frozen=True)
class Queues:
    """Now, by lane [L]: vehicles that reached the queue or the stop line and wait, and on the lane."""

    waiting: Ints
    present: Ints


def demand(
    network: Network,
    depart: Sequence[float] | Floats,
    routes: Sequence[Sequence[int]],
    kind: Sequence[int] | None = None,
) -> Demand:
    """Vehicles with their routes as edge numbers; BadDemandError where one cannot be driven.

    depart: seconds, finite; kind: numbers into the kinds that the simulation is given (0 by default).
    """
    first = np.zeros(len(routes) + 1, np.int32)
    np.cumsum([len(route) for route in routes], out=first[1:])
    edges = np.fromiter((edge for route in routes for edge in route), np.int32, int(first[-1]))
    kinds = np.zeros(len(routes), np.uint8) if kind is None else np.asarray(kind, np.uint8)
    made = Demand(np.asarray(depart, np.float64), kinds, first, edges)
    _check(network, made)
    return made


def _check(network: Network, made: Demand) -> None:
    if not len(made.depart) == len(made.kind) == len(made.route_first) - 1:
        raise BadDemandError("lengths-differ")
    if len(made.depart) > MOST_VEHICLES:
        raise BadDemandError("too-many-vehicles")
    _refuse("departure-not-a-number", ~np.isfinite(made.depart))
    _refuse("route-empty", np.diff(made.route_first) == 0)
    of = np.repeat(np.arange(len(made.depart)), np.diff(made.route_first))
    unknown = (made.route_edges < 0) | (made.route_edges >= len(network.edges))
    _refuse("edge-unknown", unknown, of)
    _refuse("no-turn-there", _gaps(network, made, of), of)


def _refuse(
    what: str, wrong: npt.NDArray[np.bool_], of: npt.NDArray[np.int64] | None = None
) -> None:
    if wrong.any():
        first = int(np.argmax(wrong))
        raise BadDemandError(what, first if of is None else int(of[first]))


def _gaps(network: Network, made: Demand, of: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Where a route goes on to an edge that no turn leads to."""
    size, turns = len(network.edges), network.turns
    known = np.unique(turns.from_edge.astype(np.int64) * size + turns.to_edge)
    pair = made.route_edges[:-1].astype(np.int64) * size + made.route_edges[1:]
    return np.asarray((of[:-1] == of[1:]) & ~np.isin(pair, known))


class Simulation:
    """Traffic from second `begin` on. Edges, lanes and turns are numbered as in the network.

    interval: seconds that a row of counts spans; day: 0 Monday to 6 Sunday, 7 a holiday, or those of
    several days from second 0 on (after them the week goes on). The same arguments give the same result
    to the last bit, in any thread.
    """

    def __init__(
        self,
        network: Network,
        travellers: Demand,
        kinds: Sequence[Kind] = (Kind(),),
        *,
        begin: float = 0.0,
        end: float = DAY_S,
        interval: float = 900.0,
        seed: int = 1,
        day: int | Sequence[int] = 0,
    ) -> None:
        if not (np.isfinite([begin, end, interval]).all() and begin < end and interval > 0):
            raise BadDemandError("times-do-not-fit")
        if len(travellers.kind) and travellers.kind.max() >= len(kinds):
            raise BadDemandError("kind-unknown", int(np.argmax(travellers.kind)))
        table = drivers(list(kinds))
        roads, plans = streets(network, table), programs(network)
        self.given = Given(network, roads, plans, table, _days(day))
        limits = np.maximum(network.edges.speed, 1.0)
        self.state = states.beginning(roads, plans, limits, table, travellers, seed)
        self.state.clock[0] = begin
        self.counted = counts(begin, end, interval, len(network.edges), len(network.turns))
        self._choose_plans()

    @property
    def clock(self) -> float:
        return float(self.state.clock[0])

    def run(self, until: float) -> None:
        """Go on to second `until`, in whole steps; signals change their plans at their times of day."""
        given, later = self.given, np.empty(len(self.given.roads.lanes), np.int32)
        while self.clock + STEP_S <= until:
            coming = self._next_turnover()
            stop = float(min(until, max(coming, self.clock + STEP_S)))
            advance(given.roads, given.plans, given.drivers, self.state, self.counted, later, stop)
            if self.clock >= coming:
                self._choose_plans()

    def send(
        self, who: Sequence[int] | Ints, depart: Sequence[float] | Floats,
        routes: Sequence[Sequence[int]],
    ) -> None:  # fmt: skip
        """Have vehicles that are not on the street drive these routes; BadDemandError where one is.

        Who was given a departure that lies in the past wishes to leave at once.
        """
        people, numbers = self.state.vehicles, np.asarray(who, np.int32)
        made = demand(self.given.network, depart, routes)
        if len(made.depart) != len(numbers) or len(np.unique(numbers)) != len(numbers):
            raise BadDemandError("lengths-differ")
        away = np.isin(people["where"][numbers], (states.AT_HOME, states.ARRIVED))
        if not away.all():
            raise BadDemandError("vehicle-on-the-street", int(numbers[int(np.argmin(away))]))
        self.state = states.sent(self.given.roads, self.state, numbers, made)

    def standing(self, waited: float) -> Ints:
        """Who stands first of a lane at its stop line for `waited` seconds: nobody moved there meanwhile."""
        return self._standing(waited)[0]

    def give_up(self, waited: float) -> Ints:
        """Have those who stand first of their lane for `waited` seconds end their drive there; who it is.

        Streets that are full in a ring never empty by themselves; SUMO takes such a vehicle out, too.
        """
        state = self.state
        who, lanes = self._standing(waited)
        state.vehicles["turn"][who] = states.NONE
        state.vehicles["end"][who] = state.vehicles["at"][who] + 1
        states.recount_astray(self.given.roads, state)
        state.ready[lanes] = self.clock
        return who

    def reroute(self, who: Sequence[int] | Ints, routes: Sequence[Sequence[int]]) -> None:
        """Have vehicles on the street drive on by these routes, which begin with the edge that each is on.

        Whose lane does not lead onto the second edge waits in it to be let over; BadDemandError where no
        lane of the street does.
        """
        people, numbers = self.state.vehicles, np.asarray(who, np.int32)
        made = demand(self.given.network, np.zeros(len(routes)), routes)
        if len(routes) != len(numbers) or len(np.unique(numbers)) != len(numbers):
            raise BadDemandError("lengths-differ")
        begins = made.route_edges[made.route_first[:-1]]
        lanes = people["lane"][numbers]
        here = people["where"][numbers] == states.ON_A_LANE
        here &= self.given.roads.lanes["edge"][lanes] == begins
        if not here.all():
            raise BadDemandError("vehicle-not-on-that-street", int(numbers[int(np.argmin(here))]))
        turns = [self._turn(int(v), route) for v, route in zip(numbers, routes, strict=True)]
        self.state = states.rerouted(self.given.roads, self.state, numbers, made)
        people["turn"][numbers] = turns
        states.recount_astray(self.given.roads, self.state)
        stood = lanes[self.state.lanes["stood"][lanes] == 1]
        self.state.ready[stood] = self.clock

    def turns_from(self, vehicle: int) -> Ints:
        """The turns that lead on from the lane that a vehicle is on."""
        roads, turns = self.given.roads, self.given.network.turns
        lane = int(self.state.vehicles["lane"][vehicle])
        edge = int(roads.lanes["edge"][lane])
        slot = lane - int(roads.edges["first_lane"][edge])
        of = np.arange(turns.first[edge], turns.first[edge + 1], dtype=np.int32)
        found: Ints = of[turns.from_lanes[of] >> np.uint32(slot) & 1 == 1]
        return found

    def _turn(self, vehicle: int, route: Sequence[int]) -> int:
        if len(route) < 2:
            return states.NONE
        turns = self.given.network.turns
        of = np.arange(turns.first[route[0]], turns.first[route[0] + 1])
        there = of[turns.to_edge[of] == route[1]]
        if not len(there):
            raise BadDemandError("no-turn-there", vehicle)
        return int(next((turn for turn in self.turns_from(vehicle) if turn in there), there[0]))

    def _standing(self, waited: float) -> tuple[Ints, npt.NDArray[np.int64]]:
        """Who stands first of a lane for so long, and on which lanes."""
        state = self.state
        lanes = np.flatnonzero(state.lanes["head"] < state.lanes["tail"])
        first = state.lanes["first"][lanes]
        since = np.maximum(state.vehicles["arrive"][first], state.lanes["left"][lanes])
        tired = since + waited < self.clock
        return first[tired].astype(np.int32), lanes[tired]

    def fork(self) -> Simulation:
        """Another simulation with the same past; what is changed in one is not changed in the other."""
        twin = object.__new__(Simulation)
        twin.given = self.given
        twin.state = states.fork(self.state)
        twin.counted = Counts._make(column.copy() for column in self.counted)
        return twin

    def close(self, edge: int, lane: int | None = None) -> None:
        """Let nobody onto the edge, or onto one of its lanes, any more; who is on it drives on."""
        self.state.lanes["open"][self._lanes(edge, lane)] = 0

    def open(self, edge: int, lane: int | None = None) -> None:
        """Undo `close`."""
        self.state.lanes["open"][self._lanes(edge, lane)] = 1

    def limit(self, edge: int, speed: float) -> None:
        """A speed limit in m/s from now on, for who enters the edge."""
        if not (np.isfinite(speed) and speed > 0):
            raise BadDemandError("speed-not-above-nought")
        self.state.edges["speed"][edge] = max(speed, 1.0)

    def observed(self) -> Counts:
        """The counts with those who are still driving; rows are intervals, columns edges."""
        seen = Counts._make(column.copy() for column in self.counted)
        present(self.given.roads, self.state, seen)
        return seen

    def travel_times(self) -> Floats:
        """Seconds from the wish to leave to the arrival, by vehicle; NaN while it has not arrived."""
        people = self.state.vehicles
        done = people["where"] == states.ARRIVED
        return np.where(done, people["arrive"] - people["depart"], np.nan)

    def queues(self) -> Queues:
        people = self.state.vehicles
        here = people["where"] == states.ON_A_LANE
        waits = here & (people["arrive"] < self.clock)
        lanes = len(self.given.roads.lanes)
        return Queues(
            np.bincount(people["lane"][waits], minlength=lanes).astype(np.int32),
            np.bincount(people["lane"][here], minlength=lanes).astype(np.int32),
        )

    def progress(self) -> Progress:
        """How far everybody on the street is along it now."""
        return progress(self.given.roads, self.given.drivers, self.state)

    def positions(self) -> Positions:
        """Where everybody on the street is now, for drawing."""
        return positions(self.given.network, self.given.roads, self.given.drivers, self.state)

    def _lanes(self, edge: int, lane: int | None) -> slice:
        road = self.given.roads.edges[edge]
        if lane is None:
            return slice(int(road["first_lane"]), int(road["first_lane"] + road["lanes"]))
        if not 0 <= lane < road["lanes"]:
            raise BadDemandError("lane-unknown")
        return slice(int(road["first_lane"]) + lane, int(road["first_lane"]) + lane + 1)

    def _choose_plans(self) -> None:
        signals, now = self.given.network.signals, self.clock
        for signal in np.flatnonzero(np.diff(signals.turnover_first)):
            plan = signals.plan_at(int(signal), now % DAY_S, self._day(now))
            if plan != self.state.signals["plan"][signal]:
                self.state.signals["plan"][signal] = plan
                self.state.signals["until"][signal] = -states.NEVER
        lanes = self.state.lanes
        waits = (lanes["stood"] == 1) & (lanes["head"] < lanes["tail"])
        self.state.ready[waits] = now  # who waits looks at the new light

    def _day(self, now: float) -> int:
        days, number = self.given.days, int(now // DAY_S)
        if 0 <= number < len(days):
            return days[number]
        last = days[-1]
        return last if last == HOLIDAY else (last + number - len(days) + 1) % HOLIDAY

    def _next_turnover(self) -> float:
        starts = self.given.network.signals.turnover_start
        if len(starts) == 0:
            return states.NEVER
        midnight = self.clock // DAY_S * DAY_S
        coming = np.concatenate([starts + midnight, starts + midnight + DAY_S])
        return float(coming[coming > self.clock].min())


def _days(day: int | Sequence[int]) -> tuple[int, ...]:
    return (day,) if isinstance(day, int) else tuple(day)


def warm() -> None:
    """Compile the inner loops on the types they are used with."""
    from madang.systems.traffic.engine.build import build
    from madang.systems.traffic.engine.draft import Draft, DraftEdge, DraftNode
    from madang.systems.traffic.engine.repair import repair

    nodes = [DraftNode(name, 100.0 * n, 0.0) for n, name in enumerate("abc")]
    edges = [DraftEdge("ab", "a", "b", 100, 10, 1), DraftEdge("bc", "b", "c", 100, 10, 1)]
    network = build(repair(Draft(nodes, edges))[0])
    simulation = Simulation(network, demand(network, [0.0], [[0, 1]]), end=60.0)
    simulation.run(60.0)
    simulation.observed()
