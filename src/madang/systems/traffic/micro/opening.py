"""A window made ready: the district cut, warmed up by the kernel with what detectors counted, handed over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from madang.ground.city.models import City
from madang.ground.city.public import to_metres
from madang.ground.live.plane import plane_of
from madang.systems.emergency.public import hurrying
from madang.systems.traffic.domain.days import day_type
from madang.systems.traffic.domain.in_force import draft_in_force
from madang.systems.traffic.domain.streets_now import Streets, mean, streets_now
from madang.systems.traffic.domain.turnings import turned_hourly
from madang.systems.traffic.engine.kernel import Simulation
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.engine.signals import DAY_S
from madang.systems.traffic.micro import export, inflow, street
from madang.systems.traffic.micro.district import District, cut
from madang.systems.traffic.micro.handover import Handover, hand_over
from madang.systems.traffic.micro.hurrying import blues
from madang.systems.traffic.micro.inflow import Coming
from madang.systems.traffic.micro.plans import plans_now
from madang.systems.traffic.micro.pockets import whole
from madang.systems.traffic.micro.refusal import WindowRefusal

WARM_S = 600.0
LONGEST_S = 1_800.0


@dataclass(frozen=True)
class Prepared:
    """Files for SUMO and what the map is told; seconds of the day. since: epoch seconds of the state it
    begins from; why: the word for its end at `end`."""

    net: Path
    vehicles: Path
    since: float
    begin: float
    end: float
    why: str
    origin: tuple[float, float]
    street: dict[str, Any]
    make_way: bool = False


def prepare(
    city: City, lon: float, lat: float, now: datetime, folder: Path, seed: int,
    emergency: bool = False,
) -> Prepared:  # fmt: skip
    """The window of a city around a point, from the state of now; WindowRefusal where there cannot be one.

    emergency: with the emergency vehicles that are on a mission there.
    """
    found = streets_now(city, now)
    plane = plane_of(city)
    if found is None:
        raise WindowRefusal("no-network")
    if plane is None:
        raise WindowRefusal("no-extent")
    local = now.astimezone(ZoneInfo(city.time_zone))
    district = _district(city, lon, lat, local)
    turned = turned_hourly(city, district.network, now)
    measured = _by_turns(district.network, turned) | _measured(found)
    expected = inflow.volumes(district.network, measured, inflow.usual(found.network, measured))
    coming = inflow.inflows(district, expected, measured)
    if not any(each.volume for each in coming):
        raise WindowRefusal("nothing-measured")
    runs = plans_now(city, district.network, now)
    district, plan_of = replace(district, network=runs.network), runs.plan_of
    begin = float(local.hour * 3600 + local.minute * 60 + local.second)
    day = day_type(local.date())
    end, why = _until(district.network, plan_of, begin, day)
    traffic = Coming(coming, expected, turned)
    handed = warmed(district, traffic, begin, end, day, seed)
    net = export.street(district.network, plan_of, folder)
    origin = (plane.x0, plane.y0)
    told = street.said(district, plan_of, coming, net, origin)
    told |= {"placed": len(handed.placed), "left_out": handed.left_out}
    told |= {"heard": len(runs.heard), "turned": _crossings(district.network, turned)}
    hurry = hurrying(city, now) if emergency else []
    blue = blues(district.network, traffic, hurry, seed)
    told["emergency"] = [export.FIRST_BLUE + number for number in range(len(blue))]
    vehicles = export.traffic(handed, folder / "d.rou.xml", blue)
    return Prepared(net, vehicles, now.timestamp(), begin, end, why, origin, told, bool(blue))


def _district(city: City, lon: float, lat: float, local: datetime) -> District:
    found = draft_in_force(city, local.date())
    if found is None:
        raise WindowRefusal("no-network")
    x, y = to_metres(lon, lat, city.crs)
    return cut(found[0], float(x), float(y))


def _measured(found: Streets) -> dict[str, float]:
    """Vehicles an hour by the key of the road, of those that are counted."""
    said: Mapping[int, list[float]] = defaultdict(list)
    for one in found.detectors:
        if one.edge >= 0 and one.volume is not None:
            said[one.edge].append(one.volume)
    ids = found.network.edges.ids
    return {ids[edge]: mean(volumes) or 0.0 for edge, volumes in said.items()}


def _until(
    network: Network, plan_of: Mapping[int, int], begin: float, day: int
) -> tuple[float, str]:
    """When the window ends at the latest: SUMO runs the plans of its beginning, so when they change."""
    end, signals = min(begin + LONGEST_S, float(DAY_S)), network.signals
    starts = np.unique(signals.turnover_start)
    for start in starts[(starts > begin) & (starts < end)].tolist():
        if any(signals.plan_at(s, start, day) != plan for s, plan in plan_of.items()):
            return float(start), "plans-changed"
    return end, "longest"


def _by_turns(network: Network, turned: inflow.Turned) -> dict[str, float]:
    """Vehicles an hour by the key of the road, of those whose turns are counted."""
    return {whole(network.edges.ids[edge]): sum(ways.values()) for edge, ways in turned.items()}


def _crossings(network: Network, turned: inflow.Turned) -> int:
    """At how many signals turns are counted."""
    return len({int(network.edges.to_node[edge]) for edge in turned})


def warmed(
    district: District, traffic: Coming, begin: float, end: float, day: int, seed: int
) -> Handover:
    """The kernel's state at second `begin` after minutes of this traffic, and who comes until `end`."""
    first = max(begin - WARM_S, 0.0)
    demand = inflow.arrivals(district, traffic, first, end, seed)
    simulation = Simulation(
        district.network, demand, begin=first, end=begin + 1, day=day, seed=seed
    )
    simulation.run(begin)
    return hand_over(simulation)
