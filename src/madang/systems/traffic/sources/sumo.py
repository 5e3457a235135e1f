"""SUMO's networks (.net.xml, also gzipped) with their signal programs.

Only lanes that passenger cars may use become lanes; pavements, cycle tracks and rails are left out.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from madang.systems.traffic.engine.draft import Draft, DraftEdge, DraftLink, DraftNode, Line
from madang.systems.traffic.engine.network import Direction, NodeKind, Priority, Rank
from madang.systems.traffic.engine.signals import Controller, Program, from_rows
from madang.systems.traffic.sources import placing
from madang.systems.traffic.sources.refusal import UnreadableError
from madang.systems.traffic.sources.xml import elements, root_of

WANTED = frozenset(["location", "edge", "junction", "connection", "tlLogic"])
KINDS = {
    "traffic_light": NodeKind.SIGNAL,
    "traffic_light_unregulated": NodeKind.SIGNAL,
    "traffic_light_right_on_red": NodeKind.SIGNAL,
    "right_before_left": NodeKind.RIGHT_BEFORE_LEFT,
    "left_before_right": NodeKind.RIGHT_BEFORE_LEFT,
    "allway_stop": NodeKind.ALL_WAY_STOP,
    "dead_end": NodeKind.DEAD_END,
}
DIRECTIONS = {
    "s": Direction.STRAIGHT,
    "l": Direction.LEFT,
    "L": Direction.LEFT,
    "r": Direction.RIGHT,
    "R": Direction.RIGHT,
    "t": Direction.U_TURN,
    "T": Direction.U_TURN,
}
PRIORITIES = {
    "M": Priority.MAJOR,
    "m": Priority.MINOR,
    "Z": Priority.MINOR,
    "s": Priority.STOP,
    "=": Priority.EQUAL,
    "w": Priority.EQUAL,
}
RANKS = {
    "motorway": Rank.MOTORWAY,
    "trunk": Rank.EXPRESSWAY,
    "primary": Rank.NATIONAL,
    "secondary": Rank.METROPOLITAN,
    "tertiary": Rank.CITY,
    "unclassified": Rank.LOCAL,
    "residential": Rank.LOCAL,
    "living_street": Rank.SERVICE,
    "service": Rank.SERVICE,
    "track": Rank.SERVICE,
}
CAR = "passenger"


@dataclass
class _Net:
    """What was read so far. lanes: a lane's id → its edge and its number among the lanes for cars;
    inside: a lane within a crossing → its metres and m/s; beyond: such a lane → the one behind the place
    where one waits halfway.
    """

    draft: Draft = field(default_factory=lambda: Draft(links=[], knows_conflicts=True))
    location: Element | None = None
    lanes: dict[str, tuple[str, int]] = field(default_factory=dict)
    inside: dict[str, tuple[float, float]] = field(default_factory=dict)
    beyond: dict[str, str] = field(default_factory=dict)
    junctions: list[Element] = field(default_factory=list)
    connections: list[Element] = field(default_factory=list)
    programs: dict[str, list[Program]] = field(default_factory=lambda: defaultdict(list))


def read_net(path: Path, crs: str | None = None) -> Draft:
    """The network in path; with crs, where the file says where it lies, in that system's metres.

    UnreadableError where it is no such file.
    """
    if root_of(path) != "net":
        raise UnreadableError("not-a-net", file=path.name)
    net = _Net()
    for element in elements(path, WANTED):
        _READERS[element.tag](net, element)
    if not net.draft.edges:
        raise UnreadableError("no-streets", file=path.name)
    _junctions(net)
    order = _links(net)
    _conflicts(net, order)
    _controllers(net)
    placing.place(net.draft, net.location, crs)
    return net.draft


def _edge(net: _Net, element: Element) -> None:
    key = element.get("id", "")
    lanes = element.findall("lane")
    if element.get("function") in ("internal", "crossing", "walkingarea"):
        for lane in lanes:
            net.inside[lane.get("id", "")] = (number(lane, "length"), number(lane, "speed"))
        return
    cars = [lane for lane in lanes if _for_cars(lane)]
    if not cars:
        return
    for place, lane in enumerate(cars):
        net.lanes[f"{key}_{lane.get('index', '0')}"] = (key, place)
    net.draft.edges.append(
        DraftEdge(
            key,
            element.get("from", ""),
            element.get("to", ""),
            length=number(cars[0], "length"),
            speed=max(number(lane, "speed") for lane in cars),
            lanes=len(cars),
            rank=rank_of(element.get("type", "")),
            name=element.get("name", ""),
            line=line_of(cars[len(cars) // 2].get("shape", "")),
        )
    )


def _junction(net: _Net, element: Element) -> None:
    if element.get("type") != "internal":
        net.junctions.append(element)


def _connection(net: _Net, element: Element) -> None:
    lane = f"{element.get('from')}_{element.get('fromLane')}"
    if lane in net.inside:
        net.beyond[lane] = element.get("via", "")
    else:
        net.connections.append(element)


def _program(net: _Net, element: Element) -> None:
    rows = [
        (
            phase.get("state", ""),
            number(phase, "duration"),
            number(phase, "minDur", 0.0),
            number(phase, "maxDur", 0.0),
        )
        for phase in element.findall("phase")
    ]
    key = element.get("programID", "0")
    offset = number(element, "offset", 0.0)
    net.programs[element.get("id", "")].append(
        Program(key, from_rows(rows), offset, assumed=element.get("type") == "guessed")
    )


def _location(net: _Net, element: Element) -> None:
    net.location = element


_READERS = {
    "edge": _edge,
    "junction": _junction,
    "connection": _connection,
    "tlLogic": _program,
    "location": _location,
}


def _junctions(net: _Net) -> None:
    net.draft.nodes = [
        DraftNode(
            junction.get("id", ""),
            number(junction, "x"),
            number(junction, "y"),
            KINDS.get(junction.get("type", ""), NodeKind.PRIORITY),
            junction.get("name", ""),
        )
        for junction in net.junctions
    ]


def _links(net: _Net) -> dict[str, list[int]]:
    """Make the links; for each lane the positions of its links, -1 for one that no car takes."""
    order: dict[str, list[int]] = defaultdict(list)
    links = net.draft.links
    assert links is not None
    for element in net.connections:
        lane = f"{element.get('from')}_{element.get('fromLane')}"
        to = f"{element.get('to')}_{element.get('toLane')}"
        taken = lane in net.lanes and to in net.lanes
        order[lane].append(len(links) if taken else -1)
        if taken:
            links.append(_link(net, element, net.lanes[lane], net.lanes[to]))
    return order


def _link(
    net: _Net, element: Element, before: tuple[str, int], after: tuple[str, int]
) -> DraftLink:
    via = element.get("via", "")
    length, speed = net.inside.get(via, (math.nan, math.nan))
    rest, _ = net.inside.get(net.beyond.get(via, ""), (0.0, speed))
    controller = element.get("tl", "")
    return DraftLink(
        *(before[0], after[0], before[1], after[1]),
        direction=DIRECTIONS.get(element.get("dir", "")),
        priority=PRIORITIES.get(element.get("state", "")),
        length=length + rest,
        speed=speed,
        waits_at=length if rest else None,
        controller=controller,
        column=int(number(element, "linkIndex", -1.0)) if controller else -1,
    )


def _conflicts(net: _Net, order: dict[str, list[int]]) -> None:
    """A junction numbers its links by its incoming lanes, each lane's in the order of the file."""
    links = net.draft.links
    assert links is not None
    for junction in net.junctions:
        here = [n for lane in junction.get("incLanes", "").split() for n in order.get(lane, [])]
        for request in junction.findall("request"):
            index = int(number(request, "index", -1.0))
            if 0 <= index < len(here) and here[index] >= 0:
                link = links[here[index]]
                link.yields = _named(request.get("response", ""), here)
                link.foes = _named(request.get("foes", ""), here)


