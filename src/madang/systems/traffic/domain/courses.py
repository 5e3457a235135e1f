"""The last day of a road or a crossing: volumes and delays by quarter of an hour, from the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from madang.ground.city.models import City
from madang.ground.sensing.public import counted_by
from madang.systems.traffic import queries
from madang.systems.traffic.domain.streets_now import (
    LOOKED_AT,
    approaches,
    held_network,
    mean,
    plans_at,
)
from madang.systems.traffic.domain.turnings import ENOUGH

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Quarter:
    """From `begin` on, a quarter of an hour: volume in vehicles an hour, delay in s a vehicle."""

    begin: datetime
    volume: float
    delay: float


def course(city: City, edges: list[int], now: datetime) -> list[Quarter]:
    """The quarters of the last day in which detectors over these roads counted; delays are the mean of
    the roads by their volumes, under the plans of the hour."""
    held = held_network(city, now)
    if held is None:
        return []
    import numpy as np

    from madang.systems.traffic.engine.delay import control_delay

    ids = {held.network.edges.ids[edge]: edge for edge in edges}
    over = {
        one.number: ids[one.external_key]
        for one in queries.detectors(city)
        if one.external_key in ids
    }
    signal_of = dict(approaches(held.network))
    begin = _quarter(now) - DAY
    found = []
    pieces = counted_by(list(over), queries.VEHICLES, begin, now, LOOKED_AT)
    for slot, counts in sorted(pieces.items()):
        enough = {n: c for n, c in counts.items() if c.seconds >= ENOUGH and over[n] in signal_of}
        if not enough:
            continue
        plan_of = plans_at(held.network, slot.astimezone(ZoneInfo(city.time_zone)))
        capacity, green = held.supply(plan_of)
        here = sorted({over[number] for number in enough})
        volumes = np.array(
            [
                mean(c.count * 3600 / c.seconds for n, c in enough.items() if over[n] == edge)
                for edge in here
            ],
            dtype=np.float64,
        )
        cycles = held.network.signals.cycle[[plan_of[signal_of[edge]] for edge in here]]
        delays = control_delay(volumes, capacity[here], green[here], cycles)
        weights = volumes if volumes.sum() else np.ones(len(here))
        mean_delay = float(np.average(delays, weights=weights))
        found.append(Quarter(slot, float(volumes.sum()), mean_delay))
    return found


def _quarter(now: datetime) -> datetime:
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
