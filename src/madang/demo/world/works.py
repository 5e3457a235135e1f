"""What is in the way of traffic for a time: closed roads and lanes, roadworks, accidents, limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from madang.demo.world.scenario import Event, ScenarioError
from madang.demo.world.street import Bools, Floats
from madang.systems.traffic.engine.network import Network

PASSING = {"roadworks": 30 / 3.6, "accident": 20 / 3.6}  # m/s beside what is in the way


@dataclass(frozen=True)
class Work:
    """On the edge until then: lanes that nobody may enter, counted from the right, and the greatest speed."""

    edge: int
    until: float
    lanes: tuple[int, ...] = ()
    speed: float = np.inf


class Works:
    """Those that are in force on a network."""

    def __init__(self, network: Network) -> None:
        self._edges = network.edges
        self._all: list[Work] = []

    def add(self, work: Work) -> None:
        self._all.append(work)

    def end(self, now: float) -> list[int]:
        """Take out those whose time is over; the edges they were on."""
        over = [one.edge for one in self._all if one.until <= now]
        self._all = [one for one in self._all if one.until > now]
        return over

    def lanes(self, edge: int) -> set[int]:
        """The lanes of an edge that are closed."""
        return {lane for one in self._all if one.edge == edge for lane in one.lanes}

    def closed(self) -> Bools:
        """By edge, whether none of its lanes is open."""
        found = np.zeros(len(self._edges), dtype=bool)
        for edge in {one.edge for one in self._all}:
            found[edge] = len(self.lanes(edge)) >= self._edges.lanes[edge]
        return found

    def speed(self) -> Floats:
        """By edge, the limit or what is driven past the works, m/s."""
        found = self._edges.speed.copy()
        for one in self._all:
            found[one.edge] = min(found[one.edge], one.speed)
        return found


def work(event: Event, edge: int, network: Network, now: float) -> Work:
    """What an event puts in the way: an accident takes lanes from the left, works from the right."""
    has = int(network.edges.lanes[edge])
    count = {"limit": 0, "closure": has}.get(event.kind, 1) if event.lanes is None else event.lanes
    lanes = range(has - count, has) if event.kind == "accident" else range(count)
    usual = PASSING.get(event.kind, np.inf)
    speed = usual if event.value is None else event.value / 3.6
    return Work(edge, now + event.seconds, tuple(lanes), speed)


def check(event: Event, network: Network | None) -> None:
    """ScenarioError where the event is of a road or lanes that there are not."""
    what = f"The {event.kind} {event.after:g} s after the beginning"
    if network is None:
        raise ScenarioError(f"{what} needs a street network, and the city has none in force.")
    if not event.road:
        return
    if event.road not in network.edges.ids:
        raise ScenarioError(
            f"{what} is on a road {event.road} that the network in force does not have; give the key of"
            " a road as the console shows it, or x and y."
        )
    has = int(network.edges.lanes[network.edges.ids.index(event.road)])
    if event.lanes is not None and event.lanes > has:
        raise ScenarioError(f"{what} takes {event.lanes} lanes of {event.road}, which has {has}.")
