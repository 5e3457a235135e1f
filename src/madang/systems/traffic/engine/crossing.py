"""What geometry says of a crossing: where a turn leads, which turns cross, and who gives way.

Traffic keeps right. Around a node, traffic on the arm at angle a enters just counterclockwise of it and
leaves just clockwise; two ways through the crossing cross where their ends alternate around it, and
join where they lead onto the same edge.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from madang.systems.traffic.engine.draft import Line
from madang.systems.traffic.engine.network import Direction, NodeKind, Priority, Rank

SIDE = 1e-3
STRAIGHT = math.radians(45)
BACK = math.radians(150)
WINDOW_M = 20.0


@dataclass(frozen=True)
class Way:
    """One turn at a node: the arms (angles from the node, radians) it comes by and leaves by."""

    from_edge: int
    to_edge: int
    comes: float
    leaves: float
    direction: Direction
    rank: Rank


def arm_in(line: Line) -> float:
    """The angle at which the arm of an arriving line lies, seen from its end."""
    return _angle(list(reversed(line)))


def arm_out(line: Line) -> float:
    """The angle at which a departing line lies, seen from its start."""
    return _angle(line)


def _angle(line: Line) -> float:
    """From the first point to the one about 20 m along: the last metres of a line are often crooked."""
    start, far, left = line[0], line[-1], WINDOW_M
    for before, after in itertools.pairwise(line):
        piece = math.dist(before, after)
        if piece >= left:
            share = left / piece
            far = tuple(b + share * (a - b) for b, a in zip(before, after, strict=True))  # type: ignore[assignment]
            break
        left -= piece
    return math.atan2(far[1] - start[1], far[0] - start[0])


def direction(comes: float, leaves: float) -> Direction:
    """Where a turn leads, by how far it bends from straight on; left is counterclockwise."""
    bend = _wrap(leaves - comes - math.pi)
    if abs(bend) <= STRAIGHT:
        return Direction.STRAIGHT
    if abs(bend) >= BACK:
        return Direction.U_TURN
    return Direction.LEFT if bend > 0 else Direction.RIGHT


def crosses(one: Way, other: Way) -> bool:
    """Whether two ways from different edges cross or join."""
    if one.from_edge == other.from_edge:
        return False
    if one.to_edge == other.to_edge:
        return True
    a, b = one.comes + SIDE, one.leaves - SIDE
    inside = [_between(a, b, angle) for angle in (other.comes + SIDE, other.leaves - SIDE)]
    return inside[0] != inside[1]


def gives_way(one: Way, other: Way, kind: NodeKind) -> bool:
    """Whether one gives way to other, which crosses it.

    Lower ranks to higher ones where priority rules; otherwise whoever turns across to whoever goes
    straight, and right before left among equals.
    """
    if kind in (NodeKind.PRIORITY, NodeKind.DEAD_END) and one.rank != other.rank:
        return one.rank > other.rank
    if _burden(one) != _burden(other) and (_opposed(one, other) or kind is NodeKind.SIGNAL):
        return _burden(one) > _burden(other)
    return _from_right(one, other)


def priority(gives_way_to_any: bool, kind: NodeKind) -> Priority:
    if kind in (NodeKind.RIGHT_BEFORE_LEFT, NodeKind.ALL_WAY_STOP):
        return Priority.EQUAL
    return Priority.MINOR if gives_way_to_any else Priority.MAJOR


def lanes(way: Direction, count: int, has_left: bool, pocket_left: int) -> int:
    """The lanes (bits, from the right) from which a turn is made, where the source does not say."""
    if count == 1:
        return 1
    if way in (Direction.LEFT, Direction.U_TURN):
        return 1 << (count - 1)
    if way is Direction.RIGHT:
        return 1
    every = (1 << count) - 1
    own_lane = has_left and count >= 3 and not pocket_left
    return every & ~(1 << (count - 1)) if own_lane else every


def _burden(way: Way) -> int:
    return {Direction.STRAIGHT: 0, Direction.RIGHT: 1, Direction.LEFT: 2, Direction.U_TURN: 3}[
        way.direction
    ]


def _opposed(one: Way, other: Way) -> bool:
    return abs(_wrap(other.comes - one.comes)) > math.radians(120)


def _from_right(one: Way, other: Way) -> bool:
    """Whether other's arm lies to the right of one's: counterclockwise of where one comes from."""
    apart = (other.comes - one.comes) % (2 * math.pi)
    return 0 < apart < math.pi


def _between(a: float, b: float, angle: float) -> bool:
    """Whether angle lies on the way counterclockwise from a to b."""
    return (angle - a) % (2 * math.pi) < (b - a) % (2 * math.pi)


def _wrap(angle: float) -> float:
    return (angle + math.pi) % (2 * math.pi) - math.pi


def side_by_side(before: int, after: int, lanes: int) -> list[int]:
    """By each of the `lanes` of a street, to which lanes of the next it leads (bits), when who crosses side
    by side stays side by side: the lanes `before` (bits) share the lanes `after` in their order."""
    come = before.bit_count()
    go = [lane for lane in range(after.bit_length()) if after >> lane & 1] or [0]
    found = []
    for lane in range(lanes):
        rank = min((before & ((1 << lane) - 1)).bit_count(), max(come, 1) - 1)
        low = rank * len(go) // max(come, 1)
        high = max(-(-(rank + 1) * len(go) // max(come, 1)) - 1, low)
        found.append(sum(1 << each for each in go[low : high + 1]))
    return found
