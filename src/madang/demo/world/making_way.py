"""Others make way for who hurries: they wait at the crossing that it comes to, and it passes their queues."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from madang.demo.world.fleet import HURRIES
from madang.demo.world.street import Floats, Ints
from madang.systems.traffic.engine.kernel import Queues
from madang.systems.traffic.engine.network import JAM_SPACING_M, Network

AHEAD = 80.0  # metres before its stop line, from where on others leave the street behind the crossing to it
GONE = 30.0  # … and metres that it has gone on that street until they follow
PAST_QUEUES = 30 / 3.6  # m/s beside a queue that moves to both sides of two lanes or more
PAST_ONE_LANE = 15 / 3.6  # … of one lane, against those who come


class Hurry(NamedTuple):
    """Who hurries: metres along an edge, and the edge that it takes next, -1 if it stays there."""

    edge: int
    along: float
    then: int


def kept_free(network: Network, those: Iterable[Hurry]) -> set[int]:
    """The edges onto which nobody else drives now."""
    free = set()
    for one in those:
        if one.along < GONE:
            free.add(one.edge)
        if one.then >= 0 and one.along > network.edges.length[one.edge] - AHEAD:
            free.add(one.then)
    return free


def fastest(network: Network, queues: Queues, lane_edge: Ints, edge: Ints, along: Floats) -> Floats:
    """What who hurries drives at most on these edges, so far along them: past queues slowly, else quickly."""
    edges = network.edges
    waiting = np.bincount(lane_edge, queues.waiting, len(edges)) / edges.lanes
    begins = edges.length - waiting * JAM_SPACING_M
    beside = np.where(edges.lanes > 1, PAST_QUEUES, PAST_ONE_LANE)[edge]
    found: Floats = np.where(along > begins[edge], beside, edges.speed[edge] * HURRIES)
    return np.minimum(found, edges.speed[edge] * HURRIES)
