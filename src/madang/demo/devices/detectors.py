"""Detectors over the approaches of crossings: what entered in each minute, how fast, how crowded.

A radar follows every vehicle of its approach: it counts, and gives the mean speed and the share of time
that a place of the approach is taken. Some vehicles hide behind others, some detectors are stuck.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from madang.demo.devices.messages import Message
from madang.demo.world.street import Floats, Ints

if TYPE_CHECKING:
    from madang.demo.world.traffic import Flow, Traffic
    from madang.demo.world.world import World

KIND = "vehicle_detector"
EVERY = 60.0  # seconds
SEEN = 0.98  # share of vehicles that are not hidden behind others
SPEED_NOISE = 0.03  # of the speed
TAKEN = 7.0  # metres that a vehicle takes of an approach, with the reach of the radar
STUCK = 0.01  # share of detectors that say the same over and over
MISSES = 0.004  # share of intervals that are lost


class Detectors:
    """One detector a watched road of the world that its network has."""

    def __init__(self, world: World, seed: int) -> None:
        self._world, self._traffic = world, world.traffic
        self._random = np.random.default_rng([seed, 6])
        edge_of: dict[str, int] = world.traffic.edge_of if world.traffic else {}
        watched = [(key, edge_of[road]) for key, road in world.watched.items() if road in edge_of]
        self._keys = [key for key, _ in watched]
        self._edges = np.array([edge for _, edge in watched], dtype=np.int64)
        count = len(watched)
        self._due = world.now + self._random.random(count) * EVERY
        self._stuck = self._random.random(count) < STUCK
        self._said: dict[int, tuple[int, float, float]] = {}
        self._began = np.full(count, world.now)
        self._before = np.zeros((count, 3))
        if self._traffic:
            self._before = _columns(self._traffic.flow(), self._edges)

    def look(self) -> Iterator[Message]:
        """What the detectors send now."""
        due = np.flatnonzero(self._due <= self._world.now)
        if not len(due) or self._traffic is None:
            return
        now = _columns(self._traffic.flow(), self._edges[due])
        for place, detector in enumerate(due.tolist()):
            passed = now[place] - self._before[detector]
            seconds = self._world.now - float(self._began[detector])
            self._before[detector], self._began[detector] = now[place], self._world.now
            self._due[detector] += EVERY
            silent = self._world.is_silent(self._keys[detector])
            if not silent and self._random.random() >= MISSES:
                yield from self._say(detector, passed, seconds, self._traffic)

    def _say(
        self, detector: int, passed: Floats, seconds: float,
        traffic: Traffic,
    ) -> Iterator[Message]:  # fmt: skip
        if not (self._stuck[detector] and detector in self._said):
            self._said[detector] = self._seen(int(self._edges[detector]), passed, seconds, traffic)
        count, speed, occupancy = self._said[detector]
        key, t = self._keys[detector], int(self._world.now * 1000)
        fact: dict[str, Any] = {
            "t": t,
            "channel": "vehicles",
            "seconds": round(seconds, 1),
            "count": count,
        }
        yield Message(key, "counts", [fact])
        facts: list[dict[str, Any]] = [{"t": t, "channel": "occupancy", "value": occupancy}]
        if count:
            facts.append({"t": t, "channel": "speed", "value": speed})
        yield Message(key, "readings", facts)

    def _seen(
        self, edge: int, passed: Floats, seconds: float,
        traffic: Traffic,
    ) -> tuple[int, float, float]:  # fmt: skip
        """Vehicles, km/h and per cent; the speed is the limit less the share of time that was lost."""
        entered, present, lost = passed.tolist()
        count = int(self._random.binomial(round(max(entered, 0.0)), SEEN))
        rolling = 1 - min(lost / present, 1.0) if present > 0 else 1.0
        speed = traffic.speed()[edge] * 3.6 * max(rolling, 0.02)
        speed *= 1 + self._random.normal(0, SPEED_NOISE)
        crowded = 100 * present / seconds * TAKEN / traffic.room(edge)
        return count, round(float(np.clip(speed, 0, 150)), 1), round(float(min(crowded, 100)), 1)


def _columns(flow: Flow, edges: Ints) -> Floats:
    return np.stack([flow.entered[edges], flow.present[edges], flow.lost[edges]], axis=1)
