"""The terminals of vehicles: satellite positions with noise, tunnels, clocks that go wrong, states.

They look at the world and write what they would send, in the form of docs/systems/sensing.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from madang.demo.devices.messages import Message
from madang.demo.world.missions import PATROLLING_KINDS, State
from madang.demo.world.street import Bools, Floats
from madang.demo.world.world import World
from madang.ground.city.projection import to_degrees

NOISE, STEADY = 2.5, 0.9  # metres, and how much of a second's error is in the next
EVERY_MOVING, EVERY_PATROL, EVERY_PARKED, EVERY_OTHER = 1.0, 2.0, 30.0, 5.0  # seconds
LOST_A_SECOND = 0.08  # metres of error that dead reckoning gathers
WRONG_CLOCKS, WRONG_BY = 0.01, 60.0  # share of terminals, seconds
HELD = 200  # positions kept in a tunnel


class Terminals:
    """One terminal a vehicle of the world."""

    def __init__(self, world: World, crs: str, seed: int) -> None:
        count = len(world.vehicles)
        self._world = world
        self._crs = crs
        self._random = np.random.default_rng([seed, 2])
        self._error = self._random.normal(0, NOISE, (2, count))
        self._due = world.now + self._random.random(count) * EVERY_OTHER
        self._clock = self._random.normal(0, 0.3, count)
        wrong = self._random.random(count) < WRONG_CLOCKS
        self._clock[wrong] = self._random.uniform(-WRONG_BY, WRONG_BY, int(wrong.sum()))
        self._held: dict[int, list[dict[str, Any]]] = {}
        self._said_state: dict[int, State] = {}
        self._who = {vehicle.key: who for who, vehicle in enumerate(world.vehicles)}

    def switch_on(self, key: str) -> None:
        """A terminal that is switched on says what its vehicle does, as if that had just begun."""
        self._said_state.pop(self._who.get(key, -1), None)

    def look(self) -> Iterator[Message]:
        """What the terminals send now."""
        yield from self._states()
        due = self._due <= self._world.now
        if due.any():
            self._due[due] += self._intervals()[due]
            yield from self._positions(due)

    def _intervals(self) -> Floats:
        fleet = self._world.fleet
        every = np.full(len(fleet), EVERY_OTHER)
        for who, duty in self._world.missions.duty.items():
            if duty.state is not State.STANDBY:
                every[who] = EVERY_MOVING
            elif self._world.missions.members[who].kind in PATROLLING_KINDS:
                every[who] = EVERY_PATROL
            else:
                every[who] = EVERY_PARKED
        return every

    def _positions(self, due: Bools) -> Iterator[Message]:
        world, who = self._world, np.flatnonzero(due)
        share = self._random.normal(0, NOISE * np.sqrt(1 - STEADY**2), (2, len(who)))
        self._error[:, who] = self._error[:, who] * STEADY + share
        x, y, heading = (values[who] for values in world.place())
        blind = world.street.covered[world.fleet.link[who]]
        x, y = x + self._error[0, who], y + self._error[1, who]
        lon, lat = to_degrees(x, y, self._crs)
        rows = zip(
            who.tolist(), lon.tolist(), lat.tolist(), world.fleet.v[who].tolist(),
            heading.tolist(), blind.tolist(), strict=True,
        )  # fmt: skip
        for vehicle, east, north, speed, towards, covered in rows:
            fact = {
                "t": int((world.now + self._clock[vehicle]) * 1000),
                "lon": east,
                "lat": north,
                "speed": round(speed, 1),
                "heading": round(towards, 1) % 360,
                "accuracy": round(NOISE * 1.5, 1),
            }
            yield from self._send_or_hold(vehicle, fact, covered)

    def _send_or_hold(self, vehicle: int, fact: dict[str, Any], covered: bool) -> Iterator[Message]:
        """Under cover positions are reckoned and kept; they come in one message at its end."""
        key = self._world.vehicles[vehicle].key
        held = self._held.get(vehicle)
        if covered:
            held = self._held.setdefault(vehicle, [])
            fact["accuracy"] = round(min(10 + len(held) * 10 * LOST_A_SECOND * 12, 100), 1)
            del held[: len(held) + 1 - HELD]
            held.append(fact)
        elif held:
            del self._held[vehicle]
            yield Message(key, "positions", [*held, fact])
        elif not self._world.is_silent(key):
            yield Message(key, "positions", [fact])

    def _states(self) -> Iterator[Message]:
        for who, duty in self._world.missions.duty.items():
            if self._said_state.get(who) is not duty.state:
                self._said_state[who] = duty.state
                fact: dict[str, Any] = {
                    "t": int((self._world.now + self._clock[who]) * 1000),
                    "name": "mission",
                    "value": duty.state.value,
                }
                if duty.mission:
                    fact["about"] = duty.mission
                yield Message(self._world.vehicles[who].key, "states", [fact])
