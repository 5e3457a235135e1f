"""A network from what a city has already, or from OpenStreetMap, kept as an import that can be undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from madang.ground.city.models import City, Import
from madang.ground.city.public import write
from madang.ground.trail.public import Actor
from madang.systems.traffic.domain import networks, standard
from madang.systems.traffic.domain.networks import Made
from madang.systems.traffic.engine.draft import Draft
from madang.systems.traffic.models import StreetNetwork
from madang.systems.traffic.operation_table import SOURCE
from madang.systems.traffic.sources.osm import read_osm

OSM_ATTRIBUTION = "© OpenStreetMap contributors"


def draft(city: City, osm: Path | None, assume_plans: bool) -> Draft:
    """What the OpenStreetMap file says, or else the city's own links."""
    if osm is None:
        return standard.draft_of(city)
    return read_osm(osm, city.crs, assume_plans=assume_plans)


def keep(city: City, made: Made, osm: Path | None, actor: Actor) -> Import:
    """Keep the network as the city's newest, in one transaction, with an entry in the trail."""
    if osm is None:
        row = networks.record(made, "표준노드링크", StreetNetwork.Kind.STANDARD)
        return write(city, SOURCE, [row], actor, file="표준노드링크")
    row = networks.record(made, osm.name, StreetNetwork.Kind.OSM)
    source = replace(
        SOURCE, key="street-network-osm", licence="ODbL 1.0", attribution=OSM_ATTRIBUTION
    )
    return write(city, source, [row], actor, file=osm.name)
