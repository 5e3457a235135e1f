"""Signal controllers that report: the phase as it begins and ends, the plan, the second of the cycle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from madang.demo.devices.messages import Message
from madang.systems.traffic.engine.running import CLEARS, Running, running
from madang.systems.traffic.engine.signals import DAY_S

if TYPE_CHECKING:
    from madang.demo.world.world import World

KIND = "signal_controller"
LOST = 0.005  # share of reports that are lost
BREAKS, MENDED = 0.02, 600.0  # failures of a line an hour, and seconds that one lasts
STUCK = 0.01  # share of controllers whose modem says the first phase that it heard over and over
PLAN_AGAIN = 300.0  # seconds between two words about the plan when it stays


class Controllers:
    """Those of the world's posts at whose node its network has a signal."""

    def __init__(self, world: World, seed: int) -> None:
        self._world, self._traffic = world, world.traffic
        self._random = np.random.default_rng([seed, 11])
        signals = world.traffic.network.signals.controllers if world.traffic else ()
        number_of = {one.key: number for number, one in enumerate(signals)}
        posts = world.posts.get(KIND, {})
        self._keys = [key for key, node in posts.items() if node in number_of]
        self._signals = [number_of[posts[key]] for key in self._keys]
        count = len(self._keys)
        self._due = np.full(count, -np.inf)  # seconds of the signals' clock
        self._broken = np.zeros(count)  # until when, of the world's
        self._stuck = self._random.random(count) < STUCK
        self._said: dict[int, str] = {}
        self._plan: dict[int, tuple[str, float]] = {}

    def look(self) -> Iterator[Message]:
        """What the controllers send now."""
        if not self._keys or self._traffic is None:
            return
        clock, plans = self._traffic.clock, self._traffic.plans()
        for one in np.flatnonzero(self._due <= clock).tolist():
            found = self._running(one, plans, clock)
            self._due[one] = clock + max(found.left_s, 1.0)
            if self._heard(one):
                yield from self._say(one, found)

    def _running(self, one: int, plans: Any, clock: float) -> Running:
        assert self._traffic is not None
        signals, signal = self._traffic.network.signals, self._signals[one]
        own = int(plans[signal]) - int(signals.plan_first[signal])
        return running(signals.controllers[signal].programs[own], clock % DAY_S)

    def _heard(self, one: int) -> bool:
        """Whether this report arrives: lines fail for a while, some words are lost."""
        now, chance = self._world.now, self._random.random()
        if chance < BREAKS / 60:  # about a report a minute
            self._broken[one] = now + MENDED
        silent = self._world.is_silent(self._keys[one]) or now < self._broken[one]
        return not silent and self._random.random() >= LOST

    def _say(self, one: int, found: Running) -> Iterator[Message]:
        key, t = self._keys[one], int(self._world.now * 1000)
        phase = CLEARS if found.clears else found.names
        if self._stuck[one]:
            phase = self._said.setdefault(one, phase)
        facts: list[dict[str, Any]] = [{"t": t, "name": "phase", "value": phase}]
        plan, since = self._plan.get(one, ("", 0.0))
        if found.plan != plan or self._world.now - since >= PLAN_AGAIN:
            self._plan[one] = (found.plan, self._world.now)
            facts.append({"t": t, "name": "plan", "value": found.plan})
        yield Message(key, "states", facts)
        second = {"t": t, "channel": "cycle_second", "value": round(found.into_s, 1)}
        yield Message(key, "readings", [second])
