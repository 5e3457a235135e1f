"""The city's streets as a network with signals: which crossings have them, their phases and plans.

Phases are those of Korean practice: opposed approaches go together and, where they have a lane for it,
turn left in a phase of their own; smaller streets turn left through gaps (비보호); a street without an
opposite goes alone; right turns on red after stopping.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.demo.city.flows import expected
from madang.demo.city.grades import LANE, Grade
from madang.demo.city.plans import (
    SHORTEST_LEFT,
    THROUGH_GAPS,
    WALK,
    WALKING,
    Stage,
    cycle,
    program,
)
from madang.demo.city.roads import Roads
from madang.demo.demand import Places, share
from madang.systems.traffic.engine.build import build
from madang.systems.traffic.engine.draft import Draft, DraftEdge, DraftLink, DraftNode
from madang.systems.traffic.engine.network import Direction, Network, Rank
from madang.systems.traffic.engine.repair import repair
from madang.systems.traffic.engine.signals import Controller, Turnover

LIT = (Grade.TRUNK, Grade.BOULEVARD, Grade.MAIN, Grade.SIDE, Grade.RAMP)
OPPOSED = math.radians(45)
OWN_LEFT_LANE = 3  # lanes from which on a street keeps one for turning left
PACE = 13.9  # m/s at which green waves lead out of the centre
WEEKDAYS, REST = 0b0001_1111, 0b1110_0000
HOUR = 3600
PLANS = (
    ("1", 5.5),
    ("2", 13.5),
    ("3", 8.2),
)  # night, day, rush hours: the hour that each is made for
A_WORKING_DAY = 0
DEVICES = 1.12  # vehicles on the street for each without a device
STARTS = (
    ("1", 0, WEEKDAYS), ("2", 6 * HOUR, WEEKDAYS), ("3", 7 * HOUR, WEEKDAYS),
    ("2", 10 * HOUR, WEEKDAYS), ("3", 17 * HOUR, WEEKDAYS), ("2", 20 * HOUR, WEEKDAYS),
    ("1", 23 * HOUR, WEEKDAYS), ("1", 0, REST), ("2", 8 * HOUR, REST), ("1", 23 * HOUR, REST),
)  # fmt: skip


def node_key(number: int) -> str:
    """The key of the crossing of that number."""
    return f"N{number + 1:06}"


def link_key(number: int) -> str:
    """The key of the link of that number."""
    return f"L{number + 1:06}"


def signalled(roads: Roads) -> NDArray[np.bool_]:
    """For each node whether it has a signal: three streets or ramps meet there, none a motorway."""
    ends, grades = roads.end[: roads.main], roads.grade[: roads.main]
    lit = np.isin(grades, [int(grade) for grade in LIT])
    streets = np.bincount(ends[lit], minlength=len(roads.nodes))
    others = np.bincount(ends[~lit], minlength=len(roads.nodes))
    found: NDArray[np.bool_] = (streets >= 3) & (others == 0)
    return found


def street_network(roads: Roads, seed: int = 1) -> Draft:
    """Everything above local streets, each signalled crossing with its controller and plans."""
    draft = _streets(roads)
    made = build(repair(draft)[0])
    crossings = _Crossings(roads, made, seed)
    controllers = list(crossings.controllers())
    draft.links = list(_links(made, crossings.column_of))
    draft.controllers = controllers
    return draft


def _streets(roads: Roads) -> Draft:
    used = sorted({*roads.begin[: roads.main].tolist(), *roads.end[: roads.main].tolist()})
    nodes = [
        DraftNode(
            node_key(n),
            float(roads.nodes[n, 0]),
            float(roads.nodes[n, 1]),
            name=roads.node_name[n],
        )
        for n in used
    ]
    edges = [
        DraftEdge(
            link_key(n),
            node_key(int(roads.begin[n])),
            node_key(int(roads.end[n])),
            speed=int(roads.speed_kmh[n]) / 3.6,
            lanes=int(roads.lanes[n]),
            rank=Rank[roads.rank(n).upper()],
            name=roads.name[n],
            line=[(float(x), float(y)) for x, y in roads.lines[n]],
        )
        for n in range(roads.main)
    ]
    return Draft(nodes, edges)


@dataclass(frozen=True)
class Approach:
    """A street that comes to a crossing: its number, where it comes from (radians), what it leads to."""

    edge: int
    angle: float
    grade: Grade
    lanes: int
    turns: dict[Direction, list[int]]

    @property
    def turns_left(self) -> bool:
        return Direction.LEFT in self.turns or Direction.U_TURN in self.turns


class _Crossings:
    """Works the crossings of a network out one by one; column_of [T] is the light of each turn."""

    def __init__(self, roads: Roads, made: Network, seed: int) -> None:
        self._roads, self._made = roads, made
        self._number = {key: n for n, key in enumerate(made.edges.ids)}
        self._lit = signalled(roads)
        self.column_of: dict[int, tuple[str, int]] = {}
        lit = [self._lit[int(made.nodes.ids[node][1:]) - 1] for node in made.edges.to_node]
        busiest = Places(made).busiest
        self._load = {plan: DEVICES * busiest * share(hour, A_WORKING_DAY) for plan, hour in PLANS}
        self._flows = expected(made, np.array(lit, np.float64), seed, self._load["2"])
        self._middle = (float(roads.nodes[:, 0].mean()), float(roads.nodes[:, 1].mean()))

    def controllers(self) -> Iterator[Controller]:
        at_node: dict[int, list[int]] = defaultdict(list)
        for edge, node in enumerate(self._made.edges.to_node.tolist()):
            at_node[node].append(edge)
        number = 1000
        for node, edges in sorted(at_node.items()):
            key = self._made.nodes.ids[node]
            if self._lit[int(key[1:]) - 1]:
                number += 1
                yield self._controller(key, str(number), node, edges)

    def _controller(self, key: str, number: str, node: int, edges: list[int]) -> Controller:
        approaches = [self._approach(edge, node) for edge in edges]
        columns = self._columns(key, approaches)
        stages = list(_stages(approaches, columns, self._needs))
        rights = {
            columns[a.edge, Direction.RIGHT] for a in approaches if Direction.RIGHT in a.turns
        }
        x, y = self._made.nodes.x[node], self._made.nodes.y[node]
        away = math.dist((float(x), float(y)), self._middle) / PACE
        programs = tuple(
            program(plan, cycle(stages, load), stages, len(set(columns.values())), rights, away)
            for plan, load in self._load.items()
        )
        turnovers = tuple(Turnover(start, plan, days) for plan, start, days in STARTS)
        name = self._made.nodes.names[node] or f"{self._made.edges.names[edges[0]]} 교차로"
        return Controller(key, programs, turnovers, number, name, (key,))

    def _needs(self, approach: Approach, ways: Sequence[Direction], gaps: bool) -> float:
        """What an approach needs for turns in these directions; gaps: who turns left waits for them."""
        turns, lane = self._made.turns, self._made.edges.saturation[approach.edge] / approach.lanes
        flow, used, most = 0.0, 0, 0.0
        for way in ways:
            own = approach.turns.get(way, [])
            left = way in (Direction.LEFT, Direction.U_TURN)
            passes = float(self._flows[own].sum()) * (THROUGH_GAPS if gaps and left else 1.0)
            lanes = int(np.bitwise_or.reduce(turns.from_lanes[own])) if own else 0
            flow, used = flow + passes, used | lanes
            most = max(most, passes / max(lanes.bit_count(), 1))
        return max(most, flow / max(used.bit_count(), 1)) / (3600 * float(lane))

    def _approach(self, edge: int, node: int) -> Approach:
        made = self._made
        turns: dict[Direction, list[int]] = defaultdict(list)
        for turn in range(made.turns.first[edge], made.turns.first[edge + 1]):
            turns[Direction(made.turns.direction[turn])].append(turn)
        start, end = made.edges.shape_first[edge : edge + 2]
        far = max(start, end - 3)
        x, y = made.edges.shape_x[far], made.edges.shape_y[far]
        angle = math.atan2(y - made.nodes.y[node], x - made.nodes.x[node])
        grade = Grade(int(self._roads.grade[int(made.edges.ids[edge][1:]) - 1]))
        return Approach(edge, angle, grade, int(made.edges.lanes[edge]), dict(turns))

    def _columns(
        self, key: str, approaches: Sequence[Approach]
    ) -> dict[tuple[int, Direction], int]:
        """The light that each approach's turns in each direction watch; turning back is turning left."""
        found: dict[tuple[int, Direction], int] = {}
        for approach in approaches:
            for direction in sorted(approach.turns):
                own = Direction.LEFT if direction is Direction.U_TURN else direction
                column = found.setdefault((approach.edge, own), len(set(found.values())))
                found[approach.edge, direction] = column
                for turn in approach.turns[direction]:
                    self.column_of[turn] = (key, column)
        return found


