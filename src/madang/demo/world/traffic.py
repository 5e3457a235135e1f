"""The street's traffic: vehicles with a device and thousands without, driven by the traffic engine's kernel.

How many drive follows the hour, the day and the weather; whoever has arrived stands for a while and
drives on from there, by the way that is quickest as the street is now. Nobody outside looks in here but
devices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from madang.demo.world.street import Bools, Floats, Ints, Street
from madang.systems.traffic.engine.kernel import Simulation
from madang.systems.traffic.engine.kernel_drivers import Kind
from madang.systems.traffic.engine.kernel_state import ARRIVED, AT_HOME, Demand
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
QUIETEST = 0.12  # share of them that drive in the dead of night
AT_WEEKENDS = 0.8
IN_RAIN = 0.85  # share of the limit that is driven in rain
WET = 1.0  # mm/h from which it is driven like that
PATIENCE = 240.0  # seconds that one stands first of a lane before one ends the drive there
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
        self._routes = Router(network)
        self._weights: Weights = self._routes.free
        self._network = network
        edges = network.edges
        self._open = np.flatnonzero((islands(network) == 0) & (self._link_of >= 0))
        pull = (edges.lanes**1.5 * edges.speed * np.sqrt(edges.length))[self._open]
        self._pull = np.cumsum(pull) / pull.sum()
        self.devices = len(is_bus)
        lanes_km = float((edges.length * edges.lanes)[self._open].sum()) / 1000
        self.cars = round(A_LANE_KM * lanes_km)
        self._midnight = (self._began + KST) // DAY_S * DAY_S - KST
        self._simulation = self._made(is_bus, seed)
        self._at: Ints = self._places(self.devices + self.cars)
        self._stands: Floats = self._random.uniform(0.0, STANDS[1], self.devices + self.cars)
        self._told: Floats = edges.length / edges.speed
        self._due, self._looks = self._began, self._began + LOOKS
        self.gave_up = 0
        self._before = self.flow()
        link = self._link_of[self._at[: self.devices]]
        self.shown = Shown(link, street.length[link] - 1e-3, np.zeros(self.devices))
        self._wet = False
        for early in np.arange(self._began + SENDS, now + 0.5, SENDS):
            self.step(float(early), 0.0)

    def step(self, now: float, rain: float) -> None:
        """Let traffic go on until now (Unix seconds); rain in mm/h."""
        if (rain > WET) != self._wet:
            self._drive_by(rain > WET)
        if now >= self._due:
            self._due = now + SENDS
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
        """The limits that hold now by street of the network, m/s."""
        return self._network.edges.speed * (IN_RAIN if self._wet else 1.0)

    def room(self, edge: int) -> float:
        """Metres of lanes on a street of the network."""
        edges = self._network.edges
        return float(edges.length[edge] * edges.lanes[edge])

    @property
    def driving(self) -> int:
        """How many are on the street."""
        where = self._simulation.state.vehicles["where"]
        return int(((where != AT_HOME) & (where != ARRIVED)).sum())

    def wanted(self, now: float) -> int:
        """How many cars without a device should drive at that time."""
        local = now + KST
        hour, weekend = local / 3600 % 24, (local // DAY_S + 3) % 7 >= 5
        if weekend:
            busy = 0.75 * math.exp(-((hour - 15.0) ** 2) / 22.0)
        else:
            morning = math.exp(-((hour - 8.2) ** 2) / 2.2)
            evening = math.exp(-((hour - 18.2) ** 2) / 3.0)
            busy = max(morning, evening, 0.62 * math.exp(-((hour - 13.5) ** 2) / 30.0))
        share = QUIETEST + (1 - QUIETEST) * busy
        return round(share * (AT_WEEKENDS if weekend else 1.0) * self.cars)

    def _made(self, is_bus: Bools, seed: int) -> Simulation:
        """The empty street with everybody at home; a day of the week is a day of the signals' plans."""
        count = self.devices + self.cars
        kinds = np.zeros(count, np.uint8)
        kinds[: self.devices] = np.where(is_bus, BUS, CAR)
        first = np.arange(count + 1, dtype=np.int32)
        nowhere = np.full(count, self._open[0], np.int32)
        begin = self._began - self._midnight
        return Simulation(
            self._network,
            Demand(np.full(count, NEVER_YET), kinds, first, nowhere),
            KINDS,
            begin=begin,
            end=begin + YEARS,
            interval=YEARS,
            seed=seed,
            day=int((self._midnight + KST) // DAY_S + 3) % 7,
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
        turns = self._network.turns
        onto = turns.to_edge[turns.first[edge] : turns.first[edge + 1]]
        onto = onto[np.isin(onto, self._open)] if len(onto) else onto
        if not len(onto):
            return None
        start = int(self._random.choice(onto))
        found = self._routes.way(start, self._goal(start), self._weights)
        return [int(edge) for edge in found.edges] if found is not None else None

    def _goal(self, start: int) -> int:
        """One of a few places, nearer ones rather."""
        places = self._places(TRIED)
        edges, nodes = self._network.edges, self._network.nodes
        here, there = edges.to_node[start], edges.to_node[places]
        metres = np.hypot(nodes.x[there] - nodes.x[here], nodes.y[there] - nodes.y[here])
        rather = np.exp(-metres / FAR) * (places != start) + 1e-12
        return int(self._random.choice(places, p=rather / rather.sum()))

    def _learn(self) -> None:
        """What the streets take now, as drivers hear of it: half new, half as it was said before."""
        now, before = self.flow(), self._before
        self._before = now
        passed = now.entered - before.entered
        free = self._network.edges.length / self._network.edges.speed
        lost = (now.lost - before.lost) / np.maximum(passed, 1.0)
        told = free + np.clip(lost, 0.0, 600.0)
        self._told = REMEMBERED * self._told + (1 - REMEMBERED) * told
        self._weights = self._routes.weights(self._told)

    def paces(self) -> Floats:
        """By link of the street: the share of its speed at which it is driven, stops counted in."""
        found = np.ones(len(self._street))
        known = self._link_of >= 0
        edges = self._network.edges
        share = edges.length / edges.speed / np.maximum(self._told, 1e-9)
        found[self._link_of[known]] = np.clip(share[known], SLOWEST, 1.0)
        return found

    def _drive_by(self, wet: bool) -> None:
        self._wet = wet
        for edge, speed in enumerate(self.speed().tolist()):
            self._simulation.limit(edge, speed)

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
        v[who] = np.where(rolls, self._network.edges.length[edge] / took, 0.0)
        self.shown = Shown(link, np.maximum(along, 0.0), v)


def _same(network: Network, street: Street) -> tuple[Ints, dict[str, int]]:
    """For each edge of the network the street's link of the same key, -1 where there is none; and the
    edge by key."""
    links = {key: link for link, key in enumerate(street.keys)}
    found = np.array([links.get(key, -1) for key in network.edges.ids], dtype=np.int64)
    return found, {key: edge for edge, key in enumerate(network.edges.ids)}
