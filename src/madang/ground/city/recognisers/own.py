"""The city's own recognisers, added when the room is ready; systems add theirs beside them."""

from __future__ import annotations

from madang.ground.city.recognisers import districts, osm, places, population, roads
from madang.ground.city.recognisers.registry import register


def register_all() -> None:
    for recogniser in (
        districts.OUTLINES,
        population.TABLE,
        roads.NODES_FILE,
        roads.LINKS,
        osm.MAP,
        *places.TABLES,
    ):
        register(recogniser)