LEFT = (Direction.LEFT, Direction.U_TURN)
ONWARD = (Direction.STRAIGHT, Direction.RIGHT)
Needs = Callable[[Approach, Sequence[Direction], bool], float]


def _stages(
    approaches: Sequence[Approach], columns: dict[tuple[int, Direction], int], needs: Needs
) -> Iterator[Stage]:
    for group in _pairs(approaches):
        width = max((a.lanes for a in approaches if a not in group), default=0) * 2 * LANE
        walk = WALK + math.ceil(width / WALKING)
        every = [(a, d) for a in group for d in a.turns]
        lefts = {columns[a.edge, d] for a, d in every if d in LEFT}
        onward = {columns[a.edge, d] for a, d in every} - lefts

        def need(*ways: Direction, gaps: bool = False, group: list[Approach] = group) -> float:
            return max(needs(approach, ways, gaps) for approach in group)

        if len(group) == 1:
            all_of = need(*ONWARD, *LEFT)
            yield Stage(frozenset(onward | lefts), frozenset(), all_of, walk, walk)
        elif lefts and all(a.lanes >= OWN_LEFT_LANE for a in group if a.turns_left):
            yield Stage(frozenset(onward), frozenset(), need(*ONWARD), walk, walk)
            yield Stage(frozenset(lefts), frozenset(), need(*LEFT), SHORTEST_LEFT)
        else:
            all_of = need(*ONWARD, *LEFT, gaps=True)
            yield Stage(frozenset(onward | lefts), frozenset(lefts), all_of, walk, walk)


