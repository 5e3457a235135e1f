"""Mending what a source got wrong, and saying each time what was done.

Nothing here can hang or guess in silence: each step looks at every thing once, mends it or takes it out,
and adds a Repair. What is left builds.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from madang.systems.traffic.engine.draft import Draft, DraftEdge, DraftLink, DraftNode, Line
from madang.systems.traffic.engine.network import MOST_LANES, NodeKind, Rank
from madang.systems.traffic.engine.repair_signals import mend_signals

FASTEST = 130 / 3.6
SHORTEST_M = 1.0
LONGEST_M = 200_000.0
SAME_PLACE_M = 0.5
KMH = 1 / 3.6


@dataclass(frozen=True)
class Repair:
    """One thing that was mended: kind (a key of sentences.REPAIRS), which thing, and the figures."""

    kind: str
    thing: str
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Assumed:
    """What stands in for what a source leaves out, by rank.

    Speeds: the limits of 도로교통법 시행규칙 §19 with 안전속도 5030 in built-up areas (2021-04-17).
    """

    speed_kmh: dict[Rank, float] = field(
        default_factory=lambda: {
            Rank.MOTORWAY: 100,
            Rank.EXPRESSWAY: 80,
            Rank.NATIONAL: 60,
            Rank.METROPOLITAN: 50,
            Rank.PROVINCIAL: 60,
            Rank.CITY: 50,
            Rank.RAMP: 40,
            Rank.LOCAL: 30,
            Rank.SERVICE: 20,
        }
    )
    lanes: dict[Rank, int] = field(
        default_factory=lambda: {
            Rank.MOTORWAY: 3,
            Rank.EXPRESSWAY: 3,
            Rank.NATIONAL: 2,
            Rank.METROPOLITAN: 2,
            Rank.PROVINCIAL: 2,
            Rank.CITY: 2,
            Rank.RAMP: 1,
            Rank.LOCAL: 1,
            Rank.SERVICE: 1,
        }
    )


def repair(draft: Draft, assumed: Assumed | None = None) -> tuple[Draft, list[Repair]]:
    """draft mended in place so that `build.build` takes it, and what was done to it."""
    said: list[Repair] = []
    _mend_nodes(draft, said)
    _mend_ends(draft, said)
    _mend_edges(draft, assumed or Assumed(), said)
    _mend_links(draft, said)
    _mend_bans(draft, said)
    said += [Repair(*found) for found in mend_signals(draft)]
    _mend_kinds(draft)
    return draft, said


def finite(number: Any) -> bool:
    return isinstance(number, int | float) and math.isfinite(number)


def length_of(line: Line) -> float:
    return sum(math.dist(a, b) for a, b in itertools.pairwise(line))


def _mend_nodes(draft: Draft, said: list[Repair]) -> None:
    kept: dict[str, DraftNode] = {}
    for node in draft.nodes:
        if node.key in kept:
            said.append(Repair("node-repeated", node.key))
            continue
        if not (finite(node.x) and finite(node.y)):
            said.append(Repair("node-without-place", node.key))
            node.x = node.y = None
        kept[node.key] = node
    draft.nodes = list(kept.values())


def _mend_ends(draft: Draft, said: list[Repair]) -> None:
    """Every edge ends at nodes that have a place; nodes nobody needs go."""
    nodes = {node.key: node for node in draft.nodes}
    kept: dict[str, DraftEdge] = {}
    for edge in draft.edges:
        edge.line = [p for p in edge.line if finite(p[0]) and finite(p[1])]
        why = _hopeless(edge, kept, nodes)
        if why:
            said.append(Repair(why, edge.key, {"from": edge.from_node, "to": edge.to_node}))
            continue
        _place(edge, nodes, said)
        kept[edge.key] = edge
    draft.edges = list(kept.values())
    used = {key for edge in draft.edges for key in (edge.from_node, edge.to_node)}
    said += [Repair("node-alone", key) for key in nodes if key not in used]
    draft.nodes = [node for key, node in nodes.items() if key in used]


def _hopeless(edge: DraftEdge, kept: dict[str, DraftEdge], nodes: dict[str, DraftNode]) -> str:
    """Why an edge is taken out, or nothing."""
    if edge.key in kept:
        return "edge-repeated"
    if edge.from_node == edge.to_node:
        return "self-loop"
    placed = [
        (key in nodes and nodes[key].x is not None) or len(edge.line) >= 2
        for key in (edge.from_node, edge.to_node)
    ]
    return "" if edge.from_node and edge.to_node and all(placed) else "edge-without-place"


def _place(edge: DraftEdge, nodes: dict[str, DraftNode], said: list[Repair]) -> None:
    for key, end in ((edge.from_node, 0), (edge.to_node, -1)):
        if key not in nodes:
            said.append(Repair("node-missing", key, {"edge": edge.key}))
            nodes[key] = DraftNode(key, *edge.line[end])
        elif nodes[key].x is None:
            nodes[key].x, nodes[key].y = edge.line[end]


def _mend_edges(draft: Draft, assumed: Assumed, said: list[Repair]) -> None:
    places = {node.key: (float(node.x or 0), float(node.y or 0)) for node in draft.nodes}
    for edge in draft.edges:
        _mend_line(edge, places[edge.from_node], places[edge.to_node], said)
        _mend_length(edge, said)
        _mend_speed(edge, assumed, said)
        _mend_lanes(edge, assumed, said)
        _mend_pockets(edge, said)
        if edge.saturation is not None and not (finite(edge.saturation) and edge.saturation > 0):
            said.append(Repair("saturation-unknown", edge.key))
            edge.saturation = None


def _mend_line(
    edge: DraftEdge, start: tuple[float, float], end: tuple[float, float], said: list[Repair]
) -> None:
    if len(edge.line) < 2:
        edge.line = [start, end]
    along = math.dist(edge.line[0], start) + math.dist(edge.line[-1], end)
    against = math.dist(edge.line[0], end) + math.dist(edge.line[-1], start)
    if against + SAME_PLACE_M < along and against < 0.5 * along:
        said.append(Repair("line-reversed", edge.key))
        edge.line.reverse()


def _mend_length(edge: DraftEdge, said: list[Repair]) -> None:
    drawn = min(length_of(edge.line), LONGEST_M)
    if edge.length is None:
        edge.length = drawn
    elif not finite(edge.length) or edge.length <= 0 or edge.length > LONGEST_M:
        said.append(Repair("length-from-line", edge.key, {"was": str(edge.length)}))
        edge.length = drawn
    if edge.length < SHORTEST_M:
        said.append(Repair("length-raised", edge.key, {"was": round(edge.length, 3)}))
        edge.length = SHORTEST_M


def _mend_speed(edge: DraftEdge, assumed: Assumed, said: list[Repair]) -> None:
    usual = assumed.speed_kmh[edge.rank]
    if edge.speed is None or edge.speed == 0:
        said.append(Repair("speed-from-rank", edge.key, {"kmh": usual}))
        edge.speed = usual * KMH
    elif not finite(edge.speed) or not 0 < edge.speed <= FASTEST:
        said.append(
            Repair("speed-absurd", edge.key, {"was": f"{edge.speed * 3.6:g}", "kmh": usual})
        )
        edge.speed = usual * KMH


def _mend_lanes(edge: DraftEdge, assumed: Assumed, said: list[Repair]) -> None:
    if edge.lanes is None or edge.lanes < 1:
        edge.lanes = assumed.lanes[edge.rank]
        said.append(Repair("lanes-from-rank", edge.key, {"lanes": edge.lanes}))
    elif edge.lanes > MOST_LANES:
        said.append(Repair("lanes-cut", edge.key, {"was": edge.lanes, "lanes": MOST_LANES}))
        edge.lanes = MOST_LANES


def _mend_pockets(edge: DraftEdge, said: list[Repair]) -> None:
    """A pocket is no longer than its edge; one without a length takes half of it, 60 m at most."""
    length = edge.length or SHORTEST_M
    for side in ("left", "right"):
        lanes, long = getattr(edge, f"pocket_{side}"), getattr(edge, f"pocket_{side}_m")
        if lanes <= 0:
            setattr(edge, f"pocket_{side}", 0)
            setattr(edge, f"pocket_{side}_m", 0.0)
        elif not finite(long) or not 0 < long <= length:
            fitted = round(min(60.0, length / 2), 1)
            said.append(Repair("pocket-length-assumed", edge.key, {"metres": fitted}))
            setattr(edge, f"pocket_{side}_m", fitted)


def _mend_links(draft: Draft, said: list[Repair]) -> None:
    if draft.links is None:
        return
    edges = {edge.key: edge for edge in draft.edges}
    kept: list[DraftLink] = []
    place: dict[int, int] = {}
    for number, link in enumerate(draft.links):
        why = _broken(link, edges)
        if why:
            said.append(Repair(why, f"{link.from_edge} → {link.to_edge}"))
            continue
        _mend_link_figures(link)
        place[number] = len(kept)
        kept.append(link)
    for link in kept:
        link.yields = [place[n] for n in link.yields if n in place]
        link.foes = [place[n] for n in link.foes if n in place]
    draft.links = kept


def _broken(link: DraftLink, edges: dict[str, DraftEdge]) -> str:
    """Why a link is taken out, or nothing."""
    before, after = edges.get(link.from_edge), edges.get(link.to_edge)
    if before is None or after is None:
        return "link-without-edge"
    if before.to_node != after.from_node:
        return "link-apart"
    for lane, edge in ((link.from_lane, before), (link.to_lane, after)):
        if lane is not None and not 0 <= lane < (edge.lanes or 1):
            return "link-without-lane"
    return ""


def _mend_link_figures(link: DraftLink) -> None:
    if not (finite(link.length) and (link.length or 0) > 0):
        link.length = None
    if not (finite(link.waits_at) and 0 < (link.waits_at or 0) < (link.length or 0)):
        link.waits_at = None
    if not (finite(link.speed) and 0 < (link.speed or 0) <= FASTEST):
        link.speed = None


def _mend_bans(draft: Draft, said: list[Repair]) -> None:
    edges = {edge.key: edge for edge in draft.edges}
    kept: dict[tuple[str, str], None] = {}
    for before, after in draft.bans:
        known = before in edges and after in edges
        if known and edges[before].to_node == edges[after].from_node:
            kept[before, after] = None
        else:
            said.append(Repair("ban-nowhere", f"{before} → {after}"))
    draft.bans = list(kept)


def _mend_kinds(draft: Draft) -> None:
    """Signals stand where a controller does, dead ends where no edge leads on."""
    signalled = {key for controller in draft.controllers for key in controller.nodes}
    leads_on = {edge.from_node for edge in draft.edges}
    for node in draft.nodes:
        if node.key in signalled:
            node.kind = NodeKind.SIGNAL
        elif node.key not in leads_on:
            node.kind = NodeKind.DEAD_END
        elif node.kind in (NodeKind.SIGNAL, NodeKind.DEAD_END):
            node.kind = NodeKind.PRIORITY


def kinds(said: Iterable[Repair]) -> dict[str, int]:
    """How many repairs of each kind, most first."""
    counts: dict[str, int] = {}
    for each in said:
        counts[each.kind] = counts.get(each.kind, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))
