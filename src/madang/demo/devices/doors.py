"""Counters at the doors of buses: how many people got on and off in each minute."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from madang.demo.devices.messages import Message
from madang.demo.world.world import World

EVERY = 60.0  # seconds
BUSY, QUIET = 4.0, 0.3  # people a minute at one bus at rush hours and at night


class Doors:
    """One counter a bus of the world."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._random = np.random.default_rng([seed, 4])
        self._buses = [one.key for one in world.vehicles if one.kind == "bus"]
        self._due = world.now + self._random.random(len(self._buses)) * EVERY

    def look(self) -> Iterator[Message]:
        """What the counters send now."""
        for bus in np.flatnonzero(self._due <= self._world.now).tolist():
            self._due[bus] += EVERY
            yield self._counted(self._buses[bus])

    def _counted(self, bus: str) -> Message:
        t = int(self._world.now * 1000)
        usual = self._usual()
        counts = {"boarded": self._random.poisson(usual), "alighted": self._random.poisson(usual)}
        return Message(
            bus,
            "counts",
            [
                {"t": t, "channel": channel, "seconds": int(EVERY), "count": int(count)}
                for channel, count in counts.items()
            ],
        )

    def _usual(self) -> float:
        hour = (self._world.now / 3600 + 9) % 24
        awake = 1 / (1 + np.exp(-(hour - 6))) * (1 / (1 + np.exp(hour - 23)))
        rush = np.exp(-((hour - 8.3) ** 2) / 2.0) + np.exp(-((hour - 18.4) ** 2) / 3.5)
        return float(QUIET + (BUSY - QUIET) * awake * (0.4 + 0.6 * min(rush, 1.0)))
