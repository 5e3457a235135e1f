"""OpenStreetMap: roads, places, water, parks, hills, railways and buildings of its tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import Place, RoadLink, RoadNode, Shape
from madang.ground.city.models.roads import Rank, Structure
from madang.ground.city.recognisers.registry import Column, Recogniser, Row
from madang.ground.city.records import Record, Source

Tags = dict[str, str]

SOURCE = Source(
    "openstreetmap",
    {"ko": "오픈스트리트맵", "en": "OpenStreetMap", "ja": "オープンストリートマップ"},
    source="OpenStreetMap (openstreetmap.org)",
    licence="ODbL 1.0",
    attribution="© OpenStreetMap contributors",
)
RANKS = {
    "motorway": Rank.MOTORWAY,
    "trunk": Rank.EXPRESSWAY,
    "primary": Rank.NATIONAL,
    "secondary": Rank.METROPOLITAN,
    "tertiary": Rank.CITY,
    "unclassified": Rank.LOCAL,
    "residential": Rank.LOCAL,
    "living_street": Rank.LOCAL,
    "road": Rank.LOCAL,
    "service": Rank.SERVICE,
}
LEVEL_M = 3.0  # a storey, where only their number is tagged
PLACES = {
    ("amenity", "school"): "school",
    ("amenity", "kindergarten"): "kindergarten",
    ("amenity", "university"): "university",
    ("amenity", "college"): "university",
    ("amenity", "hospital"): "hospital",
    ("amenity", "fire_station"): "fire-station",
    ("amenity", "police"): "police",
    ("amenity", "townhall"): "office",
    ("office", "government"): "office",
    ("amenity", "library"): "library",
    ("amenity", "marketplace"): "market",
    ("amenity", "parking"): "car-park",
    ("highway", "bus_stop"): "bus-stop",
    ("highway", "speed_camera"): "speed-camera",
    ("railway", "station"): "station",
}
SHAPES = {
    ("natural", "water"): "water",
    ("waterway", "riverbank"): "water",
    ("landuse", "reservoir"): "water",
    ("leisure", "park"): "park",
    ("leisure", "garden"): "park",
    ("natural", "wood"): "hill",
    ("landuse", "forest"): "hill",
    ("natural", "grassland"): "green",
    ("landuse", "grass"): "green",
    ("landuse", "meadow"): "green",
    ("leisure", "pitch"): "green",
}
LINES = {
    ("waterway", "river"): "stream",
    ("waterway", "stream"): "stream",
    ("waterway", "canal"): "stream",
    ("railway", "rail"): "rail",
    ("railway", "subway"): "rail",
    ("railway", "light_rail"): "rail",
}


@dataclass(frozen=True)
class OpenStreetMap(Recogniser):
    def records(self, row: Row) -> Iterable[Record]:
        values = row.source.values
        if values["type"] == "junction":
            fields = {"kind": "signals" if values["signals"] else "crossing"}
            return [Record(RoadNode, values["id"], fields, row.geometry)]
        if values["type"] == "road":
            return list(_directions(values["id"], values["nodes"], values["tags"], row))
        found = list(_things(values["type"], values["id"], values["tags"], row.geometry))
        if not found:
            row.reading.notice("not-drawn")
        return found


def _things(kind: str, key: str, tags: Tags, geometry: Any) -> Iterator[Record]:
    if place := _first(PLACES, tags):
        details = {name: value for name, value in tags.items() if name != "name"}
        fields = {"kind": place, "name": _name(tags), "address": _address(tags), "details": details}
        yield Record(Place, key, fields, geometry if kind != "line" else geometry.centroid)
    if shape := _shape(kind, tags):
        yield Record(Shape, key, {"kind": shape, "name": _name(tags), **_building(tags)}, geometry)


def _shape(kind: str, tags: Tags) -> str | None:
    if kind == "area":
        return "building" if tags.get("building", "no") != "no" else _first(SHAPES, tags)
    return _first(LINES, tags) if kind == "line" and not _underground(tags) else None


def _directions(key: str, nodes: tuple[int, ...], tags: Tags, row: Row) -> Iterator[Record]:
    """The links of a piece of road: one each way it is driven, named after its way and nodes."""
    first, second, before_last, last = nodes
    one_way = _one_way(tags)
    fields = _road(tags, row, 1 if one_way else 2)
    if one_way >= 0:
        ends = {"from_node": str(first), "to_node": str(last)}
        yield Record(RoadLink, f"{key}/{first}-{second}-{last}", {**fields, **ends}, row.geometry)
    if one_way <= 0:
        ends = {"from_node": str(last), "to_node": str(first)}
        back = row.geometry.reverse()
        yield Record(RoadLink, f"{key}/{last}-{before_last}-{first}", {**fields, **ends}, back)


def _road(tags: Tags, row: Row, directions: int) -> dict[str, Any]:
    base = tags["highway"].removesuffix("_link")
    ramp = tags["highway"].endswith("_link")
    return {
        "rank": Rank.RAMP if ramp and base in ("motorway", "trunk") else RANKS[base],
        "structure": _structure(tags),
        "lanes": _lanes(tags, directions),
        "speed_kmh": _speed(tags),
        "name": _name(tags),
        "details": {"highway": tags["highway"]},
    }


def _one_way(tags: Tags) -> int:
    """1 along the way, -1 against it, 0 both ways."""
    said = tags.get("oneway", "")
    if said in ("-1", "reverse"):
        return -1
    implied = tags.get("junction") == "roundabout" or tags["highway"].startswith("motorway")
    return 1 if said in ("yes", "true", "1") or (implied and said != "no") else 0


def _structure(tags: Tags) -> Structure:
    if tags.get("tunnel", "no") != "no":
        below = tags.get("tunnel") == "underpass" or "지하차도" in tags.get("name", "")
        return Structure.UNDERPASS if below else Structure.TUNNEL
    if tags.get("bridge", "no") != "no":
        above = "고가" in tags.get("name", "") or tags.get("bridge") == "viaduct"
        return Structure.OVERPASS if above else Structure.BRIDGE
    return Structure.GROUND


def _lanes(tags: Tags, directions: int) -> int | None:
    said = tags.get("lanes", "")
    return max(min(int(said), 20) // directions, 1) if said.isdigit() and int(said) else None


def _speed(tags: Tags) -> int | None:
    said = tags.get("maxspeed", "").removesuffix("km/h").strip()
    return int(said) if said.isdigit() and 0 < int(said) <= 130 else None


def _underground(tags: Tags) -> bool:
    return tags.get("tunnel", "no") != "no" or tags.get("layer", "0").startswith("-")


def _first(kinds: dict[tuple[str, str], str], tags: Tags) -> str | None:
    return next((kind for (key, value), kind in kinds.items() if tags.get(key) == value), None)


def _name(tags: Tags) -> str:
    return tags.get("name:ko") or tags.get("name", "")


def _address(tags: Tags) -> str:
    return " ".join(
        tags[key]
        for key in ("addr:city", "addr:district", "addr:street", "addr:housenumber")
        if key in tags
    )


def _building(tags: Tags) -> dict[str, Any]:
    kept = ("building", "name:en", "name:ja")
    details: dict[str, Any] = {key: tags[key] for key in kept if key in tags}
    levels, height = _metres(tags, "building:levels"), _metres(tags, "height")
    if levels:
        details["levels"] = levels
    if height or levels:
        details["height_m"] = height or levels * LEVEL_M
    return {"details": details}


def _metres(tags: Tags, key: str) -> float:
    """A tag's number, its unit m aside; 0 where there is none."""
    said = tags.get(key, "").removesuffix("m").strip()
    try:
        return max(float(said), 0.0)
    except ValueError:
        return 0.0


MAP = OpenStreetMap(
    key="openstreetmap",
    title=_("OpenStreetMap"),
    source=SOURCE,
    kind="osm",
    needs=(Column("type", ("type",)),),
    order=30,
    within=False,
    stable_key="node / way / relation id",
)
