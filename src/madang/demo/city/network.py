"""Traced streets become a network: edges that meet at crossings, without stubs, slivers and doubles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from madang.demo.city import lines
from madang.demo.city.grades import Grade
from madang.demo.city.raster import Floats
from madang.demo.city.tracing import Street

Structure = Literal["ground", "bridge", "overpass", "underpass", "tunnel"]

TOGETHER = 42.0  # metres: crossings nearer than this are one
STUB = 420.0  # a street that leads nowhere and is shorter is taken out
SHARP = 24.0  # degrees: of two streets that leave a crossing side by side the lesser goes
FORK = 11.0  # and of two of the same grade, from this angle down


@dataclass
class Edge:
    """A road between two crossings, in both directions or (one_way) only as line runs, from a to b.

    street is the number of the traced street it is a piece of; structure what carries it.
    """

    a: int
    b: int
    line: Floats
    grade: Grade
    street: int
    structure: Structure = "ground"
    one_way: bool = False

    @property
    def length(self) -> float:
        return lines.length(self.line)

    def leaves(self, node: int) -> Floats:
        """The line as it leaves node."""
        return self.line if self.a == node else self.line[::-1]


@dataclass
class Network:
    """Crossings (n, 2) in metres and the edges between them."""

    nodes: Floats
    edges: list[Edge]

    def degrees(self) -> NDArray[np.intp]:
        ends = [end for edge in self.edges for end in (edge.a, edge.b)]
        return np.bincount(ends, minlength=len(self.nodes))


def network(streets: Sequence[Street], border: shapely.Geometry) -> Network:
    """The network of streets; what ends at the border stays, as the ways out of the city."""
    net = _joined(_noded(streets), streets)
    for _ in range(3):
        _without_doubles(net)
        _without_sharp(net)
        _without_stubs(net, border)
        _through(net)
    return _largest(net)


Piece = tuple[Floats, int]


def _noded(streets: Sequence[Street]) -> list[Piece]:
    """Pieces of streets between the points where they cross, with the best street each lies on."""
    drawn = [shapely.LineString(street.line).simplify(1.5) for street in streets]
    pieces = shapely.get_parts(shapely.union_all(drawn, grid_size=0.01))
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    tree = shapely.STRtree(drawn)
    on, street = tree.query(middles, predicate="dwithin", distance=2.0)
    best = np.full(len(pieces), len(streets))
    order = sorted(range(len(streets)), key=lambda number: (streets[number].grade, number))
    place = np.argsort(order)
    np.minimum.at(best, on, place[street])
    return [
        (shapely.get_coordinates(one), order[rank]) for one, rank in zip(pieces, best, strict=True)
    ]


def _joined(pieces: list[Piece], streets: Sequence[Street]) -> Network:
    """Ends that lie together become one crossing."""
    ends = np.array([point for line, _ in pieces for point in (line[0], line[-1])])
    pairs = cKDTree(ends).query_pairs(TOGETHER, output_type="ndarray")
    lengths = np.array([lines.length(line) for line, _ in pieces])
    short = np.flatnonzero(lengths < TOGETHER)
    pairs = np.vstack([pairs, np.column_stack([2 * short, 2 * short + 1])])
    links = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(len(ends), len(ends)))
    count, member = connected_components(links, directed=False)
    nodes = np.column_stack(
        [np.bincount(member, ends[:, axis], count) / np.bincount(member) for axis in (0, 1)]
    )
    edges = []
    for number, (line, street) in enumerate(pieces):
        a, b = int(member[2 * number]), int(member[2 * number + 1])
        if a != b or lengths[number] > 400:
            moored = _moored(line, nodes[a], nodes[b])
            edges.append(Edge(a, b, moored, streets[street].grade, street))
    return Network(nodes, edges)


def _moored(line: Floats, begin: Floats, end: Floats) -> Floats:
    """line with its ends moved to begin and end, and no point too near to them."""
    inner = line[1:-1]
    free = (np.hypot(*(inner - begin).T) > 30) & (np.hypot(*(inner - end).T) > 30)
    return np.vstack([begin, inner[free], end])


def _without_doubles(net: Network) -> None:
    """Of edges that join the same two crossings side by side the shortest stays."""
    groups: dict[tuple[int, int], list[Edge]] = defaultdict(list)
    for edge in net.edges:
        groups[min(edge.a, edge.b), max(edge.a, edge.b)].append(edge)
    kept = []
    for group in groups.values():
        group.sort(key=lambda edge: (edge.grade, edge.length))
        kept.append(group[0])
        first = shapely.LineString(group[0].line)
        for edge in group[1:]:
            if first.hausdorff_distance(shapely.LineString(edge.line)) > 90 and edge.a != edge.b:
                kept.append(edge)
    net.edges = kept


def _without_sharp(net: Network) -> None:
    """Take out edges that leave a crossing almost along a better one."""
    gone: set[int] = set()
    for node, edges in enumerate(_at(net)):
        headings = [_heading(net.edges[number].leaves(node)) for number in edges]
        for i, one in enumerate(edges):
            for j in range(i):
                between = abs((headings[i] - headings[j] + 180) % 360 - 180)
                least = FORK if net.edges[one].grade == net.edges[edges[j]].grade else SHARP
                if between < least and not {one, edges[j]} & gone:
                    gone.add(max(one, edges[j], key=lambda n: (net.edges[n].grade, n)))
    net.edges = [edge for number, edge in enumerate(net.edges) if number not in gone]


def _heading(line: Floats) -> float:
    """Degrees of the line's first 40 metres."""
    along = lines.distances(line)
    at = min(40.0, along[-1])
    dx, dy = (np.interp(at, along, line[:, axis]) - line[0, axis] for axis in (0, 1))
    return float(np.degrees(np.arctan2(dy, dx)))


