"""Where roads cross water, rails and expressways: bridges, overpasses, underpasses, tunnels, junctions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from madang.demo.city import lines
from madang.demo.city.chance import chance
from madang.demo.city.grades import Grade
from madang.demo.city.network import Edge, Network, Structure
from madang.demo.city.raster import Floats
from madang.demo.city.skeleton import Skeleton
from madang.demo.city.terrain import Terrain

UNDERPASS_SHARE = 0.6
CLEAR = 14.0  # metres a structure keeps from a crossing, else it takes the whole edge
RAMP_REACH = 320.0  # metres along the expressway from its crossing to where ramps leave it
RAMP_END = 170.0  # metres along the street from the expressway to where ramps meet it
BETWEEN_JUNCTIONS = 1100.0
LONG_TUNNEL = 60.0


@dataclass
class Span:
    """A stretch of an edge, metres from its beginning, and what carries it."""

    begin: float
    end: float
    structure: Structure


class Builder:
    """A network in the making, to which crossings and edges are added."""

    def __init__(self, net: Network) -> None:
        self.nodes: list[Floats] = list(net.nodes)
        self.edges: list[Edge] = []

    def node(self, point: Floats) -> int:
        self.nodes.append(np.round(point, 2))
        return len(self.nodes) - 1

    def add(self, edge: Edge, cuts: Iterable[float], spans: Sequence[Span]) -> list[int]:
        """Add edge, cut at metres from its beginning; gives the crossings along it, ends included."""
        at = [0.0, *sorted(set(cuts)), edge.length]
        nodes = [edge.a, *(self.node(_point(edge.line, cut)) for cut in at[1:-1]), edge.b]
        for begin, end, a, b in zip(at, at[1:], nodes, nodes[1:], strict=False):
            line = lines.part(edge.line, begin, end)
            line[0], line[-1] = self.nodes[a], self.nodes[b]
            middle = (begin + end) / 2
            over = [span.structure for span in spans if span.begin <= middle <= span.end]
            piece = replace(edge, a=a, b=b, line=line, structure=over[0] if over else "ground")
            self.edges.append(piece)
        return nodes

    def network(self) -> Network:
        return Network(np.array(self.nodes), self.edges)


def with_structures(seed: int, net: Network, skeleton: Skeleton, terrain: Terrain) -> Network:
    """The network with its bridges and tunnels, and the expressways joined to it by ramps."""
    random = chance(seed, "structures")
    builder = Builder(net)
    junctions = _junctions(net, skeleton)
    for number, edge in enumerate(net.edges):
        spans = _spans(random, edge, skeleton, terrain)
        wanted = [cut for junction in junctions if junction.edge == number for cut in junction.cuts]
        cuts = [*_cuts(edge, spans), *wanted]
        builder.add(edge, cuts, spans)
    for number, motorway in enumerate(skeleton.motorways):
        here = [junction for junction in junctions if junction.motorway == number]
        _add_motorway(builder, number, motorway, here, terrain)
    return builder.network()


def _spans(
    random: np.random.Generator, edge: Edge, skeleton: Skeleton, terrain: Terrain
) -> list[Span]:
    line = shapely.LineString(edge.line)
    spans = [
        *_tunnels(line, terrain),
        *_grade_separations(random, line, [skeleton.railways[0], *skeleton.motorways]),
        *_bridges(line, terrain),
    ]
    return [_clear(span, edge.length) for span in spans]


def _clear(span: Span, length: float) -> Span:
    """Where too little would be left beside the span, it begins or ends with the edge."""
    begin = span.begin if span.begin > CLEAR else 0.0
    end = span.end if span.end < length - CLEAR else length
    return Span(begin, end, span.structure)


def _cuts(edge: Edge, spans: list[Span]) -> list[float]:
    """Where the edge is cut for its spans; a span within an earlier one does not cut."""
    cuts: list[float] = []
    for number, span in enumerate(spans):
        for at in (span.begin, span.end):
            covered = any(other.begin <= at <= other.end for other in spans[:number])
            near = any(abs(at - cut) < CLEAR for cut in cuts)
            if 0 < at < edge.length and not covered and not near:
                cuts.append(at)
    return cuts


def _tunnels(line: shapely.LineString, terrain: Terrain) -> list[Span]:
    return [
        Span(begin, end, "tunnel")
        for hill in terrain.hills
        for begin, end in _inside(line, hill)
        if end - begin > LONG_TUNNEL
    ]


def _bridges(line: shapely.LineString, terrain: Terrain) -> list[Span]:
    return [Span(begin - 9, end + 9, "bridge") for begin, end in _inside(line, terrain.water)]


def _grade_separations(
    random: np.random.Generator, line: shapely.LineString, barriers: Sequence[Floats]
) -> list[Span]:
    spans = []
    for barrier in barriers:
        for at in _meetings(line, barrier):
            half = random.uniform(55, 95)
            under = random.random() < UNDERPASS_SHARE
            spans.append(Span(at - half, at + half, "underpass" if under else "overpass"))
    return spans


def _inside(line: shapely.LineString, area: shapely.Geometry) -> list[tuple[float, float]]:
    """Stretches of line within area, in metres from its beginning; near stretches are one."""
    if not line.intersects(area):
        return []
    found = []
    for part in shapely.get_parts(line.intersection(area)):
        ends = shapely.get_coordinates(part)[[0, -1]]
        begin, end = sorted(line.project(shapely.Point(point)) for point in ends)
        found.append((begin, end))
    return _merged(sorted(found))


def _merged(stretches: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for begin, end in stretches:
        if merged and begin - merged[-1][1] < 30:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _meetings(line: shapely.LineString, other: Floats) -> list[float]:
    """Where line meets other, in metres from line's beginning."""
    points = shapely.get_coordinates(line.intersection(shapely.LineString(other)))
    return sorted(float(line.project(shapely.Point(point))) for point in points)


