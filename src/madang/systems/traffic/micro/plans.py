"""Which plans the signals of a district run: those of their tables, but for what controllers report now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from madang.ground.city.models import City
from madang.ground.sensing.public import timed_readings
from madang.systems.traffic import queries
from madang.systems.traffic.domain.reported import PLAN_HOLDS, reported
from madang.systems.traffic.domain.streets_now import plans_at
from madang.systems.traffic.engine.network import Network

SAME_S = 2.0
"""Seconds by which a report may be late: its cycle is then where the table has it."""


@dataclass(frozen=True)
class Running:
    """The network with its signals as they run, the plan that each runs, and which of them said so."""

    network: Network
    plan_of: dict[int, int]
    heard: frozenset[int]


@dataclass(frozen=True)
class Said:
    """A controller's own word: the key of its plan, and the second of the day at which a cycle began (None:
    it did not say)."""

    plan: str
    begun: float | None = None


def plans_now(city: City, network: Network, now: datetime) -> Running:
    """The plans that run now in a city's network, or in a part of it."""
    local = now.astimezone(ZoneInfo(city.time_zone))
    return as_said(network, plans_at(network, local), _said(city, network, now))


def as_said(network: Network, table: Mapping[int, int], said: Mapping[int, Said]) -> Running:
    """The table's plans (by signal), but for what controllers say; a plan that they do not have is not said.

    A signal that runs another plan than its table has runs it on: its table has no say there.
    """
    signals, plan_of, heard = network.signals, dict(table), set[int]()
    offsets, turnovers = signals.offset.copy(), signals.turnover_plan.copy()
    for signal, word in said.items():
        keys = [program.key for program in signals.controllers[signal].programs]
        if word.plan not in keys:
            continue
        plan = int(signals.plan_first[signal]) + keys.index(word.plan)
        heard.add(signal)
        if plan != plan_of[signal]:
            first, end = signals.turnover_first[signal : signal + 2]
            turnovers[first:end] = plan_of[signal] = plan
        offsets[plan] = _offset(float(offsets[plan]), float(signals.cycle[plan]), word.begun)
    run = replace(signals, offset=offsets, turnover_plan=turnovers)
    return Running(replace(network, signals=run), plan_of, frozenset(heard))


def _offset(table: float, cycle: float, begun: float | None) -> float:
    if begun is None or abs((begun - table + cycle / 2) % cycle - cycle / 2) <= SAME_S:
        return table
    return begun % cycle


def _said(city: City, network: Network, now: datetime) -> dict[int, Said]:
    """What the controllers of the network said, of those that did lately."""
    fresh = {n: one for n, one in reported(city, network, now).items() if one.fresh(now)}
    numbers = [one.device.number for one in fresh.values()]
    channels = (queries.CYCLE_SECOND,)
    seconds = timed_readings(numbers, channels, now - PLAN_HOLDS, now) if numbers else {}
    zone = ZoneInfo(city.time_zone)
    return {
        signal: Said(one.plan, _begun(seconds.get((one.device.number, queries.CYCLE_SECOND)), zone))
        for signal, one in fresh.items()
    }


def _begun(said: tuple[datetime, float] | None, zone: ZoneInfo) -> float | None:
    if said is None:
        return None
    at, second = said[0].astimezone(zone), said[1]
    return at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6 - second
