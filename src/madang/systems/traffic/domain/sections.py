"""Sections between two readers of units in vehicles (DSRC): how long they take, of how many vehicles.

A section is a device whose kind has the channels `travel_time` (s), `read` and `matched` (counts) and
whose external key is "A>B", the keys of two nodes of the network in force; its road is the quickest way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from madang.ground.city.models import City
from madang.ground.sensing.public import Device, counted, timed_readings
from madang.systems.traffic import queries
from madang.systems.traffic.domain.streets_now import Held, Line, Streets

if TYPE_CHECKING:
    from madang.systems.traffic.engine.routes import Router

KEPT = timedelta(minutes=30)
"""For so long a section's newest time is shown, with its age."""
COUNTED_FOR = timedelta(minutes=15)
SLOW, CONGESTED = 25.0, 15.0
"""km/h below which an urban street is 서행 and 정체, as traffic centres say it."""


@dataclass(frozen=True)
class Section:
    """metres and free seconds of its road, with its line in degrees; seconds, speed and state ("smooth",
    "slow", "congested", "" unknown) of the newest time; read at its end in a quarter of an hour and how
    many of those matched."""

    device: Device
    edges: tuple[int, ...]
    line: Line
    metres: float
    free: float
    seconds: float | None
    heard: datetime | None
    read: int | None
    matched: int | None

    @property
    def speed(self) -> float | None:
        return self.metres / self.seconds * 3.6 if self.seconds else None

    @property
    def state(self) -> str:
        speed = self.speed
        if speed is None:
            return ""
        return "congested" if speed < CONGESTED else "slow" if speed < SLOW else "smooth"


def sections(city: City, found: Streets) -> list[Section]:
    """Every section of the city whose nodes the network in force has."""
    mine = list(queries.sections(city))
    if not mine:
        return []
    numbers = [one.number for one in mine]
    now = found.now
    times = timed_readings(numbers, (queries.TRAVEL_TIME,), now - KEPT, now)
    read = counted(numbers, "read", now - COUNTED_FOR, now)
    matched = counted(numbers, "matched", now - COUNTED_FOR, now)
    made = []
    for one in mine:
        edges = _edges(found.held, one.external_key)
        if edges:
            said = times.get((one.number, queries.TRAVEL_TIME))
            reads, matches = read.get(one.number), matched.get(one.number)
            length, speed = found.network.edges.length, found.network.edges.speed
            made.append(
                Section(
                    one,
                    edges,
                    _line(found, edges),
                    float(length[list(edges)].sum()),
                    float((length / speed)[list(edges)].sum()),
                    said[1] if said else None,
                    said[0] if said else None,
                    reads.count if reads else None,
                    matches.count if matches else None,
                )
            )
    return made


def _edges(held: Held, ends: str) -> tuple[int, ...]:
    """The road of a section, sought once for each version of the network."""
    if ends not in held.ways:
        begin, _, end = ends.partition(">")
        held.ways[ends] = _quickest(held.routes, begin, end)
    return held.ways[ends]


def _quickest(router: Router, begin: str, end: str) -> tuple[int, ...]:
    """The quickest way between two nodes; () where the network does not have them or no way."""
    network = router.network
    ids = network.nodes.ids
    if begin not in ids or end not in ids:
        return ()
    out = network.out_edges.of(ids.index(begin)).tolist()
    into = network.in_edges.of(ids.index(end)).tolist()
    ways = [way for a in out for b in into if (way := router.way(a, b)) is not None]
    free = network.edges.length / network.edges.speed
    best = min(ways, key=lambda way: way.seconds + free[way.edges[0]], default=None)
    return tuple(int(edge) for edge in best.edges) if best else ()


def _line(found: Streets, edges: Iterable[int]) -> Line:
    points = [point for edge in edges for point in found.held.lines[edge]]
    return [points[0], *(b for a, b in pairwise(points) if a != b)]
