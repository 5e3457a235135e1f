"""A district cut out of a city's network: the crossings around a point and every street at them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from madang.systems.traffic.engine.build import build
from madang.systems.traffic.engine.draft import Draft, DraftEdge, DraftLink, DraftNode
from madang.systems.traffic.engine.network import Ints, Network, NodeKind
from madang.systems.traffic.micro.pockets import with_pockets
from madang.systems.traffic.micro.refusal import WindowRefusal

RADIUS_M = 400.0
MOST_EDGES = 3_000


@dataclass(frozen=True)
class District:
    """network has the streets at the crossings within `radius` m of x, y (metres of the city) whole; where
    they lead out of the district they end. Streets with pockets are two, as `pockets` has it. entries and
    exits are edges, by which one comes and goes."""

    network: Network
    x: float
    y: float
    radius: float
    entries: Ints
    exits: Ints


def cut(draft: Draft, x: float, y: float, radius: float = RADIUS_M) -> District:
    """The district of a mended draft around x, y; WindowRefusal where there is no crossing."""
    inside = _inside(draft, x, y, radius)
    edges = [edge for edge in draft.edges if {edge.from_node, edge.to_node} & inside]
    if not inside or not edges:
        raise WindowRefusal("no-streets")
    if len(edges) > MOST_EDGES:
        raise WindowRefusal("too-large", edges=len(edges), most=MOST_EDGES)
    network = build(with_pockets(_part(draft, edges, inside)))
    entries, exits = _ends(network)
    return District(network, x, y, radius, entries, exits)


def _inside(draft: Draft, x: float, y: float, radius: float) -> set[str]:
    """The nodes of the district; of a controller that serves several all, for it cannot be cut."""
    near = {
        node.key
        for node in draft.nodes
        if node.x is not None
        and node.y is not None
        and math.hypot(node.x - x, node.y - y) <= radius
    }
    for controller in draft.controllers:
        if near.intersection(controller.nodes):
            near.update(controller.nodes)
    return near


def _part(draft: Draft, edges: list[DraftEdge], inside: set[str]) -> Draft:
    kept = {edge.key for edge in edges}
    ended = [_ended(edge, inside) for edge in edges]
    links = None if draft.links is None else _links(draft.links, edges, inside)
    watched = {link.controller for link in links or []}
    return Draft(
        [node for node in draft.nodes if node.key in inside] + _border(draft, edges, inside),
        ended,
        links,
        [ban for ban in draft.bans if kept.issuperset(ban)],
        [
            replace(each, nodes=tuple(key for key in each.nodes if key in inside))
            for each in draft.controllers
            if each.key in watched
        ],
        draft.knows_conflicts,
    )


def _ended(edge: DraftEdge, inside: set[str]) -> DraftEdge:
    """The edge with an end of its own wherever it leads out, so that nobody turns there."""
    begin = edge.from_node if edge.from_node in inside else f"{edge.key}<"
    end = edge.to_node if edge.to_node in inside else f"{edge.key}>"
    return replace(edge, from_node=begin, to_node=end)


def _border(draft: Draft, edges: list[DraftEdge], inside: set[str]) -> list[DraftNode]:
    nodes = {node.key: node for node in draft.nodes}
    return [
        replace(nodes[at], key=f"{edge.key}{mark}", kind=NodeKind.DEAD_END, name="")
        for edge in edges
        for at, mark in ((edge.from_node, "<"), (edge.to_node, ">"))
        if at not in inside
    ]


def _links(links: list[DraftLink], edges: list[DraftEdge], inside: set[str]) -> list[DraftLink]:
    """The links at the district's nodes, their conflicts counted anew."""
    ends = {edge.key: edge.to_node for edge in edges}
    kept = [n for n, link in enumerate(links) if ends.get(link.from_edge) in inside]
    new = {old: n for n, old in enumerate(kept)}
    return [
        replace(
            links[old],
            yields=[new[n] for n in links[old].yields if n in new],
            foes=[new[n] for n in links[old].foes if n in new],
        )
        for old in kept
    ]


def _ends(network: Network) -> tuple[Ints, Ints]:
    import numpy as np

    into = np.diff(network.turns_into.first)
    out = np.diff(network.turns.first)
    return (
        np.flatnonzero((into == 0) & (out > 0)).astype(np.int32),
        np.flatnonzero(out == 0).astype(np.int32),
    )
