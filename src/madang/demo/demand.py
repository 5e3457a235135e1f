"""How many drive in the demo city at an hour, and from where to where: of its traffic, and of its plans."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from madang.systems.traffic.domain.days import HOLIDAY
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.engine.reach import islands

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

A_LANE_KM = 3.5  # cars without a device that drive at the busiest hour, by km of lanes
QUIETEST = 0.12  # share of them that drive in the dead of night
AT_WEEKENDS = {5: 0.88, 6: 0.76, HOLIDAY: 0.72}  # of a working day's
FAR = 3000.0  # metres: a drive's length, on average
TRIED = 8  # places that a driver thinks of


def share(hour: float, kind: int) -> float:
    """The share of the busiest hour's cars that drive at this hour of a kind of day (of `day_type`)."""
    if kind in AT_WEEKENDS:
        busy = 0.75 * math.exp(-((hour - 15.0) ** 2) / 22.0)
    else:
        morning = math.exp(-((hour - 8.2) ** 2) / 2.2)
        evening = math.exp(-((hour - 18.2) ** 2) / 3.0)
        busy = max(morning, evening, 0.62 * math.exp(-((hour - 13.5) ** 2) / 30.0))
    return (QUIETEST + (1 - QUIETEST) * busy) * AT_WEEKENDS.get(kind, 1.0)


class Places:
    """Where drives of a network begin and end: on main roads rather, and not too far from each other.

    among [E]: the edges on which they may; only those count from which every other can be reached.
    """

    def __init__(self, network: Network, among: Bools | None = None) -> None:
        self._network, edges = network, network.edges
        connected = islands(network) == 0
        self.open: Ints = np.flatnonzero(connected if among is None else connected & among)
        pull = (edges.lanes**1.5 * edges.speed * np.sqrt(edges.length))[self.open]
        self._pull = np.cumsum(pull) / pull.sum()
        lanes_km = float((edges.length * edges.lanes)[self.open].sum()) / 1000
        self.busiest = A_LANE_KM * lanes_km

    def draw(self, count: int, random: np.random.Generator) -> Ints:
        drawn = np.searchsorted(self._pull, random.random(count))
        found: Ints = self.open[np.minimum(drawn, len(self.open) - 1)]
        return found

    def goal(self, start: int, random: np.random.Generator) -> int:
        """One of a few places, nearer ones rather."""
        places = self.draw(TRIED, random)
        edges, nodes = self._network.edges, self._network.nodes
        here, there = edges.to_node[start], edges.to_node[places]
        metres = np.hypot(nodes.x[there] - nodes.x[here], nodes.y[there] - nodes.y[here])
        rather = np.exp(-metres / FAR) * (places != start) + 1e-12
        return int(random.choice(places, p=rather / rather.sum()))
