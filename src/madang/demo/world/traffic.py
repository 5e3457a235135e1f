"""The street's traffic: vehicles with a device and thousands without, driven by the traffic engine's kernel.

How many drive follows the hour, the kind of day and the weather; whoever has arrived stands for a while
and drives on from there, by the way that is quickest as the street is now. Most hear of a closed road at
once and drive around it; who stands too long takes another way. Nobody outside looks in here but devices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from madang.demo.world.drivers import Days, Drivers
from madang.demo.world.making_way import Hurry, fastest, kept_free
from madang.demo.world.street import Bools, Floats, Ints, Street
from madang.demo.world.works import Work, Works
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
from madang.systems.traffic.engine.signals import DAY_S

NEVER_YET = 1e12  # a departure that is not thought of
YEARS = 10 * 365 * DAY_S
KINDS = (Kind(), Kind(length=11.0, accel=1.2, decel=4.0, max_speed=25.0, speed_dev=0.05))
CAR, BUS = 0, 1

IN_RAIN = 0.85  # share of the limit that is driven in rain
WET = 1.0  # mm/h from which it is driven like that
PATIENCE = 240.0  # seconds that one stands first of a lane before one ends the drive there
TURNS_AWAY = 160.0  # seconds after which one who stands first takes another way, if there is one
INFORMED = 0.7  # share of drivers who hear of a closed road at once
ASTRAY = 0.04  # share of signals whose controller runs its plan of the night all day
SENDS = 10.0  # seconds between two looks at who stands
STANDS = (20.0, 120.0)  # seconds that one stands between two drives
WARM_UP = 600.0  # seconds that traffic drives before anybody looks
LOOKS = 120.0  # seconds between two looks at how quick the streets are


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
        self._edge_at = np.full(len(street), -1)
        self._edge_at[self._link_of[self._link_of >= 0]] = np.flatnonzero(self._link_of >= 0)
        self._kept_free: set[int] = set()
        self.network = _astray(network, np.random.default_rng([seed, 8]))
        self._works = Works(self.network)
        self._drivers = Drivers(self.network, self._link_of >= 0)
        self._days = Days(self._began, self._drivers.places.busiest, seed)
        self._midnight = self._days.midnight
        self.devices, self.cars = len(is_bus), self._days.cars
        self._simulation = self._made(is_bus, seed)
        self._at: Ints = self._places(self.devices + self.cars)
        self._stands: Floats = self._random.uniform(0.0, STANDS[1], self.devices + self.cars)
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
        if self._drivers.closed[work.edge]:
            self._inform(work.edge)

    def make_way(self, link: Ints, along: Floats, then: Ints) -> Floats:
        """Have others wait for those who hurry: links of the street, metres along them, the links that they
        take next (-1: none). How fast each of them gets on at most, m/s; NaN off the network."""
        edge, after = self._edge_at[link], np.where(then < 0, -1, self._edge_at[then])
        known = np.flatnonzero(edge >= 0)
        those = [Hurry(int(edge[n]), float(along[n]), int(after[n])) for n in known]
        free = kept_free(self.network, those)
        for street in self._kept_free ^ free:
            self._kept_free ^= {street}
            self._let_in(street)
        found = np.full(len(link), np.nan)
        if len(known):
            lanes = self._simulation.given.roads.lanes["edge"]
            found[known] = fastest(
                self.network, self._simulation.queues(), lanes, edge[known], along[known]
            )
        return found

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
        return self._days.wanted(now, self._wet)

    def _made(self, is_bus: Bools, seed: int) -> Simulation:
        """The empty street with everybody at home; the kind of day is that of the signals' plans."""
        count = self.devices + self.cars
        kinds = np.zeros(count, np.uint8)
        kinds[: self.devices] = np.where(is_bus, BUS, CAR)
        first = np.arange(count + 1, dtype=np.int32)
        nowhere = np.full(count, self._drivers.places.open[0], np.int32)
        begin = self._began - self._midnight
        return Simulation(
            self.network,
            Demand(np.full(count, NEVER_YET), kinds, first, nowhere),
            KINDS,
            begin=begin,
            end=begin + YEARS,
            interval=YEARS,
            seed=seed,
            day=self._days.kinds,
        )

    def _places(self, count: int) -> Ints:
        return self._drivers.places.draw(count, self._random)

    def _send(self, now: float) -> None:
        """Those with a device who have stood long enough, and as many others as are wanted, drive on."""
        rested = self._rested(now - self._midnight)
        with_device = np.flatnonzero(rested[: self.devices])
        others = np.flatnonzero(rested[self.devices :]) + self.devices
        missing = max(0, min(len(others), self.wanted(now) - self._cars_out()))
        chosen = np.sort(self._random.choice(others, missing, replace=False))
        # Cars without a device begin anywhere: nobody saw where the last one ended.
        self._at[chosen] = self._places(missing)
        drive = self._drivers.way
        ways = [(who, drive(int(self._at[who]), self._random)) for who in (*with_device, *chosen)]
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
        self._let_in(edge)
        self._drive_by_limits()
        self._weigh()

    def _let_in(self, edge: int) -> None:
        """Let others onto the lanes that are not closed, unless somebody who hurries has the street."""
        self._simulation.open(edge)
        if edge in self._kept_free:
            self._simulation.close(edge)
        for lane in self._works.lanes(edge):
            self._simulation.close(edge, lane)

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
        """Have them go on by another way, if there is one; also_on: it may begin as theirs did."""
        ways = [(vehicle, self._other_way(vehicle, also_on)) for vehicle in who.tolist()]
        going = [(vehicle, way) for vehicle, way in ways if way]
        if going:
            numbers = np.array([vehicle for vehicle, _ in going], dtype=np.int32)
            self._simulation.reroute(numbers, [way for _, way in going])
            self._at[numbers] = [way[-1] for _, way in going]
            self.turned_away += len(going)

    def _other_way(self, vehicle: int, also_on: bool) -> list[int] | None:
        """The quickest way on from the street that one is on to where one wants to go."""
        state, turns = self._simulation.state, self.network.turns
        at, end = (int(state.vehicles[name][vehicle]) for name in ("at", "end"))
        if end - at < 2:
            return None
        here, following, goal = (int(state.routes[n]) for n in (at, at + 1, end - 1))
        onto = {int(edge) for edge in turns.to_edge[turns.first[here] : turns.first[here + 1]]}
        onto -= set() if also_on else {following}
        best = self._drivers.best(onto, goal)
        return [here, *best] if best else None

    def _gave_up(self, who: Ints) -> None:
        """They drive on from where they are."""
        self.gave_up += len(who)
        state = self._simulation.state
        self._at[who] = self._simulation.given.roads.lanes["edge"][state.vehicles["lane"][who]]

    def _rested(self, clock: float) -> Bools:
        """Who stands and may drive on: never sent before, or long enough there."""
        people = self._simulation.state.vehicles
        fresh = (people["where"] == AT_HOME) & (people["depart"] >= NEVER_YET)
        rested = (people["where"] == ARRIVED) & (people["arrive"] + self._stands <= clock)
        first = fresh & (self._began - self._midnight + self._stands <= clock)
        return np.asarray(first | rested)

    def _cars_out(self) -> int:
        """How many without a device are on the street or about to be."""
        people = self._simulation.state.vehicles[self.devices :]
        stands = (people["where"] == ARRIVED) | (people["depart"] >= NEVER_YET)
        return int(len(people) - stands.sum())

    def _learn(self) -> None:
        """Drivers hear what the streets take now."""
        now, before = self.flow(), self._before
        self._before = now
        self._drivers.hear(now.entered - before.entered, now.lost - before.lost)
        self._weigh()

    def _weigh(self) -> None:
        self._drivers.weigh(self._works.speed(), self._works.closed())

    def paces(self) -> Floats:
        """By link of the street: the share of its speed at which it is driven, stops counted in."""
        found = np.ones(len(self._street))
        known = self._link_of >= 0
        found[self._link_of[known]] = self._drivers.pace()[known]
        return found

    def _drive_by_limits(self) -> None:
        now = self.speed()
        for edge in np.flatnonzero(now != self._limits).tolist():
            self._simulation.limit(edge, float(now[edge]))
        self._limits = now

    def _show(self) -> None:
        """Move what is shown to where the kernel has them. Who has arrived stands at its street's end, from
        where it drives on."""
        found = self._simulation.progress()
        mine = found.vehicle < self.devices
        who, edge = found.vehicle[mine], found.edge[mine]
        seen = self.shown
        link, along = seen.link.copy(), seen.along.copy()
        link[who] = self._link_of[edge]
        along[who] = np.minimum(found.along[mine], self._street.length[link[who]] - 1e-3)
        there = self._simulation.state.vehicles[: self.devices]["where"] == ARRIVED
        link[there] = self._link_of[self._at[: self.devices][there]]
        along[there] = self._street.length[link[there]] - 1e-3
        people = self._simulation.state.vehicles[who]
        clock = self._simulation.clock
        took = np.maximum(people["arrive"] - people["since"], 1.0)
        rolls = (clock >= people["since"]) & (clock < people["arrive"])
        v = np.zeros(self.devices)
        v[who] = np.where(rolls, self.network.edges.length[edge] / took, 0.0)
        self.shown = Shown(link, np.maximum(along, 0.0), v)


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
