"""From a mended draft to the arrays of a Network."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from madang.systems.traffic.engine import crossing
from madang.systems.traffic.engine.crossing import Way
from madang.systems.traffic.engine.draft import Draft, DraftEdge, DraftLink
from madang.systems.traffic.engine.network import (
    JAM_SPACING_M,
    NONE,
    Direction,
    Edges,
    Floats,
    Ints,
    Lists,
    Network,
    NodeKind,
    Nodes,
    Priority,
    Signals,
    Turns,
    lists,
)
from madang.systems.traffic.engine.signals import LETTERS, Controller, intervals

SATURATION = 1_900 / 3600
"""Vehicles a second and lane at a stop line where the source does not say: HCM's base rate."""
TURNING_SPEED = {
    Direction.STRAIGHT: 50 / 3.6,
    Direction.LEFT: 25 / 3.6,
    Direction.RIGHT: 20 / 3.6,
    Direction.U_TURN: 12 / 3.6,
}
SHORTEST_VIA_M = 3.0
USUAL_VIA_M = 12.0


@dataclass
class Turn:
    """Links between two edges whose lanes see the same light, while a network is built."""

    from_edge: int
    to_edge: int
    way: Way
    from_lanes: int = 0
    to_lanes: int = 0
    leads: dict[int, int] = field(default_factory=dict)
    priority: Priority | None = None
    length: float = USUAL_VIA_M
    speed: float = 0.0
    waits_at: float = 0.0
    signal: int = NONE
    column: int = NONE
    links: list[int] = field(default_factory=list)


def build(draft: Draft) -> Network:
    """The network of a draft that `repair.repair` has been over; KeyError where it has not."""
    node_of = {node.key: n for n, node in enumerate(draft.nodes)}
    edge_of = {edge.key: n for n, edge in enumerate(draft.edges)}
    nodes, edges = _nodes(draft), _edges(draft, node_of)
    signals = _signals(draft.controllers, node_of)
    turns = _turns_of(draft, edge_of, _Lights(draft.controllers))
    bans = [(edge_of[a], edge_of[b]) for a, b in draft.bans]
    return Network(
        nodes,
        edges,
        _arrays(turns, edges, nodes, draft),
        signals,
        lists(edges.from_node, len(nodes)),
        lists(edges.to_node, len(nodes)),
        lists(_ints(turn.to_edge for turn in turns), len(edges)),
        np.array(bans, np.int32).reshape(-1, 2),
    )


def _nodes(draft: Draft) -> Nodes:
    return Nodes(
        tuple(node.key for node in draft.nodes),
        tuple(node.name for node in draft.nodes),
        _floats(node.x or 0.0 for node in draft.nodes),
        _floats(node.y or 0.0 for node in draft.nodes),
        np.array([node.kind for node in draft.nodes], np.uint8),
    )


def _edges(draft: Draft, node_of: dict[str, int]) -> Edges:
    found = draft.edges
    length, lanes = _floats(e.length or 0 for e in found), _ints(e.lanes or 1 for e in found)
    pocket_left, pocket_right = (
        _ints(e.pocket_left for e in found),
        _ints(e.pocket_right for e in found),
    )
    left_m = _floats(e.pocket_left_m for e in found)
    right_m = _floats(e.pocket_right_m for e in found)
    room = lanes * length + pocket_left * left_m + pocket_right * right_m
    points = [point for edge in found for point in edge.line]
    return Edges(
        tuple(edge.key for edge in found),
        tuple(edge.name for edge in found),
        _ints(node_of[edge.from_node] for edge in found),
        _ints(node_of[edge.to_node] for edge in found),
        length,
        _floats(edge.speed or 0 for edge in found),
        lanes,
        _floats(edge.saturation or SATURATION * (edge.lanes or 1) for edge in found),
        np.maximum(1.0, room / JAM_SPACING_M),
        np.array([edge.rank for edge in found], np.uint8),
        pocket_left,
        pocket_right,
        left_m,
        right_m,
        _first(len(edge.line) for edge in found),
        _floats(point[0] for point in points),
        _floats(point[1] for point in points),
    )


