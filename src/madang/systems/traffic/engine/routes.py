"""Shortest ways through a network by time: one to one, one to many, alternatives, isochrones.

A way begins at the end of its first edge and ends at the end of its last; its seconds are those of the
turns and of the edges after the first. Banned turns have no arc. Live seconds may be any number at or
above free flow; below it they count as free flow, which is what the landmarks' bounds stand on (ALT:
A. Goldberg, C. Harrelson, Computing the shortest path: A* search meets graph theory, SODA 2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from madang.systems.traffic.engine.network import Floats, Ints, Network, lists
from madang.systems.traffic.engine.routes_compiled import astar, spread

LANDMARKS = 12
USED = 4
DETOUR = 1.5
SHARED = 0.7
PENALTY = 1.4
TRIES = 6
"""Rounds for each alternative that is asked for."""


@dataclass(frozen=True)
class Way:
    """Edges in the order of travel, and the seconds from the end of the first to the end of the last."""

    edges: Ints
    seconds: float


@dataclass(frozen=True)
class Weights:
    """What each turn costs now: its own seconds and those of the edge it leads to [T]; a bucket's width."""

    costs: Floats
    width: float


class Router:
    """Routes on one network. Made once; the weights of the moment are made by `weights`."""

    def __init__(self, network: Network) -> None:
        self.network = network
        turns, edges = network.turns, network.edges
        self._first, self._heads = turns.first, turns.to_edge
        self._turn_s = turns.length / turns.speed
        self._free_s = edges.length / edges.speed
        self.free = self.weights()
        self._from_marks, self._to_marks = self._landmarks()

    def weights(
        self,
        seconds: Floats | None = None,
        closed: npt.NDArray[np.bool_] | None = None,
        banned: npt.NDArray[np.bool_] | None = None,
    ) -> Weights:
        """Weights of live seconds by edge [E] (NaN is unknown: free flow), closed edges [E] and turns
        banned for now [T]."""
        own = self._free_s if seconds is None else np.fmax(seconds, self._free_s)
        costs = self._turn_s + own[self._heads]
        if closed is not None:
            costs = np.where(closed[self._heads], np.inf, costs)
        if banned is not None:
            costs = np.where(banned, np.inf, costs)
        finite = costs[np.isfinite(costs)]
        return Weights(costs, max(0.05, float(finite.mean()) / 4) if len(finite) else 1.0)

    def way(self, start: int, end: int, weights: Weights | None = None) -> Way | None:
        """The quickest way from edge start to edge end; None where there is none."""
        costs = (weights or self.free).costs
        marks = self._useful(start, end)
        seconds, edges = astar(
            *(self._first, self._heads, costs, self._from_marks, self._to_marks, marks),
            *(start, end),
        )
        return Way(edges, float(seconds)) if len(edges) else None

    def reach(self, start: int, weights: Weights | None = None, limit_s: float = np.inf) -> Floats:
        """Seconds from the end of start to the end of every edge [E]; infinite beyond limit_s.

        With a limit this is the isochrone of limit_s.
        """
        now = weights or self.free
        found: Floats = spread(
            self._first, self._heads, now.costs, start, 0.0, float(limit_s), now.width
        )
        return found

    def between(self, starts: Ints, ends: Ints, weights: Weights | None = None) -> Floats:
        """Seconds from each of starts to each of ends [starts, ends]."""
        return np.stack([self.reach(int(start), weights)[ends] for start in starts])

    def alternatives(
        self, start: int, end: int, count: int, weights: Weights | None = None
    ) -> list[Way]:
        """Up to count ways, the quickest first, none much longer than it or mostly the same as another.

        What was used costs more in the next round; a way is kept if it takes at most DETOUR times the
        quickest and shares at most SHARED of its seconds with each that was kept.
        """
        now = weights or self.free
        best = self.way(start, end, now)
        if best is None:
            return []
        kept, costs = [best], now.costs
        latest = best
        for _ in range(TRIES * max(0, count - 1)):
            used = np.zeros(len(self._free_s), bool)
            used[latest.edges[:-1]] = True
            costs = np.where(used[self._heads], costs * PENALTY, costs)
            found = self.way(start, end, Weights(costs, now.width))
            if found is None:
                break
            latest = Way(found.edges, self.seconds(found.edges, now))
            if self._differs(latest, kept):
                kept.append(latest)
            if len(kept) >= count:
                break
        return sorted(kept, key=lambda way: way.seconds)

    def seconds(self, edges: Ints, weights: Weights | None = None) -> float:
        """What a way takes; infinite where a turn of it does not exist."""
        costs = (weights or self.free).costs
        total = 0.0
        for before, after in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            arcs = slice(self._first[before], self._first[before + 1])
            total += float(costs[arcs][self._heads[arcs] == after].min(initial=np.inf))
        return total

    def _differs(self, way: Way, kept: list[Way]) -> bool:
        if way.seconds > DETOUR * kept[0].seconds:
            return False
        own = set(way.edges.tolist())
        total = self._free_s[way.edges].sum()
        shared = [self._free_s[[e for e in each.edges.tolist() if e in own]].sum() for each in kept]
        return bool(max(shared) <= SHARED * total)

    def _useful(self, start: int, end: int) -> Ints:
        """The landmarks that say most of this pair."""
        with np.errstate(invalid="ignore"):  # out of reach of a landmark both ways: it says nothing
            behind = self._from_marks[end] - self._from_marks[start]
            ahead = self._to_marks[start] - self._to_marks[end]
        said = np.fmax(np.fmax(behind, ahead), 0.0)
        return np.argsort(said, kind="stable")[-USED:].astype(np.int32)

    def _landmarks(self) -> tuple[Floats, Floats]:
        """Free-flow seconds from and to edges at the rim, each the farthest from those before."""
        count = len(self._free_s)
        back = lists(self._heads, count)
        owner = self.network.turns.from_edge[back.items]
        costs = self.free.costs[back.items]
        marks: list[int] = []
        away, toward = [], []
        nearest = spread(self._first, self._heads, self.free.costs, 0, 0.0, np.inf, self.free.width)
        for _ in range(min(LANDMARKS, count)):
            far = np.where(np.isfinite(nearest), nearest, -1.0)
            marks.append(int(far.argmax()))
            away.append(self.reach(marks[-1]))
            toward.append(spread(back.first, owner, costs, marks[-1], 0.0, np.inf, self.free.width))
            nearest = np.minimum(nearest if len(marks) > 1 else np.inf, away[-1])
        return np.ascontiguousarray(np.stack(away, 1)), np.ascontiguousarray(np.stack(toward, 1))


def warm() -> None:
    """Compile the inner loops on the types they are used with."""
    first = np.array([0, 1, 2], np.int32)
    heads = np.array([1, 0], np.int32)
    costs = np.ones(2)
    marks = np.zeros((2, 1))
    spread(first, heads, costs, 0, 0.0, np.inf, 1.0)
    astar(first, heads, costs, marks, marks, np.zeros(1, np.int32), 0, 1)
