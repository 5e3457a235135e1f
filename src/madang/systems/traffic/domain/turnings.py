"""What a smart crossing counted: how many of each approach turned where, in a quarter of an hour and a day.

A smart crossing is a device whose kind has channels `approach_1_left`, `approach_1_through`, … and whose
external key is that of a controller of the network in force; approaches are numbered clockwise from north.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from madang.ground.city.models import City
from madang.ground.sensing.public import Counted, Device, counted_on
from madang.systems.traffic import queries
from madang.systems.traffic.engine.approaches import WAYS, approaches, channel

if TYPE_CHECKING:
    from madang.systems.traffic.engine.network import Network

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
ENOUGH = 240.0  # seconds of counts that a volume is made of at least


@dataclass(frozen=True)
class Turned:
    """An approach: its edge, degrees from north from where it comes, and by way (of WAYS) how many turned
    in the last quarter of an hour and in the last day, None where nothing was heard."""

    edge: int
    bearing: float
    quarter: dict[str, int | None]
    day: dict[str, int | None]


@dataclass(frozen=True)
class Turnings:
    device: Device
    heard: datetime | None
    approaches: tuple[Turned, ...]


def turnings(city: City, network: Network, signal: int, now: datetime) -> Turnings | None:
    """What is counted at a signal of the network; None where nobody counts there."""
    key = network.signals.controllers[signal].key
    device = queries.smart_crossings(city).filter(external_key=key).first()
    if device is None:
        return None
    lately = counted_on(device.number, now - QUARTER, now)
    day = counted_on(device.number, now - DAY, now)
    found = tuple(
        Turned(
            one.edge,
            one.bearing,
            {way: _count(lately, number, way) for way in WAYS if way in one.turns},
            {way: _count(day, number, way) for way in WAYS if way in one.turns},
        )
        for number, one in enumerate(approaches(network, signal), 1)
    )
    return Turnings(device, max((each.last for each in day.values()), default=None), found)


def turned_hourly(city: City, network: Network, now: datetime) -> dict[int, dict[str, float]]:
    """By approach of the network's smart crossings the vehicles an hour that turned each way (of WAYS) in
    the last quarter of one; approaches of which a way was not counted long enough are missing."""
    signal_of = {one.key: number for number, one in enumerate(network.signals.controllers)}
    found: dict[int, dict[str, float]] = {}
    for device in queries.smart_crossings(city).filter(external_key__in=list(signal_of)):
        counts = counted_on(device.number, now - QUARTER, now)
        for number, one in enumerate(approaches(network, signal_of[device.external_key]), 1):
            said = {way: counts.get(channel(number, way)) for way in WAYS if way in one.turns}
            rates = {
                way: each.count * 3600 / each.seconds
                for way, each in said.items()
                if each and each.seconds >= ENOUGH
            }
            if len(rates) == len(said):
                found[one.edge] = rates
    return found


def _count(counts: dict[str, Counted], number: int, way: str) -> int | None:
    found = counts.get(channel(number, way))
    return found.count if found else None