class _Lights:
    """Which controller a link watches, and what its column shows through all plans."""

    def __init__(self, controllers: Sequence[Controller]) -> None:
        self.index = {controller.key: n for n, controller in enumerate(controllers)}
        self.histories = [_histories(controller) for controller in controllers]

    def of(self, link: DraftLink) -> tuple[int, int, str]:
        signal = self.index.get(link.controller, NONE)
        if signal == NONE:
            return NONE, NONE, ""
        return signal, link.column, self.histories[signal][link.column]


def _histories(controller: Controller) -> list[str]:
    rows = [row.states for program in controller.programs for row in intervals(program)]
    return ["".join(row[column] for row in rows) for column in range(controller.columns)]


def _turns_of(draft: Draft, edge_of: dict[str, int], lights: _Lights) -> list[Turn]:
    arms = _Arms(draft.edges)
    links = draft.links
    turns = _from_links(links, edge_of, arms, lights) if links is not None else _all(draft, arms)
    return sorted(turns, key=lambda turn: (turn.from_edge, turn.to_edge, turn.column))


class _Arms:
    """The angles at which edges meet their nodes, each looked at once."""

    def __init__(self, edges: list[DraftEdge]) -> None:
        self.edges = edges
        self.comes = [crossing.arm_in(edge.line) for edge in edges]
        self.leaves = [crossing.arm_out(edge.line) for edge in edges]

    def way(self, before: int, after: int, said: Direction | None = None) -> Way:
        comes, leaves = self.comes[before], self.leaves[after]
        bend = crossing.direction(comes, leaves) if said is None else said
        return Way(before, after, comes, leaves, bend, self.edges[before].rank)


def _from_links(
    links: list[DraftLink], edge_of: dict[str, int], arms: _Arms, lights: _Lights
) -> list[Turn]:
    found: dict[tuple[int, int, int, str], Turn] = {}
    for number, link in enumerate(links):
        before, after = edge_of[link.from_edge], edge_of[link.to_edge]
        signal, column, history = lights.of(link)
        key = (before, after, signal, history)
        if key not in found:
            way = arms.way(before, after, link.direction)
            found[key] = Turn(before, after, way, signal=signal, column=column)
            found[key].length = link.length or _via(arms, before, after)
            found[key].speed = link.speed or 0.0
        _join(found[key], number, link, arms.edges)
    return list(found.values())


def _join(turn: Turn, number: int, link: DraftLink, edges: list[DraftEdge]) -> None:
    turn.links.append(number)
    turn.waits_at = max(turn.waits_at, link.waits_at or 0.0)
    turn.from_lanes |= _lanes(link.from_lane, edges[turn.from_edge])
    onto = _lanes(link.to_lane, edges[turn.to_edge])
    turn.to_lanes |= onto
    if link.from_lane is not None and link.to_lane is not None:
        turn.leads[link.from_lane] = turn.leads.get(link.from_lane, 0) | onto
    if link.priority is not None:
        turn.priority = max(turn.priority or Priority.MAJOR, link.priority)


def _lanes(lane: int | None, edge: DraftEdge) -> int:
    return 1 << lane if lane is not None else (1 << (edge.lanes or 1)) - 1


def _all(draft: Draft, arms: _Arms) -> list[Turn]:
    """Every turn that the streets allow: all at a node but bans, and back only where there is no other."""
    out: dict[str, list[int]] = defaultdict(list)
    for number, edge in enumerate(draft.edges):
        out[edge.from_node].append(number)
    bans = set(draft.bans)
    found: list[Turn] = []
    for before, edge in enumerate(draft.edges):
        own = [a for a in out[edge.to_node] if (edge.key, draft.edges[a].key) not in bans]
        ways = [arms.way(before, after) for after in own]
        onward = [way for way in ways if not _back(draft.edges, way)] or ways
        found += _laned(onward, draft.edges, arms)
    return found


