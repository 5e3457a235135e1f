"""The street's traffic: vehicles with a device and thousands without, driven by the traffic engine's kernel.

How many drive follows the hour, the kind of day and the weather; whoever has arrived stands for a while
and drives on from there, by the way that is quickest as the street is now. Most hear of a closed road at
once and drive around it; who stands too long takes another way. Nobody outside looks in here but devices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from madang.demo.world.street import Bools, Floats, Ints, Street
from madang.demo.world.works import Work, Works
from madang.systems.traffic.domain.days import HOLIDAY, day_type
from madang.systems.traffic.engine.kernel import Simulation
from madang.systems.traffic.engine.kernel_drivers import Kind
from madang.systems.traffic.engine.kernel_state import (
    ARRIVED,
    AT_HOME,
    ON_A_LANE,
    Demand,
)
from madang.systems.traffic.engine.kernel_streets import Records
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.engine.reach import islands
from madang.systems.traffic.engine.routes import Router, Weights
from madang.systems.traffic.engine.signals import DAY_S

KST = 9 * 3600.0
NEVER_YET = 1e12  # a departure that is not thought of
YEARS = 10 * 365 * DAY_S
KINDS = (Kind(), Kind(length=11.0, accel=1.2, decel=4.0, max_speed=25.0, speed_dev=0.05))
CAR, BUS = 0, 1

A_LANE_KM = 3.5  # cars without a device that drive at the busiest hour, by km of lanes
SPARE = 1.15  # of these, how many there are: days differ
QUIETEST = 0.12  # share of them that drive in the dead of night
AT_WEEKENDS = {5: 0.88, 6: 0.76, HOLIDAY: 0.72}  # of a working day's
WET_DRIVES_MORE, WET_STAYS_IN = 1.05, 0.85  # to work by car in rain; at weekends one stays at home
DAYS_DIFFER = 0.04  # standard deviation of how busy days of one kind are
IN_RAIN = 0.85  # share of the limit that is driven in rain
WET = 1.0  # mm/h from which it is driven like that
PATIENCE = 240.0  # seconds that one stands first of a lane before one ends the drive there
TURNS_AWAY = 160.0  # seconds after which one who stands first takes another way, if there is one
INFORMED = 0.7  # share of drivers who hear of a closed road at once
ASTRAY = 0.04  # share of signals whose controller runs its plan of the night all day
PLANNED = 400  # days from the first on whose kind is known
SENDS = 10.0  # seconds between two looks at who stands
STANDS = (20.0, 120.0)  # seconds that one stands between two drives
WARM_UP = 600.0  # seconds that traffic drives before anybody looks
FAR = 3000.0  # metres: a drive's length, on average
TRIED = 8  # places that a driver thinks of
LOOKS = 120.0  # seconds between two looks at how quick the streets are
SLOWEST = 0.2
REMEMBERED = 0.5  # share of what was known before in what is known now


class Flow(NamedTuple):
    """What passed on streets since the traffic began, by street: who entered, vehicle-seconds on it, and
    vehicle-seconds lost against driving freely."""

    entered: Floats
    present: Floats
    lost: Floats


@dataclass(frozen=True)
class Shown:
    """Where vehicles with a device are [n]: the link of the street, metres along it, m/s."""

    link: Ints
    along: Floats
    v: Floats


class Traffic:
    """Traffic on the links of `street` that the network has too; buses are those of the first `devices`
    vehicles that `is_bus` names. The same seed drives the same way."""

    def __init__(
        self, network: Network, street: Street, is_bus: Bools, seed: int, now: float
    ) -> None:
        self._random = np.random.default_rng([seed, 5])
        self._street, self._began = street, now - WARM_UP
        self._link_of, self.edge_of = _same(network, street)
        self._seed = seed
        network = _astray(network, np.random.default_rng([seed, 8]))
        self._routes = Router(network)
        self._weights: Weights = self._routes.free
        self.network = network
        self._works = Works(network)
        self._closed = self._works.closed()
        edges = network.edges
        self._open = np.flatnonzero((islands(network) == 0) & (self._link_of >= 0))
        pull = (edges.lanes**1.5 * edges.speed * np.sqrt(edges.length))[self._open]
        self._pull = np.cumsum(pull) / pull.sum()
        self.devices = len(is_bus)
        lanes_km = float((edges.length * edges.lanes)[self._open].sum()) / 1000
        self._busiest = A_LANE_KM * lanes_km
        self.cars = round(SPARE * self._busiest)
        self._midnight = (self._began + KST) // DAY_S * DAY_S - KST
        self._days = _day_types(self._midnight)
        self._simulation = self._made(is_bus, seed)
        self._at: Ints = self._places(self.devices + self.cars)
        self._stands: Floats = self._random.uniform(0.0, STANDS[1], self.devices + self.cars)
        self._told: Floats = edges.length / edges.speed
        self._due, self._looks = self._began, self._began + LOOKS
        self.gave_up = self.turned_away = 0
        self._before = self.flow()
        link = self._link_of[self._at[: self.devices]]
        self.shown = Shown(link, street.length[link] - 1e-3, np.zeros(self.devices))
        self._wet = False
        self._limits: Floats = network.edges.speed.copy()
        for early in np.arange(self._began + SENDS, now + 0.5, SENDS):
            self.step(float(early), 0.0)

    def step(self, now: float, rain: float) -> None:
        """Let traffic go on until now (Unix seconds); rain in mm/h."""
        self._wet = rain > WET
        if now >= self._due:
            self._due = now + SENDS
            self._end_works(now)
            self._drive_by_limits()
            self._turn_away(self._simulation.standing(TURNS_AWAY).astype(np.int64))
            self._gave_up(self._simulation.give_up(PATIENCE).astype(np.int64))
            self._send(now)
        if now >= self._looks:
            self._looks = now + LOOKS
            self._learn()
        self._simulation.run(now - self._midnight)
        self._show()

    def flow(self) -> Flow:
        """What passed by now; a detector says by how much it grew."""
        seen = self._simulation.observed()
        return Flow(seen.entered[0].astype(np.float64), seen.present[0], seen.lost[0])

    def speed(self) -> Floats:
        """What is driven at most now by street of the network, m/s."""
        return self._works.speed() * (IN_RAIN if self._wet else 1.0)

    def obstruct(self, work: Work) -> None:
        """Put something in the way until its time is over; those who hear of it drive around it."""
        self._works.add(work)
        self._apply(work.edge)
        if self._closed[work.edge]:
            self._inform(work.edge)

    def turned(self) -> Ints:
        """How many crossed their stop line for each turn of the network since the traffic began."""
        return np.asarray(self._simulation.counted.turned[0], dtype=np.int64)

    def plans(self) -> Ints:
        """The plan that each signal runs, whatever its table says."""
        return np.asarray(self._simulation.state.signals["plan"], dtype=np.int64)

    @property
    def clock(self) -> float:
        """Seconds of the signals' day, on from the midnight before the traffic began."""
        return self._simulation.clock

    def people(self) -> tuple[Records, Ints]:
        """Everybody's row of the kernel, and the street of the network that each is on, -1 on none."""
        people = self._simulation.state.vehicles
        on = people["where"] == ON_A_LANE
        edge = self._simulation.given.roads.lanes["edge"][people["lane"]]
        return people, np.where(on, edge, -1)

    def room(self, edge: int) -> float:
        """Metres of lanes on a street of the network."""
        edges = self.network.edges
        return float(edges.length[edge] * edges.lanes[edge])

    @property
    def driving(self) -> int:
        """How many are on the street."""
        where = self._simulation.state.vehicles["where"]
        return int(((where != AT_HOME) & (where != ARRIVED)).sum())

    def wanted(self, now: float) -> int:
        """How many cars without a device should drive at that time."""
        hour, number = (now + KST) / 3600 % 24, int((now - self._midnight) // DAY_S)
        kind = self._days[number % len(self._days)]
        if kind in AT_WEEKENDS:
            busy = 0.75 * math.exp(-((hour - 15.0) ** 2) / 22.0)
        else:
            morning = math.exp(-((hour - 8.2) ** 2) / 2.2)
            evening = math.exp(-((hour - 18.2) ** 2) / 3.0)
            busy = max(morning, evening, 0.62 * math.exp(-((hour - 13.5) ** 2) / 30.0))
        share = QUIETEST + (1 - QUIETEST) * busy
        wet = 1.0
        if self._wet:
            wet = WET_STAYS_IN if kind in AT_WEEKENDS else WET_DRIVES_MORE
        drawn = np.random.default_rng([self._seed, 7, number]).normal(1.0, DAYS_DIFFER)
        return min(
            round(share * AT_WEEKENDS.get(kind, 1.0) * wet * drawn * self._busiest), self.cars
        )

    def _made(self, is_bus: Bools, seed: int) -> Simulation:
        """The empty street with everybody at home; the kind of day is that of the signals' plans."""
        count = self.devices + self.cars
        kinds = np.zeros(count, np.uint8)
        kinds[: self.devices] = np.where(is_bus, BUS, CAR)
        first = np.arange(count + 1, dtype=np.int32)
        nowhere = np.full(count, self._open[0], np.int32)
        begin = self._began - self._midnight
        return Simulation(
            self.network,
            Demand(np.full(count, NEVER_YET), kinds, first, nowhere),
            KINDS,
            begin=begin,
            end=begin + YEARS,
            interval=YEARS,
            seed=seed,
            day=self._days,
        )

    def _places(self, count: int) -> Ints:
        drawn = np.searchsorted(self._pull, self._random.random(count))
        return self._open[np.minimum(drawn, len(self._open) - 1)]

    def _send(self, now: float) -> None:
        """Those with a device who have stood long enough, and as many others as are wanted, drive on."""
        rested = self._rested(now - self._midnight)
        with_device = np.flatnonzero(rested[: self.devices])
        others = np.flatnonzero(rested[self.devices :]) + self.devices
        missing = max(0, min(len(others), self.wanted(now) - self._cars_out()))
        chosen = np.sort(self._random.choice(others, missing, replace=False))
        # Cars without a device begin anywhere: nobody saw where the last one ended.
        self._at[chosen] = self._places(missing)
        ways = [(who, self._way(int(self._at[who]))) for who in (*with_device, *chosen)]
        going = [(who, way) for who, way in ways if way]
        if going:
            numbers = np.array([who for who, _ in going], dtype=np.int32)
            leave = now - self._midnight + self._random.random(len(going)) * SENDS
            self._simulation.send(numbers, leave, [way for _, way in going])
            self._at[numbers] = [way[-1] for _, way in going]
            self._stands[numbers] = self._random.uniform(*STANDS, len(going))

    def _end_works(self, now: float) -> None:
        for edge in self._works.end(now):
            self._apply(edge)

    def _apply(self, edge: int) -> None:
        """Close and open what the works have it now, and tell drivers who ask for a way."""
        self._simulation.open(edge)
        for lane in self._works.lanes(edge):
            self._simulation.close(edge, lane)
        self._drive_by_limits()
        self._weigh()

    def _inform(self, edge: int) -> None:
        """Most of those on the street whose way leads over a closed one take another."""
        state = self._simulation.state
        people = state.vehicles
        concerned: set[int] = set()
        for at in np.flatnonzero(state.routes == edge).tolist():
            later = (people["where"] == ON_A_LANE) & (people["at"] < at) & (at < people["end"])
            concerned.update(np.flatnonzero(later).tolist())
        who = np.array(sorted(concerned), dtype=np.int64)
        self._turn_away(who[self._random.random(len(who)) < INFORMED], also_on=True)

    def _turn_away(self, who: Ints, also_on: bool = False) -> None:
        """Have them go on by another way, if their lane has one; also_on: it may begin as theirs did."""
        ways = [(vehicle, self._other_way(vehicle, also_on)) for vehicle in who.tolist()]
        going = [(vehicle, way) for vehicle, way in ways if way]
        if going:
            numbers = np.array([vehicle for vehicle, _ in going], dtype=np.int32)
            self._simulation.reroute(numbers, [way for _, way in going])
            self._at[numbers] = [way[-1] for _, way in going]
            self.turned_away += len(going)

    def _other_way(self, vehicle: int, also_on: bool) -> list[int] | None:
        """The quickest way on from the lane that one is on to where one wants to go."""
        state, turns = self._simulation.state, self.network.turns
        at, end = (int(state.vehicles[name][vehicle]) for name in ("at", "end"))
        if end - at < 2:
            return None
        here, following, goal = (int(state.routes[n]) for n in (at, at + 1, end - 1))
        onto = {int(turns.to_edge[turn]) for turn in self._simulation.turns_from(vehicle)}
        onto -= set() if also_on else {following}
        ways = [
            self._routes.way(start, goal, self._weights)
            for start in sorted(onto)
            if not self._closed[start]
        ]
        found = [way for way in ways if way is not None]
        best = min(found, key=lambda way: way.seconds + self._told[way.edges[0]], default=None)
        return [here, *(int(edge) for edge in best.edges)] if best else None

    def _gave_up(self, who: Ints) -> None:
        """They drive on from where they are."""
        self.gave_up += len(who)
        state = self._simulation.state
        self._at[who] = self._simulation.given.roads.lanes["edge"][state.vehicles["lane"][who]]

    def _rested(self, clock: float) -> Bools:
        """Who stands and may drive on: never sent before, or long enough there."""
        people = self._simulation.state.vehicles
        fresh = (people["where"] == AT_HOME) & (people["depart"] >= NEVER_YET)
        rested = (people["where"] == ARRIVED) & (people["ended"] + self._stands <= clock)
        first = fresh & (self._began - self._midnight + self._stands <= clock)
        return np.asarray(first | rested)

    def _cars_out(self) -> int:
        """How many without a device are on the street or about to be."""
        people = self._simulation.state.vehicles[self.devices :]
        stands = (people["where"] == ARRIVED) | (people["depart"] >= NEVER_YET)
        return int(len(people) - stands.sum())

    def _way(self, edge: int) -> list[int] | None:
        """A drive from the end of a street to a place that is not too far; None where none was found."""
        turns = self.network.turns
        onto = turns.to_edge[turns.first[edge] : turns.first[edge + 1]]
        onto = onto[np.isin(onto, self._open) & ~self._closed[onto]]
        if not len(onto):
            return None
        start = int(self._random.choice(onto))
        found = self._routes.way(start, self._goal(start), self._weights)
        return [int(edge) for edge in found.edges] if found is not None else None

    def _goal(self, start: int) -> int:
        """One of a few places, nearer ones rather."""
        places = self._places(TRIED)
        edges, nodes = self.network.edges, self.network.nodes
        here, there = edges.to_node[start], edges.to_node[places]
        metres = np.hypot(nodes.x[there] - nodes.x[here], nodes.y[there] - nodes.y[here])
        rather = np.exp(-metres / FAR) * (places != start) + 1e-12
        return int(self._random.choice(places, p=rather / rather.sum()))

    def _learn(self) -> None:
        """What the streets take now, as drivers hear of it: half new, half as it was said before."""
        now, before = self.flow(), self._before
        self._before = now
        passed = now.entered - before.entered
        free = self.network.edges.length / self.network.edges.speed
        lost = (now.lost - before.lost) / np.maximum(passed, 1.0)
        told = free + np.clip(lost, 0.0, 600.0)
        self._told = REMEMBERED * self._told + (1 - REMEMBERED) * told
        self._weigh()

    def _weigh(self) -> None:
        """What drivers reckon with: how long the streets take, and which are closed."""
        least = self.network.edges.length / self._works.speed()
        self._closed = self._works.closed()
        told = self._routes.weights(np.maximum(self._told, least), self._closed)
        self._weights = self._routes.learned(told)

    def paces(self) -> Floats:
        """By link of the street: the share of its speed at which it is driven, stops counted in."""
        found = np.ones(len(self._street))
        known = self._link_of >= 0
        edges = self.network.edges
        share = edges.length / edges.speed / np.maximum(self._told, 1e-9)
        found[self._link_of[known]] = np.clip(share[known], SLOWEST, 1.0)
        return found

    def _drive_by_limits(self) -> None:
        now = self.speed()
        for edge in np.flatnonzero(now != self._limits).tolist():
            self._simulation.limit(edge, float(now[edge]))
        self._limits = now

    def _show(self) -> None:
        """Move what is shown to where the kernel has them; who stands stays where it was."""
        found = self._simulation.progress()
        mine = found.vehicle < self.devices
        who, edge = found.vehicle[mine], found.edge[mine]
        seen = self.shown
        link, along = seen.link.copy(), seen.along.copy()
        link[who] = self._link_of[edge]
        along[who] = np.minimum(found.along[mine], self._street.length[link[who]] - 1e-3)
        people = self._simulation.state.vehicles[who]
        clock = self._simulation.clock
        took = np.maximum(people["arrive"] - people["since"], 1.0)
        rolls = (clock >= people["since"]) & (clock < people["arrive"])
        v = np.zeros(self.devices)
        v[who] = np.where(rolls, self.network.edges.length[edge] / took, 0.0)
        self.shown = Shown(link, np.maximum(along, 0.0), v)


def _day_types(midnight: float) -> tuple[int, ...]:
    """The kinds of the days from that midnight on."""
    first = date(1970, 1, 1) + timedelta(days=round((midnight + KST) / DAY_S))
    return tuple(day_type(first + timedelta(days=n)) for n in range(PLANNED))


def _astray(network: Network, random: np.random.Generator) -> Network:
    """The network as it runs: a few controllers have lost their table and run one plan all day."""
    signals = network.signals
    plans = signals.turnover_plan.copy()
    for signal in np.flatnonzero(random.random(len(signals)) < ASTRAY).tolist():
        begin, end = signals.turnover_first[signal : signal + 2]
        plans[begin:end] = signals.plan_first[signal]
    return replace(network, signals=replace(signals, turnover_plan=plans))


def _same(network: Network, street: Street) -> tuple[Ints, dict[str, int]]:
    """For each edge of the network the street's link of the same key, -1 where there is none; and the
    edge by key."""
    links = {key: link for link, key in enumerate(street.keys)}
    found = np.array([links.get(key, -1) for key in network.edges.ids], dtype=np.int64)
    return found, {key: edge for edge, key in enumerate(network.edges.ids)}
