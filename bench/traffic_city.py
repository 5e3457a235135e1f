"""Made-up cities for the kernel: a grid with signals by netgenerate, and journeys drawn on any network."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from bench.traffic_sumo import Case, Departure, program
from madang.systems.traffic.engine.build import build
from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.engine.repair import repair
from madang.systems.traffic.sources.sumo import read_net

BLOCK_M = 150
ORIGINS = 400
SHORTEST = 3  # edges of a journey


def grid(columns: int, rows: int, folder: Path, lanes: int = 2, every: int = 2) -> Path:
    """A grid of streets of two lanes both ways, every other crossing with signals."""
    path = folder / f"grid-{columns}x{rows}.net.xml"
    names = [
        f"{_letters(x, columns - 1)}{y}"
        for x in range(columns)
        for y in range(rows)
        if not (x + y) % every
    ]
    subprocess.run(
        [program("netgenerate"), "--grid", "--grid.x-number", str(columns), "--grid.y-number",
         str(rows), "--grid.length", str(BLOCK_M), "-L", str(lanes), "--tls.set", ",".join(names),
         "--no-turnarounds", "-o", str(path), "--no-warnings"],
        check=True, capture_output=True)  # fmt: skip
    return path


def _letters(column: int, columns: int) -> str:
    """netgenerate's names of columns: as many letters for each as the last one needs, A for 0."""
    word = ""
    while columns > 0 or not word:
        column, rest = divmod(column, 26)
        columns = columns // 26 if columns >= 26 else 0
        word = chr(65 + rest) + word
    return word


def network_of(path: Path) -> Network:
    return build(repair(read_net(path))[0])


def journeys(
    network: Network, vehicles: int, begin: int, end: int, seed: int, longest: int = 10_000
) -> list[Departure]:
    """Vehicles between drawn edges by the quickest way on an empty network, departures spread evenly."""
    random = np.random.default_rng(seed)
    origins = random.choice(len(network.edges), min(ORIGINS, len(network.edges)), replace=False)
    distance, before = dijkstra(_graph(network), indices=origins, return_predecessors=True)
    found: list[Departure] = []
    while len(found) < vehicles:
        row, goal = int(random.integers(len(origins))), int(random.integers(len(network.edges)))
        if not np.isfinite(distance[row, goal]):
            continue
        route = _route(before[row], int(origins[row]), goal)
        if SHORTEST <= len(route) <= longest:
            at = float(random.integers(begin, end))
            names = tuple(network.edges.ids[edge] for edge in route)
            found.append(Departure(f"v{len(found)}", at, names, ""))
    return sorted(found, key=lambda each: (each.at, each.name))


def _graph(network: Network) -> csr_array:
    edges, turns = network.edges, network.turns
    weight = (edges.length / edges.speed)[turns.to_edge] + turns.length / turns.speed
    size = len(edges)
    return csr_array((weight, (turns.from_edge, turns.to_edge)), shape=(size, size))


def _route(before: npt.NDArray[np.int32], origin: int, goal: int) -> list[int]:
    route = [goal]
    while route[-1] != origin and before[route[-1]] >= 0:
        route.append(int(before[route[-1]]))
    return route[::-1]


def case(name: str, path: Path, network: Network, vehicles: int, minutes: int, seed: int) -> Case:
    end = minutes * 60
    return Case(name, path, {}, journeys(network, vehicles, 0, end, seed), 0, end)
