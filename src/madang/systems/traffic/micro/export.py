"""A district as SUMO reads it: plain XML, made a network by netconvert, and the vehicles of a hand-over.

Edge n of the district is `e<n>`, its lanes counted from the right as ours; node n `n<n>`, signal n `s<n>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement

import numpy as np
import shapely

from madang.systems.traffic.engine.draft import Line
from madang.systems.traffic.engine.network import Network, NodeKind
from madang.systems.traffic.engine.signals import Interval, intervals
from madang.systems.traffic.micro.handover import Handover
from madang.systems.traffic.micro.hurrying import Blue
from madang.systems.traffic.micro.lines import drawn, heading
from madang.systems.traffic.micro.pockets import LANE_M, tapered, whole
from madang.systems.traffic.sources.netconvert import convert

LONGEST_S = 60
BLUE, FIRST_BLUE = "blue", 10_000_000
HURRIES = {
    "id": BLUE, "vClass": "emergency", "speedFactor": "1.5", "minGapLat": "0.25", "impatience": "1",
    "jmIgnoreFoeProb": "1", "jmIgnoreFoeSpeed": "3", "jmIgnoreJunctionFoeProb": "1",
    "jmIgnoreKeepClearTime": "1",
}  # fmt: skip
"""Through red and through those who wait, as SUMO's bluelight needs it beside its own."""
TYPES = {
    NodeKind.SIGNAL: "traffic_light",
    NodeKind.RIGHT_BEFORE_LEFT: "right_before_left",
    NodeKind.ALL_WAY_STOP: "allway_stop",
}
SAME_LINE_M = 1.0
AGAINST = -0.7  # cosine of the angle from which on two come against each other
Connection = tuple[int, int, int, int]
"""From edge, to edge, from lane, to lane."""


def street(network: Network, plan_of: dict[int, int], folder: Path) -> Path:
    """SUMO's network of a district under these plans (by signal), written into folder."""
    files = {
        "node-files": _written(_nodes(network), folder / "d.nod.xml"),
        "edge-files": _written(_edges(network), folder / "d.edg.xml"),
        "connection-files": _written(_connections(network), folder / "d.con.xml"),
        "tllogic-files": _written(_lights(network, plan_of), folder / "d.tll.xml"),
    }
    words = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    words += ["--offset.disable-normalization", "true", "--no-turnarounds", "true"]
    return convert(words, folder / "d.net.xml", longest_s=LONGEST_S)


def traffic(handed: Handover, path: Path, hurrying: Sequence[Blue] = ()) -> Path:
    """The vehicles of a hand-over as SUMO's departures, in the order of their time.

    Emergency vehicles are numbered from FIRST_BLUE on; they drive with blue lights, and others make way.
    """
    root = Element("routes")
    if hurrying:
        kind = SubElement(root, "vType", HURRIES)
        SubElement(kind, "param", key="has.bluelight.device", value="true")
    for one in handed.placed:
        vehicle = SubElement(
            root, "vehicle", id=str(one.vehicle), depart=f"{handed.clock:.2f}",
            departLane=str(one.lane), departPos=f"{one.along:.2f}", departSpeed=f"{one.speed:.2f}",
            insertionChecks="collision",
        )  # fmt: skip
        SubElement(vehicle, "route", edges=_way(one.route))
    for number, blue in enumerate(hurrying, FIRST_BLUE):
        vehicle = SubElement(
            root, "vehicle", id=str(number), type=BLUE, depart=f"{handed.clock:.2f}",
            departLane="free", departPos=f"{blue.along:.2f}", departSpeed="avg",
        )  # fmt: skip
        SubElement(vehicle, "route", edges=_way(blue.route))
    for each in sorted(handed.coming, key=lambda one: one.depart):
        vehicle = SubElement(
            root, "vehicle", id=str(each.vehicle), depart=f"{each.depart:.2f}",
            departLane="best", departSpeed="max",
        )  # fmt: skip
        SubElement(vehicle, "route", edges=_way(each.route))
    return _written(root, path)


def stretches(network: Network, signal: int, plan: int) -> list[Interval]:
    """What a signal shows through the cycle of a plan, a letter a column."""
    controller = network.signals.controllers[signal]
    program = controller.programs[plan - int(network.signals.plan_first[signal])]
    return [
        Interval(one.states.ljust(controller.columns, "r"), one.seconds)
        for one in intervals(program)
    ]


def connections(network: Network, turn: int) -> Iterator[Connection]:
    """A turn lane by lane."""
    turns, lanes = network.turns, network.edges.lanes
    before, after = int(turns.from_edge[turn]), int(turns.to_edge[turn])
    mask = int(turns.from_lanes[turn])
    for lane, onto in enumerate(turns.leads.of(turn)):
        if mask >> lane & 1 or (not mask and lane == lanes[before] - 1):
            for to in range(int(lanes[after])):
                if int(onto) >> to & 1:
                    yield before, after, lane, to


