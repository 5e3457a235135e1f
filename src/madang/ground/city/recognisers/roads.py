"""표준노드링크: the country's standard node-link network (ITS standard node-link, MOLIT)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import shapely
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import RoadLink, RoadNode
from madang.ground.city.models.roads import Rank, Structure
from madang.ground.city.reasons import Rejected
from madang.ground.city.recognisers.registry import Column, Recogniser, Row
from madang.ground.city.records import Record, Source

SOURCE = Source(
    "standard-node-link",
    {"ko": "표준노드링크", "en": "Standard node-link network", "ja": "標準ノードリンク"},
    source="국토교통부 국가교통정보센터 (its.go.kr)",
    attribution="국토교통부 표준노드링크",
)
RANKS = {
    "101": Rank.MOTORWAY,
    "102": Rank.EXPRESSWAY,
    "103": Rank.NATIONAL,
    "104": Rank.METROPOLITAN,
    "105": Rank.PROVINCIAL,
    "106": Rank.PROVINCIAL,
    "107": Rank.CITY,
    "108": Rank.RAMP,
}
# ROAD_TYPE of the standard: 000 ordinary, 001 overpass, 002 underpass, 003 bridge, 004 tunnel.
STRUCTURES = {
    "000": Structure.GROUND,
    "001": Structure.OVERPASS,
    "002": Structure.UNDERPASS,
    "003": Structure.BRIDGE,
    "004": Structure.TUNNEL,
}
# NODE_TYPE of the standard.
NODES = {
    "101": "crossing",
    "102": "link-end",
    "103": "structure",
    "104": "boundary",
    "105": "ramp",
    "106": "toll",
    "107": "rest",
    "108": "change",
}
MOST_LANES, MOST_SPEED = 20, 130


@dataclass(frozen=True)
class StandardLinks(Recogniser):
    def records(self, row: Row) -> Iterable[Record]:
        road_rank = row.needed("rank")
        if road_rank not in RANKS:
            raise Rejected("unknown-word", column=row.header("rank"), value=road_rank)
        values = {
            "from_node": row.needed("from"),
            "to_node": row.needed("to"),
            "rank": RANKS[road_rank],
            "structure": STRUCTURES.get(row.text("type"), Structure.GROUND),
            "lanes": row.known("lanes", MOST_LANES),
            "speed_kmh": row.known("speed", MOST_SPEED),
            "name": row.text("name"),
            "details": row.others("key", "from", "to", "lanes", "speed", "name"),
        }
        return [Record(RoadLink, row.needed("key"), values, one_line(row.geometry, row))]


@dataclass(frozen=True)
class StandardNodes(Recogniser):
    def records(self, row: Row) -> Iterable[Record]:
        if row.geometry is None or row.geometry.geom_type != "Point":
            found = row.geometry.geom_type if row.geometry is not None else "-"
            raise Rejected("wrong-shape", found=found, expected="Point")
        values = {
            "kind": NODES.get(row.text("type"), "crossing"),
            "name": row.text("name"),
            "details": row.others("key", "name"),
        }
        return [Record(RoadNode, row.needed("key"), values, row.geometry)]


def one_line(geometry: Any, row: Row) -> Any:
    """The link as one line: pieces are joined in the order in which they lie along it."""
    if geometry is None or geometry.geom_type not in ("LineString", "MultiLineString"):
        found = geometry.geom_type if geometry is not None else "-"
        raise Rejected("wrong-shape", found=found, expected="LineString")
    if geometry.geom_type == "MultiLineString":
        row.reading.notice("joined")
        geometry = _joined(geometry)
    if geometry.length == 0:
        raise Rejected("own-loop")
    return geometry


def _joined(pieces: Any) -> Any:
    merged = shapely.line_merge(pieces, directed=True)
    if merged.geom_type == "LineString":
        return merged
    points = [point for piece in merged.geoms for point in piece.coords]
    kept = [
        point for before, point in zip([None, *points], points, strict=False) if point != before
    ]
    return shapely.LineString(kept)


LINKS = StandardLinks(
    key="standard-links",
    title=_("Standard road links"),
    source=SOURCE,
    kind="map",
    needs=(
        Column("key", ("LINK_ID",)),
        Column("from", ("F_NODE",)),
        Column("to", ("T_NODE",)),
        Column("rank", ("ROAD_RANK",)),
        Column("lanes", ("LANES",)),
        Column("speed", ("MAX_SPD",)),
    ),
    may=(Column("type", ("ROAD_TYPE",)), Column("name", ("ROAD_NAME",))),
    order=20,
    stable_key="LINK_ID",
)
NODES_FILE = StandardNodes(
    key="standard-nodes",
    title=_("Standard road nodes"),
    source=SOURCE,
    kind="map",
    needs=(Column("key", ("NODE_ID",)), Column("type", ("NODE_TYPE",))),
    may=(Column("name", ("NODE_NAME",)),),
    order=19,
    stable_key="NODE_ID",
)
