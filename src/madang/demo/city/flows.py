"""What drives on the demo city's streets at an hour, expected before anybody has driven: for its plans.

Drives are drawn as the demo's drivers draw them and put on the quickest ways, in rounds: each round's ways
follow from what the rounds before it loaded, so that the mean of all spreads over streets (successive
averages; Sheffi, Urban Transportation Networks, 1985, chapter 5). What a load costs is the Bureau of Public
Roads' curve (Traffic Assignment Manual, 1964) on streets, and red on those that lead to signals.
"""

from __future__ import annotations

import numpy as np

from madang.demo.demand import Floats, Ints, Places
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.engine.routes import Router

ROUNDS, DRIVES = 6, 1500
GREEN = 0.4  # of a cycle, for a street that leads to a signal
RED_S = 25.0  # what such a signal costs one who drives there, without a queue
STEEP, POWER = 0.15, 4.0


def expected(network: Network, lit: Floats, seed: int, load: float) -> Floats:
    """How many an hour make each turn [T] for every vehicle that is on the street.

    lit [E]: 1.0 where an edge leads to a signal; load: vehicles on the street, by which ways are chosen.
    """
    router, places = Router(network), Places(network)
    random, edges = np.random.default_rng([seed, 12]), network.edges
    free = edges.length / edges.speed + RED_S * lit
    capacity = edges.saturation * 3600 * np.where(lit > 0, GREEN, 1.0)
    passes = np.zeros(len(network.turns))
    for number in range(ROUNDS):
        volume = np.bincount(network.turns.from_edge, load * passes, len(edges))
        seconds = free * (1 + STEEP * (volume / capacity) ** POWER)
        pairs, took = _drives(router, places, seconds, random)
        passes += (_by_turn(network, pairs) * 3600 / max(took, 1.0) - passes) / (number + 1)
    return passes


def _drives(
    router: Router, places: Places, seconds: Floats, random: np.random.Generator
) -> tuple[Ints, float]:
    """Drives by streets that take so long: the pairs of edges that they drive, and seconds of them all."""
    weights = router.learned(router.weights(seconds))
    ways = [
        router.way(start, places.goal(start, random), weights)
        for start in places.draw(DRIVES, random).tolist()
    ]
    found = [way.edges for way in ways if way is not None]
    pairs = [np.c_[edges[:-1], edges[1:]] for edges in found if len(edges) > 1]
    took = sum(float(seconds[edges].sum()) for edges in found)
    return np.concatenate([np.zeros((0, 2), np.int64), *pairs]), took


def _by_turn(network: Network, pairs: Ints) -> Floats:
    """How often each turn is driven in pairs of edges; of several turns between two the first."""
    turns, size = network.turns, len(network.edges)
    codes = turns.from_edge.astype(np.int64) * size + turns.to_edge
    at = np.searchsorted(codes, pairs[:, 0] * size + pairs[:, 1])
    return np.bincount(at, minlength=len(codes)).astype(np.float64)
