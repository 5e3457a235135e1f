"""How the street is now: what detectors counted on the approaches of signals, and what that costs.

A detector is a device whose kind has the channel `vehicles` (counts) and whose external key
is the key of a road of the network in force; `speed` (km/h) and `occupancy` (%) are read where it has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from madang.ground.city.models import City
from madang.ground.city.public import to_degrees
from madang.ground.sensing.public import Counted, Device, counted, newest_readings
from madang.systems.traffic import queries
from madang.systems.traffic.domain import levels
from madang.systems.traffic.domain.days import day_type
from madang.systems.traffic.domain.in_force import in_force
from madang.systems.traffic.domain.levels import Table
from madang.systems.traffic.domain.turnings import ENOUGH

if TYPE_CHECKING:
    from madang.systems.traffic.engine.network import Floats, Network
    from madang.systems.traffic.engine.routes import Router

LOOKED_AT = timedelta(minutes=15)
KEPT = 4
DIGITS = 6  # of a degree: a tenth of a metre
Line = list[tuple[float, float]]


@dataclass(frozen=True)
class Detector:
    """A device over a road, edge -1 where the network has no such road: volume in vehicles an hour over
    the last quarter of one, None if unknown."""

    device: Device
    edge: int
    volume: float | None = None
    speed: float | None = None
    occupancy: float | None = None
    heard: datetime | None = None


@dataclass(frozen=True)
class Road:
    """One direction of a road that leads to a signal: capacity in vehicles an hour, green as a share of
    the cycle; delay in s a vehicle, level as levels.KNOWN. None and "" are unknown."""

    edge: int
    key: str
    name: str
    signal: int
    lanes: int
    capacity: float
    green: float
    cycle: float
    volume: float | None = None
    delay: float | None = None
    level: str = ""
    speed: float | None = None
    occupancy: float | None = None
    heard: datetime | None = None
    simulated: bool = False

    @property
    def ratio(self) -> float | None:
        return None if self.volume is None or not self.capacity else self.volume / self.capacity


@dataclass(frozen=True)
class Held:
    """A network in force with what was reckoned of it: the lines of its edges in degrees, capacity and
    share of green by the plans that run, roads between two nodes ("A>B") that were asked for."""

    network: Network
    lines: list[Line]
    supplies: dict[tuple[int, ...], tuple[Floats, Floats]] = field(default_factory=dict)
    ways: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @cached_property
    def routes(self) -> Router:
        from madang.systems.traffic.engine.routes import Router

        return Router(self.network)

    def supply(self, plan_of: dict[int, int]) -> tuple[Floats, Floats]:
        """Capacity (vehicles an hour) and share of green by edge under these plans."""
        from madang.systems.traffic.engine.delay import green_shares

        plans = tuple(plan_of[signal] for signal in sorted(plan_of))
        if plans not in self.supplies:
            green = green_shares(self.network, plan_of)
            self.supplies[plans] = (self.network.edges.saturation * 3600 * green, green)
        return self.supplies[plans]


@dataclass(frozen=True)
class Streets:
    """The roads that lead to signals and the detectors of a city at a moment."""

    held: Held
    roads: tuple[Road, ...]
    detectors: tuple[Detector, ...]
    table: Table
    now: datetime

    @property
    def network(self) -> Network:
        return self.held.network

    def at_signal(self, signal: int) -> list[Road]:
        return [road for road in self.roads if road.signal == signal]


def streets_now(city: City, now: datetime) -> Streets | None:
    """How the street is now; None where the city has no network."""
    held = held_network(city, now)
    if held is None:
        return None
    local = now.astimezone(ZoneInfo(city.time_zone))
    seen = tuple(detectors(city, held.network, now))
    table = levels.table(local.date())
    return Streets(held, tuple(_roads(held, seen, table, local)), seen, table, now)


def held_network(city: City, now: datetime) -> Held | None:
    """The network in force with the plans of the day, made once for each version of both."""
    version = queries.version(city)
    day = now.astimezone(ZoneInfo(city.time_zone)).date()
    return _kept(city.pk, version, day.isoformat()) if version else None


@lru_cache(maxsize=KEPT)
def _kept(city: UUID, version: str, day: str) -> Held | None:
    row = City.objects.get(pk=city)
    found = in_force(row, date.fromisoformat(day))
    return Held(found.network, _lines(found.network, row.crs)) if found else None


def _lines(network: Network, crs: str) -> list[Line]:
    edges = network.edges
    lon, lat = to_degrees(edges.shape_x, edges.shape_y, crs)
    points = list(zip(lon.round(DIGITS).tolist(), lat.round(DIGITS).tolist(), strict=True))
    return [points[begin:end] for begin, end in pairwise(edges.shape_first.tolist())]


def detectors(city: City, network: Network, now: datetime) -> Iterable[Detector]:
    """The city's detectors, with what they say now."""
    edge_of = {key: edge for edge, key in enumerate(network.edges.ids)}
    mine = list(queries.detectors(city))
    numbers = [one.number for one in mine]
    counts = counted(numbers, queries.VEHICLES, now - LOOKED_AT, now)
    said = newest_readings(numbers, ("speed", "occupancy"), now - LOOKED_AT, now)
    for one in mine:
        count = counts.get(one.number)
        yield Detector(
            one,
            edge_of.get(one.external_key, -1),
            _volume(count),
            said.get((one.number, "speed")),
            said.get((one.number, "occupancy")),
            count.last if count else None,
        )


