"""The street as arrays: directed links between nodes, each with its line, in metres of the city's CRS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Links:
    """Links as they are read: node names, metres, m/s; covered where there is no sky (tunnels); keys as the
    city knows them by, if it does."""

    begin: list[str]
    end: list[str]
    lines: list[Floats]
    speed: Floats
    lanes: Floats
    covered: Bools
    keys: Sequence[str] = ()


class Street:
    """The largest part of a network in which every place can be reached from every other.

    L links, N nodes, P points of all lines one after the other. line_start (L+1) says where a link's
    points begin; mile (P) grows along each line and from link to link, so that one search finds the
    piece of line on which anything is. out (L) lists links by the node they leave, out_start (N+1).
    """

    def __init__(self, links: Links) -> None:
        kept, self.begin, self.end, self.nodes = _largest_part(links)
        lines = [links.lines[at] for at in kept]
        self.keys = [links.keys[at] for at in kept] if links.keys else []
        self.speed = links.speed[kept]
        self.lanes = links.lanes[kept]
        self.covered = links.covered[kept]
        self.points = np.concatenate(lines)
        self.line_start = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
        self.length, self.mile, self.base = _miles(self.points, self.line_start)
        self.out = np.argsort(self.begin, kind="stable")
        self.out_start = np.searchsorted(self.begin[self.out], np.arange(self.nodes + 1))
        self.back = _back(self.begin, self.end)
        # Many lanes and speed draw traffic, as main roads do.
        self.pull = np.cumsum((self.lanes**1.5 * self.speed)[self.out])

    def __len__(self) -> int:
        return len(self.begin)

    def place(self, link: Ints, along: Floats) -> tuple[Floats, Floats, Floats]:
        """x, y in metres and heading in degrees from north, for each link and metres along it."""
        mile = self.base[link] + np.minimum(along, self.length[link])
        piece = np.searchsorted(self.mile, mile, side="right") - 1
        piece = np.clip(piece, self.line_start[link], self.line_start[link + 1] - 2)
        here, there = self.points[piece], self.points[piece + 1]
        share = (mile - self.mile[piece]) / np.maximum(
            self.mile[piece + 1] - self.mile[piece], 1e-9
        )
        x, y = (here + (there - here) * np.clip(share, 0, 1)[:, None]).T
        east, north = (there - here).T
        return x, y, np.degrees(np.arctan2(east, north)) % 360

    def onward(self, link: Ints, chance: Floats) -> Ints:
        """The link that each takes after its own, by chance (0 to 1); back only where there is no other."""
        node = self.end[link]
        first, last = self.out_start[node], self.out_start[node + 1]
        floor = np.where(first > 0, self.pull[first - 1], 0.0)
        at = np.searchsorted(self.pull, floor + chance * (self.pull[last - 1] - floor))
        at = np.clip(at, first, last - 1)
        other = np.where(at + 1 < last, at + 1, first)
        at = np.where(self.out[at] == self.back[link], other, at)
        return self.out[at]

    def within(self, x: float, y: float, reach: float) -> Bools:
        """The links that come within reach (metres) of a point."""
        at = np.array([x, y])
        low, high = self._boxes
        found: Bools = np.all((low - reach <= at) & (at <= high + reach), axis=1)
        for link in np.flatnonzero(found).tolist():
            line = self.points[self.line_start[link] : self.line_start[link + 1]]
            found[link] = _gap(line, at) <= reach
        return found

    @cached_property
    def _boxes(self) -> tuple[Floats, Floats]:
        """The least and the greatest x and y of each link."""
        start = self.line_start[:-1]
        return np.minimum.reduceat(self.points, start), np.maximum.reduceat(self.points, start)

    def nearest(self, x: float, y: float) -> tuple[int, float]:
        """The link with the point nearest to x, y and the metres along it to that point."""
        point = int(np.argmin(np.hypot(self.points[:, 0] - x, self.points[:, 1] - y)))
        link = int(np.searchsorted(self.line_start, point, side="right") - 1)
        return link, float(self.mile[point] - self.base[link])


def _gap(line: Floats, at: Floats) -> float:
    """Metres from a point to a line."""
    here, steps = line[:-1], np.diff(line, axis=0)
    square = np.maximum((steps**2).sum(axis=1), 1e-9)
    share = np.clip(((at - here) * steps).sum(axis=1) / square, 0, 1)
    return float(np.hypot(*(at - here - steps * share[:, None]).T).min())


def _largest_part(links: Links) -> tuple[Ints, Ints, Ints, int]:
    """The numbers of the links kept, their begins and ends as numbers from 0, how many nodes there are."""
    names, ends = np.unique(
        np.array([*links.begin, *links.end], dtype=object).astype(str), return_inverse=True
    )
    begin, end = ends[: len(links.begin)], ends[len(links.begin) :]
    graph = coo_matrix((np.ones(len(begin)), (begin, end)), shape=(len(names), len(names)))
    _, part = connected_components(graph, directed=True, connection="strong")
    largest = np.bincount(part).argmax()
    kept = np.flatnonzero((part[begin] == largest) & (part[end] == largest) & (begin != end))
    if not len(kept):
        raise ValueError("The network has no two places between which one can go there and back.")
    nodes, number = np.unique(np.concatenate([begin[kept], end[kept]]), return_inverse=True)
    return kept, number[: len(kept)], number[len(kept) :], len(nodes)


def _miles(points: Floats, start: Ints) -> tuple[Floats, Floats, Floats]:
    """Length of each link, mile of each point, mile at which each link begins."""
    steps = np.hypot(*np.diff(points, axis=0, prepend=points[:1]).T)
    steps[start[:-1]] = 1.0  # a metre between links keeps the miles apart
    mile = np.cumsum(steps)
    base = mile[start[:-1]]
    return mile[start[1:] - 1] - base, mile, base


def _back(begin: Ints, end: Ints) -> Ints:
    """For each link the one that leads back, else -1."""
    there: dict[tuple[int, int], int] = {}
    for link, pair in enumerate(zip(begin.tolist(), end.tolist(), strict=True)):
        there.setdefault(pair, link)
    pairs: Any = zip(end.tolist(), begin.tolist(), strict=True)
    return np.array([there.get(pair, -1) for pair in pairs])