def _named(bits: str, here: list[int]) -> list[int]:
    """The links whose bit is set; the rightmost bit is link 0."""
    found = [here[n] for n, bit in enumerate(reversed(bits)) if bit == "1" and n < len(here)]
    return [n for n in found if n >= 0]


def _controllers(net: _Net) -> None:
    ends = {edge.key: edge.to_node for edge in net.draft.edges}
    stands: dict[str, dict[str, None]] = defaultdict(dict)
    for link in net.draft.links or []:
        if link.controller:
            stands[link.controller][ends[link.from_edge]] = None
    net.draft.controllers = [
        Controller(key, tuple(programs), nodes=tuple(stands[key]))
        for key, programs in net.programs.items()
        if key in stands
    ]


def number(element: Element, name: str, missing: float = math.nan) -> float:
    """An attribute as a number; NaN (or missing) where it is none."""
    try:
        return float(element.get(name, missing))
    except ValueError:
        return missing


def line_of(shape: str) -> Line:
    """x,y x,y … (a third coordinate is left out); nothing where it cannot be read."""
    try:
        points = [tuple(float(n) for n in point.split(",")[:2]) for point in shape.split()]
    except ValueError:
        return []
    return [(p[0], p[1]) for p in points if len(p) == 2]


def rank_of(kind: str) -> Rank:
    """What a road is, by SUMO's type, which is OpenStreetMap's word behind 'highway.'."""
    word = kind.split("|")[0].removeprefix("highway.")
    return Rank.RAMP if word.endswith("_link") else RANKS.get(word, Rank.LOCAL)


def _for_cars(lane: Element) -> bool:
    allow, disallow = lane.get("allow"), lane.get("disallow", "")
    if allow is not None:
        return bool({CAR, "all"} & set(allow.split()))
    return not {CAR, "all"} & set(disallow.split())
