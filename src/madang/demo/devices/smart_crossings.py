"""Smart crossings: cameras that tell which way the vehicles of each approach turned, every five minutes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from madang.demo.devices.messages import Message
from madang.demo.world.street import Ints
from madang.systems.traffic.engine.approaches import WAYS, approaches, channel

if TYPE_CHECKING:
    from madang.demo.world.world import World

KIND = "smart_crossing"
EVERY = 300.0  # seconds
SEEN = 0.96  # share of vehicles that are told apart
CONFUSED = 0.02  # share of those that are taken for another movement of their approach
STUCK = 0.01  # share of crossings that say the same over and over
MISSES = 0.01  # share of intervals that are lost
Movement = tuple[str, NDArray[np.int32]]  # a channel and the turns that count on it


class SmartCrossings:
    """One a crossing of the world's posts that its network has a signal at."""

    def __init__(self, world: World, seed: int) -> None:
        self._world, self._traffic = world, world.traffic
        self._random = np.random.default_rng([seed, 9])
        self._keys, self._movements = _found(world)
        count = len(self._keys)
        self._due = world.now + self._random.random(count) * EVERY
        self._stuck = self._random.random(count) < STUCK
        self._said: dict[int, list[int]] = {}
        self._began = np.full(count, world.now)
        now = self._traffic.turned() if self._traffic else np.zeros(0, np.int64)
        self._before = [_sums(now, approach) for approach in self._movements]

    def look(self) -> Iterator[Message]:
        """What the crossings send now."""
        due = np.flatnonzero(self._due <= self._world.now).tolist()
        if not due or self._traffic is None:
            return
        turned = self._traffic.turned()
        for one in due:
            now = _sums(turned, self._movements[one])
            passed = [(a - b).tolist() for a, b in zip(now, self._before[one], strict=True)]
            seconds = self._world.now - float(self._began[one])
            self._before[one], self._began[one] = now, self._world.now
            self._due[one] += EVERY
            lost = self._random.random() < MISSES
            if not lost and not self._world.is_silent(self._keys[one]):
                yield self._say(one, passed, seconds)

    def _say(self, one: int, passed: list[list[int]], seconds: float) -> Message:
        if not (self._stuck[one] and one in self._said):
            self._said[one] = [count for each in passed for count in self._seen(each)]
        channels = [channel for each in self._movements[one] for channel, _ in each]
        t = int(self._world.now * 1000)
        facts = [
            {"t": t, "channel": channel, "seconds": round(seconds, 1), "count": count}
            for channel, count in zip(channels, self._said[one], strict=True)
        ]
        return Message(self._keys[one], "counts", facts)

    def _seen(self, passed: list[int]) -> list[int]:
        """What is told of an approach: some are missed, some taken for who goes the next way."""
        seen = self._random.binomial(np.maximum(passed, 0), SEEN)
        if len(seen) > 1:
            confused = self._random.binomial(seen, CONFUSED)
            seen = seen - confused + np.roll(confused, 1)
        return [int(count) for count in seen]


def _found(world: World) -> tuple[list[str], list[list[list[Movement]]]]:
    """The keys of crossings and, by approach, what each counts on which channel."""
    if world.traffic is None:
        return [], []
    network = world.traffic.network
    signal_of = {each.key: number for number, each in enumerate(network.signals.controllers)}
    posts = {
        key: signal_of[node] for key, node in world.posts.get(KIND, {}).items() if node in signal_of
    }
    movements = [
        [
            [(channel(number, way), one.turns[way]) for way in WAYS if way in one.turns]
            for number, one in enumerate(approaches(network, signal), 1)
        ]
        for signal in posts.values()
    ]
    return list(posts), movements


def _sums(turned: Ints, approaches_of: list[list[Movement]]) -> list[Ints]:
    return [
        np.array([turned[turns].sum() for _, turns in movements]) for movements in approaches_of
    ]
