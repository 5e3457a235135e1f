"""Ways by time on live weights: one to one and one to all, next to scipy, networkx and rustworkx.

`python -m bench routes`; networkx and rustworkx are measured where they are installed, and said to be
absent elsewhere. Every way is checked against scipy's seconds before it counts.
"""

from __future__ import annotations

import importlib
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from bench import traffic_city
from bench.report import figure, heading, percentile
from madang.systems.traffic.engine import routes
from madang.systems.traffic.engine.routes import Router, Weights

SIDE = 112  # crossings: 49,728 edges
PAIRS = 300
SLOW = 5  # pairs for peers that take long
SEED = 1


def main() -> None:
    heading("routes", side=SIDE, pairs=PAIRS, seed=SEED)
    routes.warm()
    with tempfile.TemporaryDirectory(prefix="bench-routes-") as folder:
        network = traffic_city.network_of(traffic_city.grid(SIDE, SIDE, Path(folder)))
    router = Router(network)
    random = np.random.default_rng(SEED)
    free = network.edges.length / network.edges.speed
    now = router.weights(free * random.uniform(1, 4, len(free)))
    pairs = random.integers(0, len(free), (PAIRS, 2)).tolist()
    size = f"{len(free)} edges, live weights"
    single = _times(lambda a, b: router.way(a, b, now), pairs)
    spread = _times(lambda a, _: router.reach(a, now), pairs[:50])
    arcs = _arcs(router, now)
    theirs = _times(lambda a, _: dijkstra(arcs, indices=a), pairs[:SLOW])
    _check(router, now, arcs, pairs[:SLOW])
    _check(router, router.learned(now), arcs, pairs[:SLOW])
    scipys = statistics.median(theirs)
    figure(f"routes: one to one, {size}, median", statistics.median(single), "ms", "scipy dijkstra",
           statistics.median(single) / scipys)  # fmt: skip
    figure(f"routes: one to one, {size}, p95", percentile(single, 0.95), "ms")
    began = time.process_time_ns()
    learned = router.learned(now)
    spent = (time.process_time_ns() - began) / 1e6
    known = _times(lambda a, b: router.way(a, b, learned), pairs)
    figure(f"routes: A* with bounds of the moment, {size}, median", statistics.median(known), "ms",
           "scipy dijkstra", statistics.median(known) / scipys)  # fmt: skip
    figure(f"routes: A* with bounds of the moment, {size}, p95", percentile(known, 0.95), "ms")
    figure(f"routes: bounds of the moment, {size}, once for these weights", spent, "ms")
    figure(f"routes: one to all, {size}, median", statistics.median(spread), "ms", "scipy dijkstra",
           statistics.median(spread) / scipys)  # fmt: skip
    for name, peer in (("networkx", _networkx), ("rustworkx", _rustworkx)):
        try:
            way = peer(importlib.import_module(name), router, now)
        except ModuleNotFoundError:
            print(f"{name} is not installed: left out")
            continue
        took = statistics.median(_times(way, pairs[:SLOW]))
        figure(f"routes: {name}, one to one, the same", took, "ms", name,
               statistics.median(single) / took)  # fmt: skip


def _times(call: Callable[[int, int], object], pairs: list[list[int]]) -> list[float]:
    """Milliseconds of processor that each pair takes, after one that is not counted."""
    call(*pairs[0])
    found = []
    for start, end in pairs:
        began = time.process_time_ns()
        call(start, end)
        found.append((time.process_time_ns() - began) / 1e6)
    return found


def _arcs(router: Router, now: Weights) -> csr_array:
    turns, size = router.network.turns, len(router.network.edges)
    return csr_array((now.costs, (turns.from_edge, turns.to_edge)), shape=(size, size))


def _check(router: Router, now: Weights, arcs: csr_array, pairs: list[list[int]]) -> None:
    for start, end in pairs:
        way, least = router.way(start, end, now), dijkstra(arcs, indices=start)[end]
        if way is None or not np.isclose(way.seconds, least):
            raise SystemExit(f"The way from {start} to {end} is not the quickest")


def _networkx(module: ModuleType, router: Router, now: Weights) -> Callable[[int, int], object]:
    turns, graph = router.network.turns, module.DiGraph()
    graph.add_weighted_edges_from(
        zip(turns.from_edge.tolist(), turns.to_edge.tolist(), now.costs.tolist(), strict=True)
    )
    return lambda a, b: module.bidirectional_dijkstra(graph, a, b)


def _rustworkx(module: ModuleType, router: Router, now: Weights) -> Callable[[int, int], object]:
    turns, graph = router.network.turns, module.PyDiGraph()
    graph.add_nodes_from(range(len(router.network.edges)))
    graph.add_edges_from(
        list(zip(turns.from_edge.tolist(), turns.to_edge.tolist(), now.costs.tolist(), strict=True))
    )
    return lambda a, b: module.dijkstra_shortest_paths(graph, a, b, weight_fn=float)


if __name__ == "__main__":
    main()
