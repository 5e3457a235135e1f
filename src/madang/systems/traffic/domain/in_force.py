"""The street as it runs on a day: the newest network with the signal plans that are in force then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from madang.ground.city.models import City
from madang.systems.traffic import queries
from madang.systems.traffic.domain import networks, programs
from madang.systems.traffic.engine.build import build
from madang.systems.traffic.engine.repair_signals import Finding, refit
from madang.systems.traffic.models import Crossing

if TYPE_CHECKING:
    from madang.systems.traffic.engine.draft import Draft
    from madang.systems.traffic.engine.network import Network
    from madang.systems.traffic.engine.signals import Controller


@dataclass(frozen=True)
class InForce:
    """misfits: plans of the city that this network cannot run, and why; its own stay there."""

    network: Network
    misfits: list[Finding]


def in_force(city: City, day: date | None = None) -> InForce | None:
    """The newest network with the plans of day (None: the latest); None where the city has no network."""
    found = draft_in_force(city, day)
    return found and InForce(build(found[0]), found[1])


def draft_in_force(city: City, day: date | None = None) -> tuple[Draft, list[Finding]] | None:
    """What `in_force` builds, and its misfits: parts can be cut out of it."""
    row = queries.networks(city).first()
    if row is None:
        return None
    draft = networks.unpack(bytes(row.content))
    return draft, refit(draft, _by_node(city, day))


def _by_node(city: City, day: date | None) -> dict[str, Controller]:
    """The plans in force by the node their controller stands at; without a row for it by their number."""
    stands = dict(
        Crossing.objects.filter(city=city).order_by("id").values_list("controller", "node")
    )
    given = programs.controllers(city, day)
    return {stands.get(number, number): controller for number, controller in given.items()}
