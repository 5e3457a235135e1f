"""Lanes for turning: a street that gets some before its stop line becomes two, the second with these lanes.

Street E ends where its pockets begin, E+ goes on from there. Who turns left or right does it from the
pockets on that side; a lane from which nobody else goes on is kept for it as well.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from madang.systems.traffic.engine import crossing
from madang.systems.traffic.engine.draft import Draft, DraftEdge, DraftLink, DraftNode, Line
from madang.systems.traffic.engine.network import Direction, NodeKind, Priority

MARK = "+"
SHORTEST_M = 20.0
"""Where less of a street would be left before its pockets, all of it has their lanes."""
TAPER_M = 15.0
"""Over so much of its beginning a street with pockets grows wider."""
LANE_M = 3.2
BETWEEN_M = 1.0


@dataclass(frozen=True)
class _Wide:
    """A street with pockets; near it begins where the pockets do, far is what leads to the stop line."""

    edge: DraftEdge
    links: tuple[int, ...]

    @property
    def lanes(self) -> int:
        return self.edge.lanes or 1

    @property
    def metres(self) -> float:
        left = self.edge.pocket_left_m if self.edge.pocket_left else 0.0
        return max(left, self.edge.pocket_right_m if self.edge.pocket_right else 0.0)

    @property
    def split(self) -> bool:
        return (self.edge.length or 0.0) - self.metres >= SHORTEST_M

    @property
    def far(self) -> str:
        return self.edge.key + MARK if self.split else self.edge.key


def whole(key: str) -> str:
    """The key of the street that an edge is, or is the end of."""
    return key.removesuffix(MARK)


def widening(lanes: int, left: int, right: int) -> list[tuple[int, int]]:
    """From every lane onto itself, from the outermost ones onto the pockets beside them too."""
    pairs = [(lane, lane + right) for lane in range(lanes)]
    pairs += [(0, lane) for lane in range(right)]
    return pairs + [(lanes - 1, lanes + right + lane) for lane in range(left)]


def with_pockets(draft: Draft) -> Draft:
    """The draft with every pocket as lanes. Where the source knows no lanes of turns, it stays as it is."""
    wide = {one.edge.key: one for one in _wide(draft)}
    if not wide:
        return draft
    edges = {edge.key: edge for edge in draft.edges}
    links = [_onto(link, wide) for link in draft.links or []]
    more: list[DraftLink] = []
    for one in wide.values():
        for number, (first, *others) in _turned(one, links, edges):
            links[number] = first
            more += others
        more += _along(one)
    return Draft(
        draft.nodes + [_node(one) for one in wide.values() if one.split],
        [part for edge in draft.edges for part in _parts(edge, wide.get(edge.key))],
        links + more,
        [(wide[a].far if a in wide else a, b) for a, b in draft.bans],
        draft.controllers,
        draft.knows_conflicts,
    )


def _wide(draft: Draft) -> Iterator[_Wide]:
    """The streets with pockets, where it is known from which lane each turn is made."""
    of: dict[str, list[int]] = defaultdict(list)
    for number, link in enumerate(draft.links or []):
        of[link.from_edge].append(number)
    for edge in draft.edges:
        own = [draft.links[n] for n in of[edge.key]] if draft.links else []
        known = own and all(link.from_lane is not None for link in own)
        if known and (edge.pocket_left or edge.pocket_right):
            yield _Wide(edge, tuple(of[edge.key]))


def _onto(link: DraftLink, wide: dict[str, _Wide]) -> DraftLink:
    """The link, onto the lane where the one that it led to lies now."""
    one = wide.get(link.to_edge)
    if one is None or one.split or link.to_lane is None:
        return link
    return replace(link, to_lane=link.to_lane + one.edge.pocket_right)


def _turned(
    one: _Wide, links: list[DraftLink], edges: dict[str, DraftEdge]
) -> list[tuple[int, list[DraftLink]]]:
    """Of each of the street's links, by its place, those that it is now: one a lane it is driven from."""
    ways = {n: _direction(links[n], one.edge, edges[links[n].to_edge].line) for n in one.links}
    held = {links[n].from_lane for n in one.links if not _pockets(one.edge, ways[n])}
    found = []
    for number, way in ways.items():
        link = replace(links[number], from_edge=one.far, direction=way)
        pockets = _pockets(one.edge, way)
        stays = not pockets or link.from_lane not in held
        own = [(link.from_lane or 0) + one.edge.pocket_right] if stays else []
        found.append((number, [replace(link, from_lane=lane) for lane in (*own, *pockets)]))
    return found


def _direction(link: DraftLink, edge: DraftEdge, onto: Line) -> Direction:
    if link.direction is not None:
        return link.direction
    return crossing.direction(crossing.arm_in(edge.line), crossing.arm_out(onto))


def _pockets(edge: DraftEdge, way: Direction) -> list[int]:
    """The pockets, as lanes of the wider street, from which one turns that way."""
    if way is Direction.RIGHT:
        return list(range(edge.pocket_right))
    if way is Direction.STRAIGHT:
        return []
    first = (edge.lanes or 1) + edge.pocket_right
    return list(range(first, first + edge.pocket_left))


def _along(one: _Wide) -> list[DraftLink]:
    """From the street onto its end."""
    edge = one.edge
    pairs = widening(one.lanes, edge.pocket_left, edge.pocket_right) if one.split else []
    return [
        DraftLink(edge.key, one.far, lane, onto, Direction.STRAIGHT, Priority.MAJOR, BETWEEN_M)
        for lane, onto in pairs
    ]


def _node(one: _Wide) -> DraftNode:
    x, y = _cut(one)[1][0]
    return DraftNode(one.far, x, y, NodeKind.PRIORITY)


def _parts(edge: DraftEdge, one: _Wide | None) -> list[DraftEdge]:
    if one is None:
        return [edge]
    width = one.lanes + edge.pocket_left + edge.pocket_right
    saturation = edge.saturation and edge.saturation / one.lanes * width
    if not one.split:
        return [replace(edge, lanes=width, saturation=saturation)]
    before, after = _cut(one)
    length = (edge.length or 0.0) - one.metres
    return [
        replace(edge, to_node=one.far, length=length, line=before, pocket_left=0, pocket_right=0),
        replace(
            edge, key=one.far, from_node=one.far, length=one.metres, line=after, lanes=width,
            saturation=saturation,
        ),
    ]  # fmt: skip


def _cut(one: _Wide) -> tuple[Line, Line]:
    """The street's line before its pockets begin, and from there on."""
    line, length = one.edge.line, max(one.edge.length or 0.0, 1e-9)
    left = sum(math.dist(a, b) for a, b in pairwise(line)) * (1 - one.metres / length)
    for at, (a, b) in enumerate(pairwise(line)):
        piece = math.dist(a, b)
        if left < piece or at == len(line) - 2:
            share = min(left / max(piece, 1e-9), 1.0)
            here = (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
            return [*line[: at + 1], here], [here, *line[at + 1 :]]
        left -= piece
    return line, line


def tapered(line: Line, left_m: float) -> Line:
    """A line that begins so far to its left and is back on itself after TAPER_M, at its end at the latest."""
    (ax, ay), (bx, by) = line[0], line[1]
    piece = math.dist(line[0], line[1])
    if not left_m or piece < 1e-6:
        return line
    east, north = (bx - ax) / piece, (by - ay) / piece
    aside = (ax - north * left_m, ay + east * left_m)
    if piece <= TAPER_M:
        return [aside, *line[1:]]
    return [aside, (ax + east * TAPER_M, ay + north * TAPER_M), *line[1:]]