def _volume(count: Counted | None) -> float | None:
    return count.count * 3600 / count.seconds if count and count.seconds >= ENOUGH else None


def plans_at(network: Network, local: datetime) -> dict[int, int]:
    """The plan that each signal runs at a moment of the city's time by its table."""
    second = local.hour * 3600 + local.minute * 60 + local.second
    signals, day = network.signals, day_type(local.date())
    return {signal: signals.plan_at(signal, second, day) for signal in range(len(signals))}


def approaches(network: Network) -> list[tuple[int, int]]:
    """The edges that lead to a signal, each with it."""
    turns = network.turns
    lit = turns.signal >= 0
    return sorted(set(zip(turns.from_edge[lit].tolist(), turns.signal[lit].tolist(), strict=True)))


def _roads(held: Held, seen: Sequence[Detector], table: Table, local: datetime) -> Iterable[Road]:
    network = held.network
    plan_of = plans_at(network, local)
    capacity, green = held.supply(plan_of)
    over: dict[int, list[Detector]] = defaultdict(list)
    for detector in seen:
        over[detector.edge].append(detector)
    volume_of = {edge: mean(one.volume for one in mine) for edge, mine in over.items()}
    delays = _delays(held, plan_of, volume_of)
    for edge, signal in approaches(network):
        mine, delay = over[edge], delays.get(edge)
        yield Road(
            edge,
            network.edges.ids[edge],
            network.edges.names[edge],
            signal,
            int(network.edges.lanes[edge]),
            float(capacity[edge]),
            float(green[edge]),
            float(network.signals.cycle[plan_of[signal]]),
            volume_of.get(edge),
            delay,
            table.level(delay),
            mean(one.speed for one in mine),
            mean(one.occupancy for one in mine),
            max((one.heard for one in mine if one.heard), default=None),
            any(one.device.simulated for one in mine),
        )


def _delays(
    held: Held, plan_of: dict[int, int], volume_of: dict[int, float | None]
) -> dict[int, float]:
    """The control delay of each edge that leads to a signal and has a volume, s a vehicle."""
    import numpy as np

    from madang.systems.traffic.engine.delay import control_delay

    known = [(e, s, volume_of.get(e)) for e, s in approaches(held.network)]
    counts = [(edge, signal, volume) for edge, signal, volume in known if volume is not None]
    if not counts:
        return {}
    capacity, green = held.supply(plan_of)
    edges = np.array([edge for edge, *_ in counts])
    cycles = held.network.signals.cycle[[plan_of[signal] for _, signal, _ in counts]]
    volumes = np.array([volume for *_, volume in counts], dtype=np.float64)
    found = control_delay(volumes, capacity[edges], green[edges], cycles)
    return dict(zip(edges.tolist(), found.tolist(), strict=True))


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of those that are known."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
