"""Which parts of a network can be reached from which: ends and islands, for the list of repairs."""

from __future__ import annotations

import numpy as np

from madang.systems.traffic.engine.network import Ints, Network
from madang.systems.traffic.engine.repair import Repair

NAMED = 5


def islands(network: Network) -> Ints:
    """For each edge the part it belongs to, the largest part 0: edges of one part all reach each other."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    count, turns = len(network.edges), network.turns
    follows = csr_matrix(
        (np.ones(len(turns), np.int8), (turns.from_edge, turns.to_edge)), shape=(count, count)
    )
    _, part = connected_components(follows, directed=True, connection="strong")
    order = np.argsort(-np.bincount(part), kind="stable")
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    found: Ints = place[part]
    return found


def findings(network: Network) -> list[Repair]:
    """Dangling ends one by one, and the parts that cannot be reached, or left again, with their roads.

    They stay in the network: a road that leads out of the area looks like a dangling end.
    """
    nodes, edges = network.nodes, network.edges
    goes_on = np.bincount(network.turns.from_edge, minlength=len(edges)) > 0
    said = [
        Repair("dangling-end", edges.ids[e], {"node": nodes.ids[edges.to_node[e]]})
        for e in np.flatnonzero(~goes_on)
    ]
    part = islands(network)
    for number in range(1, int(part.max(initial=0)) + 1):
        members = np.flatnonzero(part == number)
        if goes_on[members].any():
            named = ", ".join(edges.ids[e] for e in members[:NAMED])
            said.append(Repair("part-unreachable", named, {"roads": len(members)}))
    return said
