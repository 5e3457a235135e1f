"""The approaches of a signalled crossing in the order in which those who count there number them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from madang.systems.traffic.engine.network import Direction, Ints, Network

MOST = 6
WAYS = ("left", "through", "right")  # turning back counts as turning left
_WAY = {
    Direction.LEFT: "left",
    Direction.U_TURN: "left",
    Direction.STRAIGHT: "through",
    Direction.RIGHT: "right",
}


class Approach(NamedTuple):
    """An edge that leads to the crossing; bearing: degrees from north from where it comes; its turns."""

    edge: int
    bearing: float
    turns: dict[str, Ints]


def approaches(network: Network, signal: int) -> list[Approach]:
    """Clockwise from north, at most MOST: number n of a counter is the nth of these."""
    turns = network.turns
    edges = np.unique(turns.from_edge[turns.signal == signal]).tolist()
    found = [Approach(edge, _bearing(network, edge), turns_by_way(network, edge)) for edge in edges]
    return sorted(found, key=lambda one: (one.bearing, one.edge))[:MOST]


def channel(number: int, way: str) -> str:
    """On which channel a counter says how many of its approach (from 1 on) went which of WAYS."""
    return f"approach_{number}_{way}"


def _bearing(network: Network, edge: int) -> float:
    edges, nodes = network.edges, network.nodes
    begin, end = edges.shape_first[edge : edge + 2]
    node = edges.to_node[edge]
    back = max(int(begin), int(end) - 3)
    east, north = edges.shape_x[back] - nodes.x[node], edges.shape_y[back] - nodes.y[node]
    return round(float(np.degrees(np.arctan2(east, north)) % 360), 1)


def turns_by_way(network: Network, edge: int) -> dict[str, Ints]:
    """The turns of an edge by which of WAYS they lead."""
    turns = network.turns
    own = np.arange(turns.first[edge], turns.first[edge + 1], dtype=np.int32)
    ways = [_WAY[Direction(kind)] for kind in turns.direction[own].tolist()]
    return {way: own[[each == way for each in ways]] for way in WAYS if way in ways}
