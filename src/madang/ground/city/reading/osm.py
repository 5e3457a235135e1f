"""OpenStreetMap, XML or PBF: roads cut where they meet, points, lines and areas of kinds a city keeps."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
import shapely

from madang.ground.city.reading.meetings import Meetings, Numbers
from madang.ground.city.reading.overpass import COMPLAINT, without_member_geometry
from madang.ground.city.reading.sheets import Sheet, SourceRow
from madang.ground.city.reasons import Refused, note

KEYS = (
    "highway", "building", "amenity", "leisure", "natural", "landuse", "waterway", "railway",
    "emergency", "shop", "office", "public_transport",
)  # fmt: skip
DRIVEN = frozenset(
    base + link
    for base, links in {
        "motorway": True, "trunk": True, "primary": True, "secondary": True, "tertiary": True,
        "unclassified": False, "residential": False, "living_street": False, "service": False,
        "road": False,
    }.items()
    for link in (("", "_link") if links else ("",))
)  # fmt: skip
LARGE = 400 << 20


@dataclass
class OsmSheet(Sheet):
    """Rows are of type junction, road, point, line or area; a road is a piece between junctions."""

    format: str = "osm"
    incomplete: int = 0
    signals: Numbers = field(default_factory=Numbers)
    _number: Iterator[int] = field(default_factory=itertools.count)
    _folder: tempfile.TemporaryDirectory[str] | None = None
    _wkb: Any = field(default_factory=osmium.geom.WKBFactory)

    def rows(self) -> Iterator[SourceRow]:
        self.incomplete = 0
        self.signals = Numbers()
        self._number = itertools.count(1)
        try:
            meetings, ways = self._meetings_of_any_form()
            with tempfile.TemporaryDirectory(prefix="madang-") as folder:
                yield from self._rows(meetings, ways, Path(folder))
        except RuntimeError as error:
            raise Refused(_why(str(error)), detail=str(error)) from error
        self.fraction = 1.0
        if self.incomplete:
            self.notes = [note("incomplete", count=self.incomplete)]

    def _meetings_of_any_form(self) -> tuple[Meetings, int]:
        try:
            return self._meetings()
        except RuntimeError as error:
            if COMPLAINT not in str(error):
                raise
        self._folder = tempfile.TemporaryDirectory(prefix="madang-")
        plain = Path(self._folder.name) / "plain.osm"
        without_member_geometry(self.path, plain)
        self.path = plain
        return self._meetings()

    def _rows(self, meetings: Meetings, ways: int, folder: Path) -> Iterator[SourceRow]:
        done = 0
        for thing in self._objects(folder):
            if thing.is_node():
                yield from self._node(thing)
            elif thing.is_way():
                done += 1
                self.fraction = min(done / max(ways, 1), 1.0)
                yield from self._way(thing, meetings)
            elif thing.is_area():
                yield from self._area(thing)

    def _objects(self, folder: Path) -> Any:
        large = self.path.stat().st_size > LARGE
        store = f"sparse_file_array,{folder / 'nodes'}" if large else "flex_mem"
        tagged = osmium.filter.KeyFilter(*KEYS)
        return (
            osmium.FileProcessor(osmium.io.File(str(self.path), self.format))
            .with_locations(store)
            .with_areas(osmium.filter.KeyFilter(*KEYS))
            .with_filter(tagged)
        )

    def _meetings(self) -> tuple[Meetings, int]:
        """Where roads meet, and how many ways there are."""
        meetings, ways = Meetings(), 0
        file = osmium.io.File(str(self.path), self.format)
        reader: Any = osmium.FileProcessor(file, osmium.osm.WAY)
        for way in reader.with_filter(osmium.filter.KeyFilter(*KEYS)):
            ways += 1
            if way.tags.get("highway") in DRIVEN and len(way.nodes):
                meetings.add([node.ref for node in way.nodes])
        meetings.close()
        return meetings, ways

    def _row(self, kind: str, geometry: Any, **values: Any) -> SourceRow:
        return SourceRow(next(self._number), {"type": kind, **values}, geometry)

    def _node(self, node: Any) -> Iterator[SourceRow]:
        point = shapely.Point(node.location.lon, node.location.lat)
        if node.tags.get("highway") == "traffic_signals":
            self.signals.add(node.id)
        yield self._row("point", point, id=f"n{node.id}", tags=dict(node.tags))

    def _way(self, way: Any, meetings: Meetings) -> Iterator[SourceRow]:
        tags = dict(way.tags)
        if tags.get("highway") in DRIVEN:
            yield from self._road(way, tags, meetings)
        elif "waterway" in tags or "railway" in tags:
            try:
                line = shapely.from_wkb(self._wkb.create_linestring(way))
            except (osmium.InvalidLocationError, RuntimeError):
                self.incomplete += 1
                return
            yield self._row("line", line, id=f"w{way.id}", tags=tags)

    def _road(self, way: Any, tags: dict[str, str], meetings: Meetings) -> Iterator[SourceRow]:
        nodes = [
            (node.ref, node.location.lon, node.location.lat)
            for node in way.nodes
            if node.location.valid()
        ]
        self.incomplete += len(nodes) < len(way.nodes)
        if len(nodes) < 2:
            return
        last = len(nodes) - 1
        meets = meetings.among([node[0] for node in nodes])
        cuts = [at for at, is_cut in enumerate(meets) if is_cut or at in (0, last)]
        for start, end in itertools.pairwise(cuts):
            for ref, lon, lat in (nodes[start], nodes[end]):
                if meetings.is_first(ref):
                    yield self._row(
                        "junction",
                        shapely.Point(lon, lat),
                        id=str(ref),
                        signals=ref in self.signals,
                    )
            piece = nodes[start : end + 1]
            yield self._row(
                "road",
                shapely.LineString([node[1:] for node in piece]),
                id=f"w{way.id}",
                nodes=(piece[0][0], piece[1][0], piece[-2][0], piece[-1][0]),
                tags=tags,
            )

    def _area(self, area: Any) -> Iterator[SourceRow]:
        try:
            outline = shapely.from_wkb(self._wkb.create_multipolygon(area))
        except (osmium.InvalidLocationError, RuntimeError):
            self.incomplete += 1
            return
        letter = "w" if area.from_way() else "r"
        yield self._row("area", outline, id=f"{letter}{area.orig_id()}", tags=dict(area.tags))


def open_osm(path: Path, name: str, form: str) -> OsmSheet:
    return OsmSheet(path, name, ("type", "id", "tags"), kind="osm", crs="EPSG:4326", format=form)


def _why(message: str) -> str:
    cut = ("truncated", "unexpected end", "no element found", "unclosed", "eof", "invalid blob")
    return "truncated" if any(word in message.lower() for word in cut) else "broken"