def _nodes(network: Network) -> Element:
    root, nodes = Element("nodes"), network.nodes
    lit = {int(n): s for s in range(len(network.signals)) for n in network.signals.nodes.of(s)}
    for n in range(len(nodes)):
        kind = TYPES.get(NodeKind(nodes.kind[n]), "priority")
        words = {"id": f"n{n}", "x": f"{nodes.x[n]:.2f}", "y": f"{nodes.y[n]:.2f}"}
        if n in lit:
            words |= {"type": "traffic_light", "tl": f"s{lit[n]}"}
        else:
            words["type"] = "priority" if kind == "traffic_light" else kind
        SubElement(root, "node", words)
    return root


def _edges(network: Network) -> Element:
    root, edges = Element("edges"), network.edges
    shared = _shared(network)
    for e in range(len(edges)):
        words = {
            "id": f"e{e}",
            "from": f"n{edges.from_node[e]}",
            "to": f"n{edges.to_node[e]}",
            "numLanes": str(edges.lanes[e]),
            "speed": f"{edges.speed[e]:.2f}",
            "length": f"{edges.length[e]:.2f}",
            "priority": str(10 - int(edges.rank[e])),
            "spreadType": "right" if e in shared else "center",
        }
        points = _line(network, e, e in shared)
        if len(points) > 1:
            words["shape"] = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
        SubElement(root, "edge", words)
    return root


def _line(network: Network, edge: int, shared: bool) -> Line:
    """The edge's line; one with pockets begins where the lanes before it end and grows wider from there."""
    edges = network.edges
    line = slice(int(edges.shape_first[edge]), int(edges.shape_first[edge + 1]))
    points = list(zip(edges.shape_x[line].tolist(), edges.shape_y[line].tolist(), strict=True))
    if whole(edges.ids[edge]) == edges.ids[edge] or len(points) < 2:
        return points
    left, right = int(edges.pocket_left[edge]), int(edges.pocket_right[edge])
    return tapered(points, LANE_M * (left if shared else (left - right) / 2))


def _shared(network: Network) -> set[int]:
    """Edges on whose line others come against them: their lanes lie to its right, not around it."""
    lines = drawn(network)
    half = shapely.length(lines) / 2
    middles = shapely.line_interpolate_point(lines, half)
    one, other = shapely.STRtree(lines).query(middles, predicate="dwithin", distance=SAME_LINE_M)
    there = shapely.line_locate_point(lines[other], middles[one])
    turned = heading(lines[one], half[one]) - heading(lines[other], there)
    return set(one[(one != other) & (np.cos(turned) < AGAINST)].tolist())


def _connections(network: Network) -> Element:
    root, turns = Element("connections"), network.turns
    known = {int(e) for e in turns.from_edge}
    for e in range(len(network.edges)):
        if e not in known:
            SubElement(root, "connection", {"from": f"e{e}"})
    for each, turn in _each(network):
        lit = turns.signal[turn] >= 0
        _connection(root, each, {} if lit else {"uncontrolled": "true"})
    return root


def _lights(network: Network, plan_of: dict[int, int]) -> Element:
    root, signals = Element("tlLogics"), network.signals
    for signal, plan in plan_of.items():
        logic = SubElement(
            root, "tlLogic", id=f"s{signal}", type="static", programID="plan",
            offset=f"{signals.offset[plan]:g}",
        )  # fmt: skip
        for one in stretches(network, signal, plan):
            SubElement(logic, "phase", duration=f"{one.seconds:g}", state=one.states)
    for each, turn in _each(network):
        signal = int(network.turns.signal[turn])
        if signal >= 0:
            light = {"tl": f"s{signal}", "linkIndex": str(int(network.turns.column[turn]))}
            _connection(root, each, light)
    return root


def _each(network: Network) -> Iterator[tuple[Connection, int]]:
    """Every connection once: of turns that say the same one the first."""
    said = set()
    for turn in range(len(network.turns)):
        for each in connections(network, turn):
            if each not in said:
                said.add(each)
                yield each, turn


def _connection(root: Element, each: Connection, more: dict[str, str]) -> None:
    before, after, lane, to = each
    words = {"from": f"e{before}", "to": f"e{after}", "fromLane": str(lane), "toLane": str(to)}
    SubElement(root, "connection", words | more)


def _way(edges: Iterable[int]) -> str:
    return " ".join(f"e{edge}" for edge in edges)


def _written(root: Element, path: Path) -> Path:
    ElementTree(root).write(path, encoding="utf-8")
    return path