def _pairs(approaches: Sequence[Approach]) -> Iterator[list[Approach]]:
    """Approaches with their opposites, the greatest streets first."""
    left = sorted(approaches, key=lambda each: (each.grade, -each.lanes, each.edge))
    while left:
        first = left.pop(0)
        opposite = [one for one in left if _apart(first, one) < OPPOSED]
        best = min(opposite, key=lambda one: _apart(first, one), default=None)
        if best is not None:
            left.remove(best)
        yield [first] if best is None else [first, best]


def _apart(one: Approach, other: Approach) -> float:
    """How far two approaches are from facing each other, in radians."""
    turn = (one.angle - other.angle - math.pi) % (2 * math.pi)
    return min(turn, 2 * math.pi - turn)


def _links(made: Network, column_of: dict[int, tuple[str, int]]) -> Iterator[DraftLink]:
    """A link for each lane that a turn is made from, with the light that it watches."""
    turns, ids = made.turns, made.edges.ids
    for turn in range(len(turns)):
        key, column = column_of.get(turn, ("", -1))
        lanes = int(turns.from_lanes[turn])
        for lane in range(lanes.bit_length()):
            if lanes >> lane & 1:
                yield DraftLink(
                    ids[turns.from_edge[turn]],
                    ids[turns.to_edge[turn]],
                    from_lane=lane,
                    direction=Direction(turns.direction[turn]),
                    length=float(turns.length[turn]),
                    controller=key,
                    column=column,
                )
