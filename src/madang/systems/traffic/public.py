"""What other systems may ask of the street: quickest ways on the network in force."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from madang.ground.city.models import City
from madang.systems.traffic import queries
from madang.systems.traffic.domain import networks
from madang.systems.traffic.engine.routes import Router, Way, Weights
from madang.systems.traffic.models import StreetNetwork

__all__ = ["Router", "Way", "Weights", "router"]

HELD = 4


def router(city: City) -> Router | None:
    """Routes on the city's network in force, made once for each version; None without a network."""
    newest = queries.networks(city).values_list("id", flat=True).first()
    return _router(newest) if newest else None


@lru_cache(maxsize=HELD)
def _router(network: UUID) -> Router:
    return Router(networks.load(StreetNetwork.objects.get(id=network)))
