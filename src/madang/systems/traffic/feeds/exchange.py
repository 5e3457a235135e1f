"""교통소통정보 after 기본교통정보교환 기술기준 Ⅲ (국토교통부고시 제2021-1061호): speed and time of links.

As the Open-API of the national centre says it: a header with a code, then items; times in seconds, speeds in
km/h, moments as year to second of the city's clock. Links are those of the network in force, by their own
numbers (표준노드링크 where it was made of them). Only links that a detector says a speed of are given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring
from zoneinfo import ZoneInfo

from madang.systems.traffic.domain.streets_now import Road, Streets

FINE = "0"
STANDING = 1.0
"""km/h below which a time would be longer than anybody waits."""


@dataclass(frozen=True)
class Box:
    """minX, maxX, minY, maxY of the request: degrees."""

    west: float = -180.0
    east: float = 180.0
    south: float = -90.0
    north: float = 90.0

    def holds(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north


def answer(found: Streets | None, box: Box, time_zone: str) -> dict[str, Any]:
    """Header and body as they are said in JSON."""
    items = list(_items(found, box, ZoneInfo(time_zone))) if found else []
    simulated = any(road.simulated for road in found.roads) if found else False
    said = "success (simulated data)" if simulated and items else "success"
    return {
        "header": {"resultCode": FINE, "resultMsg": said},
        "body": {"totalCount": len(items), "items": items},
    }


def as_xml(said: dict[str, Any]) -> bytes:
    """The same as XML."""
    root = Element("response")
    header, body = SubElement(root, "header"), SubElement(root, "body")
    for name, value in said["header"].items():
        SubElement(header, name).text = value
    SubElement(body, "totalCount").text = str(said["body"]["totalCount"])
    items = SubElement(body, "items")
    for row in said["body"]["items"]:
        item = SubElement(items, "item")
        for name, value in row.items():
            SubElement(item, name).text = value
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _items(found: Streets, box: Box, zone: ZoneInfo) -> Iterator[dict[str, str]]:
    for road in found.roads:
        line = found.held.lines[road.edge]
        if road.speed is not None and road.heard and any(box.holds(*point) for point in line):
            yield _item(
                found, road, road.speed, road.heard.astimezone(zone).strftime("%Y%m%d%H%M%S")
            )


def _item(found: Streets, road: Road, speed: float, made: str) -> dict[str, str]:
    edges, nodes = found.network.edges, found.network.nodes
    seconds = float(edges.length[road.edge]) / max(speed, STANDING) * 3.6
    return {
        "roadName": road.name,
        "roadDrcType": "",
        "linkNo": "",
        "linkId": road.key,
        "startNodeId": nodes.ids[edges.from_node[road.edge]],
        "endNodeId": nodes.ids[edges.to_node[road.edge]],
        "speed": f"{speed:.1f}",
        "travelTime": f"{seconds:.1f}",
        "createdDate": made,
    }