def _back(edges: list[DraftEdge], way: Way) -> bool:
    return edges[way.to_edge].to_node == edges[way.from_edge].from_node and (
        way.direction is Direction.U_TURN
    )


def _laned(ways: list[Way], edges: list[DraftEdge], arms: _Arms) -> Iterator[Turn]:
    has_left = any(way.direction is Direction.LEFT for way in ways)
    for way in ways:
        edge = edges[way.from_edge]
        from_lanes = crossing.lanes(way.direction, edge.lanes or 1, has_left, edge.pocket_left)
        to_lanes = (1 << (edges[way.to_edge].lanes or 1)) - 1
        turn = Turn(way.from_edge, way.to_edge, way, from_lanes, to_lanes)
        turn.length = _via(arms, way.from_edge, way.to_edge)
        yield turn


def _via(arms: _Arms, before: int, after: int) -> float:
    """The way across: between the line's ends where they gape, as they do in SUMO's networks."""
    gap = math.dist(arms.edges[before].line[-1], arms.edges[after].line[0])
    return max(gap, SHORTEST_VIA_M) if gap > 1 else USUAL_VIA_M


def _arrays(turns: list[Turn], edges: Edges, nodes: Nodes, draft: Draft) -> Turns:
    yields, foes = _known(turns, draft) if draft.knows_conflicts else _seen(turns, edges, nodes)
    kinds = nodes.kind[edges.to_node]
    ranked = [
        turn.priority
        if turn.priority is not None
        else crossing.priority(bool(yields[n]), NodeKind(kinds[turn.from_edge]))
        for n, turn in enumerate(turns)
    ]
    directions = [turn.way.direction for turn in turns]
    limits = edges.speed[_ints(turn.from_edge for turn in turns)]
    usual = np.minimum(_floats(TURNING_SPEED[each] for each in directions), limits)
    said = _floats(turn.speed for turn in turns)
    counts = np.bincount(_ints(t.from_edge for t in turns), minlength=len(edges))
    return Turns(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        _ints(turn.from_edge for turn in turns),
        _ints(turn.to_edge for turn in turns),
        np.array([turn.from_lanes for turn in turns], np.uint32),
        np.array([turn.to_lanes for turn in turns], np.uint32),
        _leads_of(turns, edges),
        np.array(directions, np.uint8),
        np.array(ranked, np.uint8),
        _floats(turn.length for turn in turns),
        np.where(said > 0, said, usual),
        _floats(
            turn.waits_at if draft.knows_conflicts else _halfway(turn, bool(yields[n]))
            for n, turn in enumerate(turns)
        ),
        _ints(turn.signal for turn in turns),
        _ints(turn.column for turn in turns),
        _list_of(list(found) for found in yields),
        np.array([lanes for found in yields for lanes in found.values()], np.uint32),
        _list_of(list(found) for found in foes),
    )


def _leads_of(turns: list[Turn], edges: Edges) -> Lists:
    found = [_leads(turn, int(edges.lanes[turn.from_edge])) for turn in turns]
    bits = np.array([onto for each in found for onto in each], np.uint32)
    return Lists(_first(len(each) for each in found), cast(Ints, bits))


def _leads(turn: Turn, lanes: int) -> list[int]:
    """By lane of the street before, the lanes it leads to: as the source says, else side by side."""
    beside = crossing.side_by_side(turn.from_lanes, turn.to_lanes, lanes)
    return [turn.leads.get(lane, onto) for lane, onto in enumerate(beside)]


def _halfway(turn: Turn, gives_way: bool) -> float:
    """Where one waits within a crossing of which the source says nothing: who turns across, halfway."""
    across = turn.way.direction in (Direction.LEFT, Direction.U_TURN)
    return turn.length / 2 if across and gives_way and turn.signal != NONE else 0.0


Conflicts = list[dict[int, int]]
"""For each turn the others that it meets, in order, and from which of their lanes (bits)."""


