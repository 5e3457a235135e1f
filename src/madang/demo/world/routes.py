"""The quickest way from a link to a node, by Dijkstra over free-flow times or those of the moment."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from madang.demo.world.street import Floats, Ints, Street


class Routes:
    """Ways through one street; of several links between two nodes the quickest counts."""

    def __init__(self, street: Street) -> None:
        self._street = street
        self._free = seconds = street.length / street.speed
        order = np.lexsort((seconds, street.end, street.begin))
        begin, end = street.begin[order], street.end[order]
        first = np.concatenate([[True], (np.diff(begin) != 0) | (np.diff(end) != 0)])
        chosen = order[first]
        ends = (street.begin[chosen], street.end[chosen])
        self._chosen = chosen
        self._graph = csr_matrix((seconds[chosen], ends), shape=(street.nodes, street.nodes))
        self._link = dict(
            zip(zip(*(e.tolist() for e in ends), strict=True), chosen.tolist(), strict=True)
        )

    def take(self, paces: Floats) -> None:
        """Reckon from now on with the share of its speed at which each link is driven."""
        self._graph.data[:] = (self._free / paces)[self._chosen]

    def way(self, link: int, target: int) -> Ints:
        """The links to drive after link until the end of link `target` is reached; empty if it is that."""
        if link == target:
            return np.empty(0, dtype=np.int64)
        origin, goal = int(self._street.end[link]), int(self._street.begin[target])
        _, before = dijkstra(self._graph, indices=origin, return_predecessors=True)
        found = [target]
        while goal != origin:
            came = int(before[goal])
            found.append(self._link[came, goal])
            goal = came
        return np.array(found[::-1])
