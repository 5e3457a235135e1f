"""How networks and turn rules come into a city: what `madang city import` recognises of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from madang.ground.city.public import (
    Column,
    Opener,
    Recogniser,
    Record,
    Refused,
    Rejected,
    Row,
    Sheet,
    Source,
    SourceRow,
)
from madang.systems.traffic import sentences
from madang.systems.traffic.domain import networks, programs
from madang.systems.traffic.engine.draft import Draft
from madang.systems.traffic.engine.repair import Repair, kinds
from madang.systems.traffic.models import StreetNetwork, TurnRule
from madang.systems.traffic.operation_table import SOURCE
from madang.systems.traffic.sources.plain import ROOTS, parts_beside, plans_of, read_plain
from madang.systems.traffic.sources.refusal import UnreadableError
from madang.systems.traffic.sources.sumo import read_net
from madang.systems.traffic.sources.xml import root_of

MAIN = "edges"
SIGNALS = "trafficSignalSystem"
SHEET = "_sheet"
MARKS = (b"<net", b"<nodes", b"<edges", b"<connections", b"<trafficSignalSystem")
GZIP = b"\x1f\x8b"

TURNS = Source(
    "standard-turns",
    {"ko": "표준노드링크 회전정보", "en": "Standard turn information", "ja": "標準回転情報"},
    source="국토교통부 국가교통정보센터 (its.go.kr)",
    attribution="국토교통부 표준노드링크",
)


@dataclass
class NetworkSheet(Sheet):
    """A whole network as one row: it stands or falls as one."""

    root: str = "net"

    def rows(self) -> Iterator[SourceRow]:
        yield SourceRow(1, {SHEET: self})
        self.fraction = 1.0


@dataclass(frozen=True)
class NetworkFile(Recogniser):
    """Reads the file itself: rows of a sheet would tear apart what only holds together as one."""

    parts: bool = False

    def records(self, row: Row) -> Iterable[Record]:
        sheet = row.source.values[SHEET]
        path, crs = sheet.path, row.reading.city.crs
        try:
            if self.parts:
                found = parts_beside(path)
                draft, said = read_plain(found, crs)
                signals = (
                    list(programs.records(plans_of(found[SIGNALS]))) if SIGNALS in found else []
                )
            else:
                draft, said, signals = read_net(path, crs), [], []
        except UnreadableError as error:
            raise Refused(f"traffic-{error.code}", **error.figures) from error
        return [self._network(draft, said, sheet, row), *signals]

    def _network(self, draft: Draft, said: list[Repair], sheet: Sheet, row: Row) -> Record:
        made = networks.make(draft, said)
        if not len(made.network.edges):
            raise Refused("traffic-no-streets", file=sheet.name)
        for kind, count in kinds(made.repairs).items():
            row.reading.counts[sentences.repair_note(kind), ""] += count
        kind = StreetNetwork.Kind.PARTS if self.parts else StreetNetwork.Kind.SUMO
        return networks.record(made, _title(sheet), kind)


def _title(sheet: Sheet) -> str:
    """What the network is called: the file, or for parts the folder or archive they lie in."""
    if isinstance(sheet, NetworkSheet) and sheet.root == MAIN:
        return sheet.name.rsplit("/", 1)[0] if "/" in sheet.name else sheet.path.parent.name
    return sheet.name


@dataclass(frozen=True)
class TurnInfo(Recogniser):
    def records(self, row: Row) -> Iterable[Record]:
        kind = row.needed("kind").zfill(3)
        if kind not in TurnRule.Kind.values:
            raise Rejected("unknown-word", column=row.header("kind"), value=kind)
        values = {
            "node": row.needed("node"),
            "from_link": row.needed("from"),
            "to_link": row.needed("to"),
            "kind": kind,
        }
        key = f"{values['node']}:{values['from_link']}:{values['to_link']}:{kind}"
        return [Record(TurnRule, row.text("key") or key, values)]


def _is_ours(path: Path, head: bytes) -> bool:
    """Whether a file begins like one of ours; a gzipped one is looked into."""
    if head.startswith(GZIP):
        return path.name.endswith((".net.xml.gz", ".net.xml")) or _root(path) == "net"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"<") and any(mark in head for mark in MARKS)


def _root(path: Path) -> str:
    try:
        return root_of(path)
    except UnreadableError:
        return ""


def _open(path: Path, name: str) -> list[Sheet]:
    try:
        root = root_of(path)
    except UnreadableError as error:
        raise Refused(f"traffic-{error.code}", **error.figures) from error
    if root == "net":
        return [NetworkSheet(path, name, ("net",))]
    if root == MAIN:
        return [NetworkSheet(path, name, ("nodes and edges",), root=MAIN)]
    if root in ROOTS:
        raise Refused("traffic-part-missing", parts=MAIN)
    raise Refused("not-data")


def _is_part(path: Path) -> bool:
    """A part of a network whose edges lie beside it."""
    if path.suffix.lower() != ".xml" or _root(path) not in set(ROOTS) - {MAIN}:
        return False
    return MAIN in parts_beside(path)


OPENER = Opener("street-network", _is_ours, _open, _is_part)
SUMO = NetworkFile(
    key="sumo-network",
    title=_("SUMO network"),
    source=SOURCE,
    needs=(Column("net", ("net",)),),
    order=70,
    stable_key="net",
    within=False,
)
PARTS = NetworkFile(
    key="network-parts",
    title=_("Nodes, edges, connections and signal centre's plans"),
    source=SOURCE,
    needs=(Column("net", ("nodes and edges",)),),
    order=71,
    stable_key="edges",
    within=False,
    parts=True,
)
TURN_INFO = TurnInfo(
    key="standard-turns",
    title=_("Standard turn information (TURNINFO)"),
    source=TURNS,
    needs=(
        Column("node", ("NODE_ID",)),
        Column("from", ("ST_LINK",)),
        Column("to", ("ED_LINK",)),
        Column("kind", ("TURN_TYPE",)),
    ),
    may=(Column("key", ("TURN_ID",)),),
    order=21,
    stable_key="TURN_ID",
)
