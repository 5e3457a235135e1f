"""Drivers and their vehicles: what SUMO's definition of a kind says, and how a queue of them starts.

A queue's discharge is not assumed but driven: twenty vehicles of one kind stand at a stop line, it turns
green, and each follows the one before by Krauss' model (S. Krauß, Microscopic modeling of traffic flow,
DLR 98-08, 1998) with steps of one second as in SUMO. When and how fast each crosses the line is the table
from which the kernel lets its queues go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from madang.systems.traffic.engine.kernel_compiled import compiled_with_arrays, inlined

Floats = npt.NDArray[np.float64]

RANKS = 20
"""Vehicles of a queue that the table knows one by one; later ones go as the last of them."""
SPEEDS = 42
"""Speed limits of the table: 0 to 41 m/s."""
ROUNDS = 24
STOPS_BEFORE_LINE_M = 1.0
SEEN_M = 4.5
"""Before a stop line; from there whoever gives way sees the others: SUMO's visibility distance."""


@dataclass(frozen=True)
class Kind:
    """Vehicle and driver, named and defined as SUMO's vType; metres, seconds. Defaults: a passenger car."""

    length: float = 5.0
    min_gap: float = 2.5
    tau: float = 1.0
    accel: float = 2.6
    decel: float = 4.5
    sigma: float = 0.5
    max_speed: float = 55.56
    speed_factor: float = 1.0
    speed_dev: float = 0.1

    @property
    def room(self) -> float:
        """What it takes of a standing queue, m."""
        return self.length + self.min_gap


class Drivers(NamedTuple):
    """Kinds as arrays [K]; crossing [K, SPEEDS, RANKS + 1] seconds after green and pace, its speed there.

    headway [K, SPEEDS] is that of a queue in motion, dawdle [K] what imperfection takes off a free speed,
    wary [K] the speed at a stop line where one gives way: from where others are seen one could still stop.
    """

    length: Floats
    room: Floats
    tau: Floats
    accel: Floats
    decel: Floats
    dawdle: Floats
    max_speed: Floats
    factor: Floats
    deviation: Floats
    wary: Floats
    crossing: Floats
    pace: Floats
    headway: Floats


def drivers(kinds: list[Kind]) -> Drivers:
    """The tables of kinds, a queue of each kind driven at every speed limit."""
    crossing = np.zeros((len(kinds), SPEEDS, RANKS + 1))
    pace = np.zeros_like(crossing)
    for index, kind in enumerate(kinds):
        given = np.array(
            [
                kind.length,
                kind.min_gap,
                kind.tau,
                kind.accel,
                kind.decel,
                kind.sigma,
                kind.speed_dev,
            ]
        )
        _start_queues(given, crossing[index], pace[index])
    columns = {
        name: np.array([getattr(kind, name) for kind in kinds])
        for name in ("length", "room", "tau", "accel", "decel", "max_speed")
    }
    return Drivers(
        **columns,
        dawdle=np.array([kind.sigma * kind.accel / 2 for kind in kinds]),
        factor=np.array([kind.speed_factor for kind in kinds]),
        deviation=np.array([kind.speed_dev for kind in kinds]),
        wary=np.array([np.sqrt(2 * (kind.accel + kind.decel) * SEEN_M) for kind in kinds]),
        crossing=crossing,
        pace=pace,
        headway=(crossing[:, :, RANKS] - crossing[:, :, RANKS - 5]) / 5,
    )


@compiled_with_arrays
def _start_queues(given: Floats, crossing: Floats, pace: Floats) -> None:
    """Mean crossing times and speeds over ROUNDS queues, at each speed limit; m and s."""
    np.random.seed(1)
    for limit in range(SPEEDS):
        for _ in range(ROUNDS):
            _start_queue(given, max(float(limit), 1.0), crossing[limit], pace[limit])
        crossing[limit] /= ROUNDS
        pace[limit] /= ROUNDS


@compiled_with_arrays
def _start_queue(given: Floats, limit: float, crossing: Floats, pace: Floats) -> None:
    room = given[0] + given[1]
    count = RANKS + 1
    at = np.empty(count)
    speed = np.zeros(count)
    own = np.empty(count)
    for rank in range(count):
        at[rank] = -STOPS_BEFORE_LINE_M - rank * room
        own[rank] = limit * min(max(1 + given[6] * np.random.standard_normal(), 0.2), 2.0)
    second = 0
    while at[count - 1] < 0 and second < 3_600:
        wanted = np.empty(count)
        for rank in range(count):
            gap = 1e9 if rank == 0 else at[rank - 1] - at[rank] - room
            ahead = own[0] if rank == 0 else speed[rank - 1]
            wanted[rank] = _next_speed(given, speed[rank], own[rank], gap, ahead)
        for rank in range(count):
            if at[rank] < 0 <= at[rank] + wanted[rank]:
                crossing[rank] += second - at[rank] / wanted[rank]
                pace[rank] += wanted[rank]
            at[rank] += wanted[rank]
            speed[rank] = wanted[rank]
        second += 1


@inlined
def _next_speed(given: Floats, speed: float, limit: float, gap: float, ahead: float) -> float:
    tau, accel, decel, sigma = given[2], given[3], given[4], given[5]
    brake = tau * decel
    safe = -brake + np.sqrt(brake * brake + ahead * ahead + 2 * decel * max(gap, 0.0))
    wanted = min(speed + accel, limit, safe)
    slack = sigma * min(wanted, accel) * np.random.random()
    return max(0.0, wanted - slack)