@dataclass
class Junction:
    """Where an expressway is left and entered: on an edge, between the two ends of its ramps.

    at is metres along the expressway; ends are the points on the street on either side of it, cuts
    where the edge has to be cut for them.
    """

    motorway: int
    at: float
    edge: int
    ends: list[Floats]
    cuts: list[float]


def _junctions(net: Network, skeleton: Skeleton) -> list[Junction]:
    found: list[Junction] = []
    for number, motorway in enumerate(skeleton.motorways):
        whole = shapely.LineString(motorway)
        candidates = sorted(
            (edge.grade, float(whole.project(shapely.Point(_point(edge.line, at)))), index, at)
            for index, edge in enumerate(net.edges)
            for at in _meetings(shapely.LineString(edge.line), motorway)[:1]
        )
        for grade, along, index, at in candidates:
            here = [junction for junction in found if junction.motorway == number]
            apart = all(abs(junction.at - along) > BETWEEN_JUNCTIONS for junction in here)
            fits = RAMP_REACH < along < whole.length - RAMP_REACH
            if apart and fits and (grade <= Grade.BOULEVARD or len(here) < 2):
                found.append(_junction(number, along, index, net.edges[index], at))
    return found


def _junction(motorway: int, along: float, index: int, edge: Edge, at: float) -> Junction:
    cuts = [cut for cut in (at - RAMP_END, at + RAMP_END) if 60 < cut < edge.length - 60]
    ends = [
        _point(edge.line, cut if cut in cuts else (0.0 if cut < at else edge.length))
        for cut in (at - RAMP_END, at + RAMP_END)
    ]
    return Junction(motorway, along, index, ends, cuts)


def _add_motorway(
    builder: Builder, number: int, line: Floats, junctions: list[Junction], terrain: Terrain
) -> None:
    grade = Grade.MOTORWAY if number == 0 else Grade.EXPRESSWAY
    street = -1 - number
    edge = Edge(builder.node(line[0]), builder.node(line[-1]), line, grade, street)
    whole = shapely.LineString(line)
    spans = [*_tunnels(whole, terrain), *_bridges(whole, terrain)]
    spans = [_clear(span, edge.length) for span in spans]
    gates = [junction.at + side * RAMP_REACH for junction in junctions for side in (-1, 1)]
    cuts = [cut for cut in _cuts(edge, spans) if all(abs(cut - gate) > 40 for gate in gates)]
    nodes = builder.add(edge, [*cuts, *gates], spans)
    for junction in junctions:
        ends = [_nearest(builder, range(len(builder.nodes)), end) for end in junction.ends]
        before, after = (
            _nearest(builder, nodes, _point(line, junction.at + side * RAMP_REACH))
            for side in (-1, 1)
        )
        _add_ramps(builder, line, junction.at, ends, before, after, street)


def _add_ramps(
    builder: Builder,
    line: Floats,
    at: float,
    ends: list[int],
    before: int,
    after: int,
    street: int,
) -> None:
    """A diamond: traffic keeps right, so each direction's ramps lie on its right."""
    ahead = _point(line, at + 20) - _point(line, at - 20)
    to_end = builder.nodes[ends[0]] - _point(line, at)
    first_is_right = ahead[0] * to_end[1] - ahead[1] * to_end[0] < 0
    right, left = ends if first_is_right else ends[::-1]
    bend_before, bend_after = _point(line, at - 120), _point(line, at + 120)
    for a, bend, b in (
        (before, bend_before, right),
        (right, bend_after, after),
        (after, bend_after, left),
        (left, bend_before, before),
    ):
        curve = _bent(builder.nodes[a], bend, builder.nodes[b])
        builder.edges.append(Edge(a, b, curve, Grade.RAMP, street, one_way=True))


def _bent(begin: Floats, bend: Floats, end: Floats) -> Floats:
    """Bézier's curve of three points."""
    t = np.linspace(0, 1, 13)[:, None]
    return np.asarray((1 - t) ** 2 * begin + 2 * t * (1 - t) * bend + t**2 * end)


def _nearest(builder: Builder, nodes: Iterable[int], point: Floats) -> int:
    return min(nodes, key=lambda node: float(np.hypot(*(builder.nodes[node] - point))))


def _point(line: Floats, at: float) -> Floats:
    along = lines.distances(line)
    return np.array([np.interp(at, along, line[:, axis]) for axis in (0, 1)])
