"""The network of a city's own road links: 표준노드링크 as it was imported, with its turn rules."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from madang.ground.city.models import City, RoadLink, RoadNode
from madang.ground.city.models.roads import Rank as CityRank
from madang.ground.city.public import to_metres
from madang.systems.traffic.engine.draft import Draft, DraftEdge, DraftNode, Line
from madang.systems.traffic.engine.network import Rank
from madang.systems.traffic.models import TurnRule
from madang.systems.traffic.sources.refusal import UnreadableError

RANKS = dict(zip(CityRank.values, Rank, strict=True))
DATA_SET = "standard-node-link"


def draft_of(city: City) -> Draft:
    """What the city's standard links say; UnreadableError where it has none.

    They know no lanes of turns and no signals; where the city imported TURNINFO its bans hold.
    """
    links = RoadLink.objects.filter(city=city, data_set__key=DATA_SET).order_by("key")
    edges = list(_edges(city, list(links.iterator())))
    if not edges:
        raise UnreadableError("no-links")
    nodes = RoadNode.objects.filter(city=city, data_set__key=DATA_SET).order_by("key")
    rules = TurnRule.objects.filter(city=city, kind__in=TurnRule.BANS)
    return Draft(
        [
            DraftNode(n.key, n.x, n.y, name="" if n.name == "-" else n.name)
            for n in nodes.iterator()
        ],
        edges,
        bans=[(rule.from_link, rule.to_link) for rule in rules.iterator()],
    )


def _edges(city: City, links: list[RoadLink]) -> Iterator[DraftEdge]:
    lines = _lines(city, links)
    for link, line in zip(links, lines, strict=True):
        yield DraftEdge(
            link.key,
            link.from_node,
            link.to_node,
            link.length_m,
            link.speed_kmh / 3.6 if link.speed_kmh else None,
            link.lanes,
            RANKS[link.rank],
            link.name,
            line,
        )


def _lines(city: City, links: list[RoadLink]) -> Iterator[Line]:
    shapes = shapely.from_wkb([bytes(link.geometry) for link in links])
    points = shapely.get_coordinates(shapes)
    x, y = to_metres(points[:, 0], points[:, 1], city.crs)
    metres = list(zip(x.tolist(), y.tolist(), strict=True))
    ends = np.cumsum(shapely.get_num_coordinates(shapes)).tolist()
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        yield metres[start:end]