def _without_stubs(net: Network, border: shapely.Geometry) -> None:
    edge_of_city = shapely.distance(border.boundary, shapely.points(net.nodes)) < 60
    while True:
        loose = (net.degrees() == 1) & ~edge_of_city
        kept = [
            edge
            for edge in net.edges
            if not (
                (loose[edge.a] or loose[edge.b])
                and (edge.grade >= Grade.SIDE or edge.length < STUB)
            )
        ]
        if len(kept) == len(net.edges):
            return
        net.edges = kept


def _through(net: Network) -> None:
    """Crossings of two edges are none: their edges become one."""
    at = _at(net)
    taken: set[int] = set()
    for node, numbers in enumerate(at):
        if len(numbers) != 2 or numbers[0] == numbers[1]:
            continue
        first, second = (net.edges[number] for number in numbers)
        a, b = _other(first, node), _other(second, node)
        if a == b or node in (a, b):
            continue
        line = np.vstack([first.leaves(node)[::-1], second.leaves(node)[1:]])
        better = min(first, second, key=lambda edge: edge.grade)
        net.edges[numbers[0]] = Edge(a, b, line, better.grade, better.street)
        taken.add(numbers[1])
        at[b] = [numbers[0] if number == numbers[1] else number for number in at[b]]
    net.edges = [edge for number, edge in enumerate(net.edges) if number not in taken]


def _other(edge: Edge, node: int) -> int:
    return edge.b if edge.a == node else edge.a


def _at(net: Network) -> list[list[int]]:
    """The numbers of the edges at every crossing."""
    found: list[list[int]] = [[] for _ in net.nodes]
    for number, edge in enumerate(net.edges):
        found[edge.a].append(number)
        found[edge.b].append(number)
    return found


def _largest(net: Network) -> Network:
    """The largest connected part, its crossings numbered anew from west to east."""
    ends = np.array([(edge.a, edge.b) for edge in net.edges])
    links = coo_matrix((np.ones(len(ends)), ends.T), shape=(len(net.nodes),) * 2)
    _, part = connected_components(links, directed=False)
    largest = np.bincount(part[ends[:, 0]]).argmax()
    kept = [edge for edge in net.edges if part[edge.a] == largest]
    return renumbered(net.nodes, kept)


def renumbered(nodes: Floats, edges: Iterable[Edge]) -> Network:
    """Only the crossings that edges use, in the order of their y and x."""
    kept = sorted(edges, key=lambda edge: (*edge.line[0], *edge.line[-1], edge.grade))
    used = np.unique([end for edge in kept for end in (edge.a, edge.b)])
    used = used[np.lexsort(nodes[used].T)]
    number = {int(old): new for new, old in enumerate(used)}
    return Network(
        nodes[used], [replace(edge, a=number[edge.a], b=number[edge.b]) for edge in kept]
    )
