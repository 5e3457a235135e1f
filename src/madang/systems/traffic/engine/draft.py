"""What a source says of a network, before anybody believed it: numbers may be missing, wrong or NaN.

Sources fill a Draft; `repair.repair` mends it and lists what it did; `build.build` makes the arrays.
None is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from madang.systems.traffic.engine.network import Direction, NodeKind, Priority, Rank
from madang.systems.traffic.engine.signals import Controller

Line = list[tuple[float, float]]


@dataclass
class DraftNode:
    """A node at x, y metres; None where only links name it."""

    key: str
    x: float | None
    y: float | None
    kind: NodeKind = NodeKind.PRIORITY
    name: str = ""


@dataclass
class DraftEdge:
    """One direction of a road; length m, speed m/s, saturation veh/s over all lanes."""

    key: str
    from_node: str
    to_node: str
    length: float | None = None
    speed: float | None = None
    lanes: int | None = None
    rank: Rank = Rank.LOCAL
    name: str = ""
    line: Line = field(default_factory=list)
    saturation: float | None = None
    pocket_left: int = 0
    pocket_right: int = 0
    pocket_left_m: float = 0.0
    pocket_right_m: float = 0.0


@dataclass
class DraftLink:
    """A way through a crossing from a lane (counted from the right) to a lane.

    None as lanes: from any to any. controller and column: the light it watches. waits_at: metres from
    the stop line to where who gives way waits halfway, if there is such a place.
    """

    from_edge: str
    to_edge: str
    from_lane: int | None = None
    to_lane: int | None = None
    direction: Direction | None = None
    priority: Priority | None = None
    length: float | None = None
    speed: float | None = None
    waits_at: float | None = None
    controller: str = ""
    column: int = -1
    yields: list[int] = field(default_factory=list)
    foes: list[int] = field(default_factory=list)


@dataclass
class Draft:
    """A network as a source says it.

    links is None where the source knows no movements: then all are made that geometry allows and bans
    (from edge, to edge) do not forbid. yields and foes of links are positions in links; the source
    knows them where knows_conflicts, else geometry finds them.
    """

    nodes: list[DraftNode] = field(default_factory=list)
    edges: list[DraftEdge] = field(default_factory=list)
    links: list[DraftLink] | None = None
    bans: list[tuple[str, str]] = field(default_factory=list)
    controllers: list[Controller] = field(default_factory=list)
    knows_conflicts: bool = False
