"""What drivers of the demo's street do: how many drive, where to, and by which way, as far as they know."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from madang.demo.demand import AT_WEEKENDS, Bools, Floats, Places, share
from madang.systems.traffic.domain.days import day_type
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.engine.routes import Router, Weights
from madang.systems.traffic.engine.signals import DAY_S

KST = 9 * 3600.0
SPARE = 1.15  # cars that there are, as a share of those of the busiest hour: days differ
WET_DRIVES_MORE, WET_STAYS_IN = 1.05, 0.85  # to work by car in rain; at weekends one stays at home
DAYS_DIFFER = 0.04  # standard deviation of how busy days of one kind are
PLANNED = 400  # days from the first on whose kind is known
LONGEST_TOLD = 600.0  # seconds that one hears of as lost on a street, at most
SLOWEST = 0.2
REMEMBERED = 0.5  # share of what was known before in what is known now


class Days:
    """How many cars should drive at a time: by hour, kind of day, rain and a chance of the day."""

    def __init__(self, began: float, busiest: float, seed: int) -> None:
        self.midnight = (began + KST) // DAY_S * DAY_S - KST
        self.kinds = _day_types(self.midnight)
        self._busiest, self._seed = busiest, seed

    @property
    def cars(self) -> int:
        """How many there are."""
        return round(SPARE * self._busiest)

    def wanted(self, now: float, wet: bool) -> int:
        """How many of them should drive at that time."""
        hour, number = (now + KST) / 3600 % 24, int((now - self.midnight) // DAY_S)
        kind = self.kinds[number % len(self.kinds)]
        rain = (WET_STAYS_IN if kind in AT_WEEKENDS else WET_DRIVES_MORE) if wet else 1.0
        drawn = np.random.default_rng([self._seed, 7, number]).normal(1.0, DAYS_DIFFER)
        return min(round(share(hour, kind) * rain * drawn * self._busiest), self.cars)


class Drivers:
    """What they know of the streets of a network, and the ways that follow from it."""

    def __init__(self, network: Network, among: Bools) -> None:
        self._network = network
        self.places = Places(network, among)
        self._routes = Router(network)
        self._weights: Weights = self._routes.free
        self._free: Floats = network.edges.length / network.edges.speed
        self._told: Floats = self._free
        self.closed: Bools = np.zeros(len(network.edges), dtype=bool)

    def way(self, edge: int, random: np.random.Generator) -> list[int] | None:
        """A drive from the end of a street to a place that is not too far; None where none was found."""
        turns = self._network.turns
        onto = turns.to_edge[turns.first[edge] : turns.first[edge + 1]]
        onto = onto[np.isin(onto, self.places.open) & ~self.closed[onto]]
        if not len(onto):
            return None
        start = int(random.choice(onto))
        found = self._routes.way(start, self.places.goal(start, random), self._weights)
        return [int(edge) for edge in found.edges] if found is not None else None

    def best(self, starts: set[int], goal: int) -> list[int] | None:
        """The quickest way to goal by one of these streets."""
        ways = [
            self._routes.way(start, goal, self._weights)
            for start in sorted(starts)
            if not self.closed[start]
        ]
        found = [way for way in ways if way is not None]
        best = min(found, key=lambda way: way.seconds + self._told[way.edges[0]], default=None)
        return [int(edge) for edge in best.edges] if best else None

    def hear(self, passed: Floats, lost: Floats) -> None:
        """Of how many passed lately and what they lost: half new, half as it was said before."""
        told = self._free + np.clip(lost / np.maximum(passed, 1.0), 0.0, LONGEST_TOLD)
        self._told = REMEMBERED * self._told + (1 - REMEMBERED) * told

    def weigh(self, speed: Floats, closed: Bools) -> None:
        """Reckon with what one heard, with what is driven at most (m/s), and with closed streets."""
        self.closed = closed
        least = self._network.edges.length / speed
        told = self._routes.weights(np.maximum(self._told, least), closed)
        self._weights = self._routes.learned(told)

    def pace(self) -> Floats:
        """By street the share of its speed at which it is driven, stops counted in."""
        found: Floats = np.clip(self._free / np.maximum(self._told, 1e-9), SLOWEST, 1.0)
        return found


def _day_types(midnight: float) -> tuple[int, ...]:
    """The kinds of the days from that midnight on."""
    first = date(1970, 1, 1) + timedelta(days=round((midnight + KST) / DAY_S))
    return tuple(day_type(first + timedelta(days=n)) for n in range(PLANNED))
