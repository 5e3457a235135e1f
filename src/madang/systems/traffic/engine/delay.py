"""What a signal costs who comes to it: control delay by the method of KHCM and HCM.

Volumes and capacities in vehicles an hour, times in seconds. d = d1 + d2: the delay of even arrivals, and
that of chance and overload over the time that was looked at. Arrivals are taken as random (progression
factor 1) and no queue is known from before (d3 = 0). 도로용량편람 (국토교통부 2013), 제8장 신호교차로.
"""

from __future__ import annotations

import numpy as np

from madang.systems.traffic.engine.network import Bytes, Floats, Network
from madang.systems.traffic.engine.signals import Light

LOOKED_AT_H = 0.25
"""The time over which volumes were counted, hours."""


def control_delay(volume: Floats, capacity: Floats, green: Floats, cycle: Floats) -> Floats:
    """Mean control delay, s a vehicle; green is the share of the cycle. Infinite where nobody gets green."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(capacity > 0, volume / capacity, np.inf)
        even = 0.5 * cycle * (1 - green) ** 2 / (1 - np.minimum(1.0, ratio) * green)
        even = np.where(green >= 1, 0.0, even)
        over = ratio - 1
        spread = np.sqrt(over**2 + 4 * ratio / (capacity * LOOKED_AT_H))
        found = even + 900 * LOOKED_AT_H * (over + spread)
    return np.where(capacity > 0, found, np.inf)


def green_shares(network: Network, plan_of: dict[int, int]) -> Floats:
    """For each edge [E] the share of the cycle in which its lanes may go, their mean; 1 without a signal.

    plan_of: the plan that each signal runs. Going through gaps counts as green; turning right on red does
    not. Start-up losses are taken to be made good by the amber that is driven through.
    """
    turns, edges = network.turns, network.edges
    shares = {signal: _open(network, signal, plan) for signal, plan in plan_of.items()}
    found = np.ones(len(edges))
    for edge in np.unique(turns.from_edge[turns.signal >= 0]).tolist():
        own = range(turns.first[edge], turns.first[edge + 1])
        lanes = [0.0] * max(int(edges.lanes[edge]), 1)
        for lane in range(len(lanes)):
            here = [t for t in own if int(turns.from_lanes[t]) >> lane & 1]
            lit = [shares[int(turns.signal[t])] for t in here if turns.signal[t] >= 0]
            columns = [int(turns.column[t]) for t in here if turns.signal[t] >= 0]
            parts = [seen[:, column] for seen, column in zip(lit, columns, strict=True)]
            seconds = [seen[:, -1] for seen in lit]
            if parts:
                lanes[lane] = float((np.any(parts, axis=0) * seconds[0]).sum() / seconds[0].sum())
        found[edge] = float(np.mean(lanes))
    return found


def _open(network: Network, signal: int, plan: int) -> Floats:
    """By interval of the plan: for each column 1 where it may go, and in the last place the seconds."""
    signals = network.signals
    first, end = signals.interval_first[plan : plan + 2]
    columns = int(signals.columns[signal])
    rows: list[Bytes] = [
        signals.lights[signals.light_first[at] : signals.light_first[at] + columns]
        for at in range(first, end)
    ]
    may_go = (np.array(rows) >= Light.FLASHING).astype(np.float64)
    return np.column_stack([may_go, signals.seconds[first:end]])
