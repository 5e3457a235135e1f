"""What signal controllers report themselves: phase and plan, as long as that is fresh.

A controller is a device whose kind has the channel `cycle_second` and whose external key is that of a
controller of the network in force; it says the states `phase` (the plan's word for it, or CLEARS) and
`plan` (the plan's key).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from madang.ground.city.models import City
from madang.ground.sensing.public import Device, stated
from madang.systems.traffic import queries
from madang.systems.traffic.engine.running import CLEARS, Running, phases_of

if TYPE_CHECKING:
    from madang.systems.traffic.engine.network import Network
    from madang.systems.traffic.engine.signals import Program

FRESH = timedelta(seconds=200)
"""The longest green and its clearance: a controller that says nothing for longer has fallen silent."""
PLAN_HOLDS = timedelta(minutes=15)


@dataclass(frozen=True)
class Reported:
    """What a controller said last: its phase since when, of which plan ("" if it did not say)."""

    device: Device
    phase: str
    since: datetime
    plan: str

    def fresh(self, now: datetime) -> bool:
        return now - self.since <= FRESH

    def running(self, programs: tuple[Program, ...], now: datetime) -> Running | None:
        """The phase by this report; None where it is stale or the plans do not have what it says."""
        program = next((one for one in programs if one.key == self.plan), None)
        if program is None or not self.fresh(now):
            return None
        own = phases_of(program, program.rings[0])
        gone = (now - self.since).total_seconds()
        if self.phase == CLEARS:
            return Running(program.key, 0, CLEARS, True, 0.0, 0.0)
        names = self.phase.split("+")[0]
        at = next((n for n, phase in enumerate(own) if phase.name == names), None)
        if at is None:
            return None
        return Running(program.key, at, self.phase, False, max(own[at].green_s - gone, 0.0), 0.0)


def reported(city: City, network: Network, now: datetime) -> dict[int, Reported]:
    """By signal of the network, what its controller said last, if that was lately."""
    number_of = {one.key: number for number, one in enumerate(network.signals.controllers)}
    mine = [one for one in queries.controllers(city) if one.external_key in number_of]
    if not mine:
        return {}
    said = stated([one.number for one in mine], ("phase", "plan"), now - PLAN_HOLDS, now)
    found = {}
    for one in mine:
        phase = said.get((one.number, "phase"))
        if phase is not None:
            plan = said.get((one.number, "plan"))
            since, name = phase
            number = number_of[one.external_key]
            found[number] = Reported(one, name, since, plan[1] if plan else "")
    return found
