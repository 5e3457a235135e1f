"""What stands at the city's crossings: smart crossings, controllers that report, sections between readers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from madang.demo.city.chance import chance
from madang.demo.city.grades import Grade
from madang.demo.city.places import Ground, some, spread
from madang.demo.city.raster import Floats
from madang.demo.city.roads import Roads
from madang.demo.city.signals import node_key, signalled
from madang.demo.city.things import Device

SMART, CONTROLLERS, READERS, SECTIONS = 48, 96, 64, 48
SHORTEST, LONGEST = 400.0, 4000.0  # metres of a section
Nodes = NDArray[np.intp]


def field_devices(ground: Ground) -> list[Device]:
    """Those of the greatest crossings first."""
    roads = ground.roads
    lit = np.flatnonzero(signalled(roads))
    great = _great(roads, lit)
    found = []
    for prefix, kind, ending, count, among in (
        ("SMART", "smart_crossing", "스마트교차로", SMART, great),
        ("SIGNAL", "signal_controller", "신호제어기", CONTROLLERS, lit),
    ):
        chosen = _spread(ground, kind, among, count)
        for number, node in enumerate(chosen.tolist(), 1):
            name = f"{_name(roads, node)} {ending}"
            x, y = (round(float(value), 2) for value in roads.nodes[node])
            found.append(Device(f"{prefix}-{number:04}", kind, name, x, y, node=node_key(node)))
    return [*found, *_sections(ground, great)]


def _great(roads: Roads, lit: Nodes) -> Nodes:
    """The crossings with signals at which main streets meet, or all where there are none."""
    main = roads.grade[: roads.main] <= int(Grade.MAIN)
    ends = np.bincount(roads.end[: roads.main][main], minlength=len(roads.nodes))
    great = lit[ends[lit] >= 3]
    return great if len(great) else lit


def _spread(ground: Ground, what: str, among: Nodes, count: int) -> Nodes:
    if not len(among):
        return among
    points: Floats = ground.roads.nodes[among]
    return among[sorted(set(spread(chance(ground.seed, what), points, some(count, ground.scale))))]


def _sections(ground: Ground, great: Nodes) -> Iterator[Device]:
    """From each reader to the next ones: no other reader stands on the way."""
    roads = ground.roads
    readers = _spread(ground, "readers", great, READERS)
    pairs = sorted(_neighbours(roads, readers))[: some(SECTIONS, ground.scale)]
    for number, (_, begin, end) in enumerate(pairs, 1):
        x, y = (round(float(value), 2) for value in roads.nodes[end])
        yield Device(
            f"DSRC-{number:04}", "travel_time_section",
            f"{_name(roads, begin)}→{_name(roads, end)}", x, y,
            node=f"{node_key(begin)}>{node_key(end)}",
        )  # fmt: skip


def _neighbours(roads: Roads, readers: Nodes) -> Iterator[tuple[float, int, int]]:
    """Metres and nodes of pairs of readers with none between them on the quickest way."""
    begin, end = roads.begin[: roads.main], roads.end[: roads.main]
    metres = np.array([_length(line) for line in roads.lines[: roads.main]])
    seconds = metres / (roads.speed_kmh[: roads.main] / 3.6)
    size = len(roads.nodes)
    order = np.lexsort((seconds, end, begin))
    first = np.r_[True, (np.diff(begin[order]) != 0) | (np.diff(end[order]) != 0)]
    chosen = order[first]
    graph = csr_matrix((seconds[chosen], (begin[chosen], end[chosen])), shape=(size, size))
    length = {(int(begin[n]), int(end[n])): float(metres[n]) for n in chosen}
    known = set(readers.tolist())
    for start in readers.tolist():
        away, before = dijkstra(graph, indices=start, return_predecessors=True)
        for goal in readers.tolist():
            if goal != start and np.isfinite(away[goal]):
                way = _way(before, start, goal)
                total = sum(length[pair] for pair in pairwise(way))
                if SHORTEST <= total <= LONGEST and not known.intersection(way[1:-1]):
                    yield round(total, 1), start, goal


def _way(before: NDArray[np.int32], start: int, goal: int) -> list[int]:
    way = [goal]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    return way[::-1]


def _length(line: Floats) -> float:
    return float(np.hypot(*np.diff(np.asarray(line), axis=0).T).sum())


def _name(roads: Roads, node: int) -> str:
    return roads.node_name[node] or f"교차로 {node_key(node)}"