def _known(turns: list[Turn], draft: Draft) -> tuple[Conflicts, Conflicts]:
    """The conflicts that the source names between links, between the turns that hold them."""
    links = draft.links or []
    turn_of = {number: n for n, turn in enumerate(turns) for number in turn.links}

    def met(turn: Turn, others: Iterable[int]) -> dict[int, int]:
        found: dict[int, int] = defaultdict(int)
        for number in others:
            other = turns[turn_of[number]]
            if other.from_edge != turn.from_edge:
                every = (1 << 32) - 1
                lane = links[number].from_lane
                bits = other.from_lanes & (every if lane is None else 1 << lane)
                found[turn_of[number]] |= bits
        return dict(sorted(found.items()))

    own = [[links[number] for number in turn.links] for turn in turns]
    return (
        [met(t, (n for k in o for n in k.yields)) for t, o in zip(turns, own, strict=True)],
        [met(t, (n for k in o for n in k.foes)) for t, o in zip(turns, own, strict=True)],
    )


def _seen(turns: list[Turn], edges: Edges, nodes: Nodes) -> tuple[Conflicts, Conflicts]:
    """The conflicts that geometry shows at each node."""
    at_node: dict[int, list[int]] = defaultdict(list)
    for number, turn in enumerate(turns):
        at_node[int(edges.to_node[turn.from_edge])].append(number)
    yields: Conflicts = [{} for _ in turns]
    foes: Conflicts = [{} for _ in turns]
    for node, here in at_node.items():
        kind = NodeKind(nodes.kind[node])
        for one in here:
            foes[one] = {
                o: turns[o].from_lanes
                for o in here
                if crossing.crosses(turns[one].way, turns[o].way)
            }
            yields[one] = {
                o: lanes
                for o, lanes in foes[one].items()
                if crossing.gives_way(turns[one].way, turns[o].way, kind)
            }
    return yields, foes


def _signals(controllers: Sequence[Controller], node_of: dict[str, int]) -> Signals:
    programs = [program for controller in controllers for program in controller.programs]
    columns = [c.columns for c in controllers for _ in c.programs]
    rows = [intervals(program) for program in programs]
    flat = [(row, width) for group, width in zip(rows, columns, strict=True) for row in group]
    plan_first = _first(len(controller.programs) for controller in controllers)
    plan_of = [
        {program.key: int(plan_first[s]) + n for n, program in enumerate(controller.programs)}
        for s, controller in enumerate(controllers)
    ]
    turnovers = [(s, turn) for s, c in enumerate(controllers) for turn in c.turnovers]
    return Signals(
        tuple(controllers),
        _list_of([[node_of[key] for key in controller.nodes] for controller in controllers]),
        _ints(controller.columns for controller in controllers),
        plan_first,
        _floats(program.cycle_s for program in programs),
        _floats(program.offset_s for program in programs),
        _first(len(group) for group in rows),
        _floats(row.seconds for row, _ in flat),
        _first(width for _, width in flat)[:-1],
        np.array(
            [LETTERS[letter] for row, width in flat for letter in row.states.ljust(width, "r")],
            np.uint8,
        ),
        _first(len(controller.turnovers) for controller in controllers),
        _ints(turn.start_s for _, turn in turnovers),
        np.array([turn.days for _, turn in turnovers], np.uint8),
        _ints(plan_of[s][turn.program] for s, turn in turnovers),
    )


def _list_of(groups: Iterable[Sequence[int]]) -> Lists:
    groups = list(groups)
    return Lists(
        _first(len(group) for group in groups), _ints(n for group in groups for n in group)
    )


def _first(sizes: Iterable[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(list(sizes), dtype=np.int64)]).astype(np.int32)


def _floats(numbers: Iterable[float]) -> Floats:
    return np.fromiter(numbers, np.float64)


def _ints(numbers: Iterable[int]) -> Ints:
    return np.fromiter(numbers, np.int32)
