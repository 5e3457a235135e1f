"""Roads as the city keeps them: one link a direction, with rank, lanes, speed and name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from madang.demo.city import lines
from madang.demo.city.access import access_ways
from madang.demo.city.chance import chance
from madang.demo.city.grades import BUILDS, LANE, Grade
from madang.demo.city.local import LocalStreets
from madang.demo.city.names import Names
from madang.demo.city.network import Edge, Network
from madang.demo.city.raster import Floats

FEWER_LANES = 0.3  # the share of streets that got only the fewest lanes of their grade


@dataclass
class Roads:
    """Crossings and directed links, as columns.

    nodes (n, 2) in metres with node_kind crossing, end, change (of what carries the road), local or
    access (a local street meets a main road, whose links are not cut there: see access.py). A link's
    line runs with the traffic, on the right of the road's middle; begin and end are numbers of nodes,
    grade a Grade. The first `main` links are those above local streets.
    """

    nodes: Floats
    node_kind: NDArray[np.str_]
    node_name: list[str]
    begin: NDArray[np.intp]
    end: NDArray[np.intp]
    lines: list[Floats]
    grade: NDArray[np.intp]
    structure: NDArray[np.str_]
    lanes: NDArray[np.intp]
    speed_kmh: NDArray[np.intp]
    name: list[str]
    main: int

    def lengths(self) -> Floats:
        return np.array([lines.length(line) for line in self.lines])

    def rank(self, link: int) -> str:
        return BUILDS[Grade(int(self.grade[link]))].rank


def roads(seed: int, net: Network, local: LocalStreets, names: Names) -> Roads:
    lanes = _lanes(chance(seed, "roads"), net)
    street_names = _street_names(net, names)
    links = [
        link
        for edge in net.edges
        for link in _both_ways(edge, lanes[edge.street, edge.grade], street_names[edge.street])
    ]
    main = len(links)
    local_names = _local_names(net, local, street_names)
    for ends, line, name in zip(local.ends, local.lines, local_names, strict=True):
        a, b = (len(net.nodes) + int(end) for end in ends)
        links += _both_ways(Edge(a, b, line, Grade.LOCAL, 0), 1, name)
    for way in access_ways(net, local):
        along = Edge(way.a, way.b, way.line, Grade.LOCAL, way.edge.street)
        links += _both_ways(along, 1, street_names[way.edge.street])
    return _as_columns(links, main, net, local, names)


def _as_columns(
    links: list[Link], main: int, net: Network, local: LocalStreets, names: Names
) -> Roads:
    grades = [link.grade for link in links]
    nodes: Floats = np.vstack([net.nodes, local.nodes])
    return Roads(
        nodes=np.asarray(np.round(nodes, 2)),
        node_kind=_node_kinds(net, local),
        node_name=_node_names(net, local, names),
        begin=np.array([link.begin for link in links]),
        end=np.array([link.end for link in links]),
        lines=[link.line for link in links],
        grade=np.array([int(grade) for grade in grades]),
        structure=np.array([link.structure for link in links]),
        lanes=np.array([link.lanes for link in links]),
        speed_kmh=np.array([BUILDS[grade].speed_kmh for grade in grades]),
        name=[link.name for link in links],
        main=main,
    )


@dataclass(frozen=True)
class Link:
    """One direction of a road, before it becomes a row of columns."""

    begin: int
    end: int
    line: Floats
    grade: Grade
    structure: str
    lanes: int
    name: str


def _both_ways(edge: Edge, lanes: int, name: str) -> list[Link]:
    """The links of an edge, each on the right of the road's middle."""
    middle = edge.line
    if len(middle) > 2:
        middle = shapely.get_coordinates(shapely.LineString(middle).simplify(0.6))
    if edge.one_way:
        return [Link(edge.a, edge.b, np.round(middle, 2), edge.grade, edge.structure, lanes, name)]
    return [
        Link(a, b, np.round(line, 2), edge.grade, edge.structure, lanes, name)
        for a, b, line in (
            (edge.a, edge.b, lines.right_of(middle, lanes * LANE / 2)),
            (edge.b, edge.a, lines.right_of(middle[::-1], lanes * LANE / 2)),
        )
    ]


def _lanes(random: np.random.Generator, net: Network) -> dict[tuple[int, Grade], int]:
    """Lanes a direction are the same along a whole street."""
    streets = sorted({(edge.street, edge.grade) for edge in net.edges})
    found = {}
    for street, grade in streets:
        low, high = BUILDS[grade].lanes
        few = random.random() < FEWER_LANES
        found[street, grade] = low if few else int(random.integers(low, high + 1))
    return found


def _street_names(net: Network, names: Names) -> dict[int, str]:
    best: dict[int, Grade] = {}
    length: dict[int, float] = defaultdict(float)
    for edge in net.edges:
        best[edge.street] = min(edge.grade, best.get(edge.street, Grade.LOCAL))
        length[edge.street] += edge.length
    ending = {Grade.MOTORWAY: "고속도로", Grade.EXPRESSWAY: "도시고속화도로", Grade.TRUNK: "대로"}
    order = sorted(best, key=lambda street: (best[street], -length[street], street))
    return {street: names.root("street") + ending.get(best[street], "로") for street in order}


def _local_names(net: Network, local: LocalStreets, streets: dict[int, str]) -> list[str]:
    """A local street is called after the main road nearest to it, with a number that grows along it."""
    roads = [edge for edge in net.edges if edge.grade in (Grade.BOULEVARD, Grade.MAIN, Grade.SIDE)]
    tree = shapely.STRtree([shapely.LineString(edge.line) for edge in roads])
    cuts, cut_of = np.unique(local.cut, return_inverse=True)
    first = [int(np.flatnonzero(cut_of == number)[0]) for number in range(len(cuts))]
    nearest = tree.nearest(shapely.points([local.lines[number][0] for number in first]))
    counts: dict[str, int] = defaultdict(int)
    called = []
    for road in nearest:
        name = streets[roads[road].street].removesuffix("로") + "로"
        counts[name] += 1
        called.append(f"{name}{counts[name]}번길")
    return [called[cut] for cut in cut_of]


def _node_kinds(net: Network, local: LocalStreets) -> NDArray[np.str_]:
    degrees = net.degrees()
    main = np.where(degrees == 1, "end", np.where(degrees == 2, "change", "crossing"))
    return np.concatenate([main, np.where(local.main >= 0, "access", "local")])


def _node_names(net: Network, local: LocalStreets, names: Names) -> list[str]:
    """Crossings of the larger roads have names of their own."""
    large = np.zeros(len(net.nodes), dtype=int)
    for edge in net.edges:
        if edge.grade in (Grade.TRUNK, Grade.BOULEVARD, Grade.MAIN):
            large[[edge.a, edge.b]] += 1
    degrees = net.degrees()
    found = [""] * (len(net.nodes) + len(local.nodes))
    for node in np.flatnonzero((large >= 3) & (degrees >= 3)):
        found[node] = names.root("crossing") + ("삼거리" if degrees[node] == 3 else "사거리")
    return found
