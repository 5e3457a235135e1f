"""How local streets are reached: along the outer lanes of the main road that they open on.

A main road's links run from crossing to crossing, as those of the standard node-link network do; they
are not cut where a local street meets them. What a car drives between that place and the crossings on
either side is a way of its own, on the main road's line.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from madang.demo.city.local import LocalStreets
from madang.demo.city.network import Edge, Network
from madang.demo.city.raster import Floats

APART = 4.0  # metres along the road


@dataclass(frozen=True)
class AccessWay:
    """A piece of the main road `edge` from node a to node b, numbered as in Roads."""

    a: int
    b: int
    line: Floats
    edge: Edge


def reachable(local: LocalStreets) -> LocalStreets:
    """Only the streets that lead, through others or at once, to a main road."""
    count = len(local.nodes)
    ends = local.ends
    links = coo_matrix((np.ones(len(ends)), ends.T), shape=(count, count))
    _, part = connected_components(links, directed=False)
    open_parts = np.unique(part[local.main >= 0])
    kept = np.isin(part[ends[:, 0]], open_parts)
    used, numbers = np.unique(ends[kept], return_inverse=True)
    lines = [local.lines[number] for number in np.flatnonzero(kept)]
    return replace(
        local,
        nodes=local.nodes[used],
        ends=numbers.reshape(-1, 2),
        lines=lines,
        main=local.main[used],
        cut=local.cut[kept],
    )


def access_ways(net: Network, local: LocalStreets) -> list[AccessWay]:
    """The ways along every main road between its crossings and the local streets that open on it."""
    return [
        way
        for number, nodes in _openings(local).items()
        for way in _along(net.edges[number], nodes, len(net.nodes), local)
    ]


def apart(net: Network, local: LocalStreets) -> LocalStreets:
    """Openings moved along their road where they lie on a crossing or on each other."""
    nodes = local.nodes.copy()
    for number, opening in _openings(local).items():
        line = shapely.LineString(net.edges[number].line)
        places = shapely.line_locate_point(line, shapely.points(nodes[opening]))
        order = np.argsort(places, kind="stable")
        spread = _spread(places[order], float(line.length))
        points = shapely.line_interpolate_point(line, spread)
        nodes[opening[order]] = np.round(shapely.get_coordinates(points), 2)
    lines = [
        np.vstack([nodes[a], line[1:-1], nodes[b]])
        for line, (a, b) in zip(local.lines, local.ends, strict=True)
    ]
    return replace(local, nodes=nodes, lines=lines)


def _openings(local: LocalStreets) -> dict[int, NDArray[np.intp]]:
    """The local streets' nodes on each main road, by the road's number."""
    found: dict[int, list[int]] = defaultdict(list)
    for node in np.flatnonzero(local.main >= 0).tolist():
        found[int(local.main[node])].append(node)
    return {number: np.array(nodes) for number, nodes in sorted(found.items())}


def _spread(places: Floats, length: float) -> Floats:
    """Growing places with APART metres between them and from both ends, or as much as there is room."""
    gap = min(APART, length / (len(places) + 1))
    found = places.copy()
    for at in range(len(found)):
        found[at] = max(found[at], (found[at - 1] if at else 0.0) + gap)
    for at in reversed(range(len(found))):
        found[at] = min(found[at], (found[at + 1] if at + 1 < len(found) else length) - gap)
    return found


def _along(edge: Edge, nodes: NDArray[np.intp], first: int, local: LocalStreets) -> list[AccessWay]:
    """The pieces of edge from its begin over each of nodes, which are the local streets', to its end."""
    line = shapely.LineString(edge.line)
    places = shapely.line_locate_point(line, shapely.points(local.nodes[nodes]))
    order = np.argsort(places, kind="stable")
    stops = [0.0, *places[order].tolist(), float(line.length)]
    names = [edge.a, *(first + nodes[order]).tolist(), edge.b]
    points = [edge.line[0], *local.nodes[nodes[order]], edge.line[-1]]
    return [
        AccessWay(names[at], names[at + 1], _piece(edge, stops, points, at), edge)
        for at in range(len(names) - 1)
    ]


def _piece(edge: Edge, stops: list[float], points: list[Floats], at: int) -> Floats:
    """The line of edge from one stop to the next, from point to point."""
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(edge.line, axis=0).T))]
    between = (along > stops[at] + 0.05) & (along < stops[at + 1] - 0.05)
    return np.vstack([points[at], edge.line[between], points[at + 1]])
