"""Shortest ways through a network by time: one to one, one to many, alternatives, isochrones.

A way begins at the end of its first edge and ends at the end of its last; its seconds are those of the
turns and of the edges after the first. Banned turns have no arc. Live seconds may be any number at or
above free flow; below it they count as free flow.

One way is found by two waves that meet (I. Pohl, Bi-directional search, Machine Intelligence 6, 1971),
both in buckets. Bounds of free flow would tell the less the more the streets are held up; whoever asks
for many ways by the same weights has them `learned`, and A* finds each with bounds of the moment itself
(ALT: A. Goldberg, C. Harrelson, Computing the shortest path: A* search meets graph theory, SODA 2005).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from madang.systems.traffic.engine.network import Floats, Ints, Network, lists
from madang.systems.traffic.engine.routes_compiled import Table, astar, meet, spread

LANDMARKS = 12
USED = 6
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
class Bounds:
    """Seconds from each of M landmarks to an edge, then from it to each [E, 2 M], rounded by at most half
    of slack."""

    table: Table
    slack: float


@dataclass(frozen=True)
class Weights:
    """What each turn costs now: its own seconds and those of the edge it leads to [T]; the same in the
    order of turns_into; the longest that is finite and a bucket's width; what is known of landmarks where
    every cost is at most what it is here, None where nothing is."""

    costs: Floats
    back: Floats
    longest: float
    width: float
    bounds: Bounds | None = None


class Router:
    """Routes on one network. Made once; the weights of the moment are made by `weights`."""

    def __init__(self, network: Network) -> None:
        self.network = network
        turns, edges = network.turns, network.edges
        self._first, self._heads = turns.first, turns.to_edge
        self._turn_s = turns.length / turns.speed
        self._free_s = edges.length / edges.speed
        back = lists(self._heads, len(edges))
        self._back_first, self._back = back.first, back.items
        self._tails = turns.from_edge[back.items]
        self._marks: list[int] = []
        self.free = self._weights(self._turn_s + self._free_s[self._heads])
        self.free = replace(self.free, bounds=self._landmarks())

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
        return self._weights(costs)

    def _weights(self, costs: Floats, bounds: Bounds | None = None) -> Weights:
        finite = costs[np.isfinite(costs)]
        width = max(0.05, float(finite.mean()) / 4) if len(finite) else 1.0
        longest = float(finite.max(initial=width))
        return Weights(costs, costs[self._back], longest, width, bounds)

    def learned(self, weights: Weights) -> Weights:
        """The same weights with bounds of their own: as much work as some fifty ways, each of which is
        found several times sooner then."""
        return replace(weights, bounds=self._bounds(weights))

    def way(self, start: int, end: int, weights: Weights | None = None) -> Way | None:
        """The quickest way from edge start to edge end; None where there is none."""
        now = weights or self.free
        if now.bounds is not None:
            seconds, edges = self._bounded(start, end, now, now.bounds)
        else:
            seconds, edges = meet(
                *(self._first, self._heads, self._back_first, self._tails, now.costs, now.back),
                *(now.longest, now.width, start, end),
            )
        return Way(edges, float(seconds)) if len(edges) else None

    def _bounded(self, start: int, end: int, now: Weights, bounds: Bounds) -> tuple[float, Ints]:
        marks = _useful(bounds.table, start, end)
        return astar(
            *(self._first, self._heads, now.costs, bounds.table, marks, bounds.slack, start, end)
        )

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
            found = self.way(start, end, self._weights(costs, now.bounds))
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

    def _landmarks(self) -> Bounds:
        """Edges at the rim, each the farthest from those before, and their bounds in free flow."""
        free = self.free
        nearest = self.reach(0)
        for _ in range(min(LANDMARKS, len(self._free_s))):
            far = np.where(np.isfinite(nearest), nearest, -1.0)
            self._marks.append(int(far.argmax()))
            away = self.reach(self._marks[-1])
            nearest = np.minimum(nearest if len(self._marks) > 1 else np.inf, away)
        return self._bounds(free)

    def _bounds(self, weights: Weights) -> Bounds:
        """How far the landmarks are by these weights."""
        count = len(self._marks)
        table = np.empty((len(self._free_s), 2 * count), np.float32)
        for place, mark in enumerate(self._marks):
            table[:, place] = self.reach(mark, weights)
            table[:, count + place] = spread(
                self._back_first, self._tails, weights.back, mark, 0.0, np.inf, weights.width
            )
        longest = float(np.max(table, where=np.isfinite(table), initial=1.0))
        return Bounds(table, 4 * longest * float(np.finfo(np.float32).eps))


def _useful(table: Table, start: int, end: int) -> Ints:
    """The landmarks that say most of this pair."""
    half = table.shape[1] // 2
    with np.errstate(invalid="ignore"):  # out of reach of a landmark both ways: it says nothing
        behind = table[end, :half] - table[start, :half]
        ahead = table[start, half:] - table[end, half:]
    said = np.fmax(np.fmax(behind, ahead), 0.0)
    return np.argsort(said, kind="stable")[-USED:].astype(np.int32)


def warm() -> None:
    """Compile the inner loops on the types they are used with."""
    first = np.array([0, 1, 2], np.int32)
    heads = np.array([1, 0], np.int32)
    costs = np.ones(2)
    table = np.zeros((2, 2), np.float32)
    spread(first, heads, costs, 0, 0.0, np.inf, 1.0)
    meet(first, heads, first, heads, costs, costs, 1.0, 1.0, 0, 1)
    astar(first, heads, costs, table, np.zeros(1, np.int32), 0.0, 0, 1)
