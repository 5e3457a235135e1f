"""Street trees: a row on the outer side of every main road's links, each tree with its kind and trunk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.demo.city import lines
from madang.demo.city.chance import chance
from madang.demo.city.generate import DemoCity
from madang.demo.city.grades import LANE, Grade
from madang.demo.city.raster import Floats

PLANTED = (Grade.TRUNK, Grade.BOULEVARD, Grade.MAIN, Grade.SIDE)
SPACING = 9.0  # metres from tree to tree
FROM_CROSSING = 12.0
# kind of tree, how many of a hundred streets have it, trunk in cm at breast height
KINDS: tuple[tuple[str, int, float], ...] = (
    ("은행나무", 30, 26.0),
    ("양버즘나무", 14, 34.0),
    ("느티나무", 20, 24.0),
    ("왕벚나무", 18, 20.0),
    ("이팝나무", 12, 13.0),
    ("메타세쿼이아", 6, 28.0),
)


@dataclass(frozen=True)
class Rows:
    """Rows of trees as one array of points in metres, and which row each point belongs to."""

    points: Floats
    line: NDArray[np.intp]


@dataclass(frozen=True)
class StreetTrees:
    """Each tree: where it stands (n, 2) in metres, its number in KINDS, its trunk in cm."""

    points: Floats
    kind: NDArray[np.intp]
    dbh: Floats


def rows_of_trees(made: DemoCity) -> Rows:
    """Lines on which street trees stand; not on bridges, in tunnels or near crossings."""
    roads = made.roads
    found = []
    for link in np.flatnonzero(np.isin(roads.grade, PLANTED) & (roads.structure == "ground")):
        line = lines.right_of(roads.lines[link], float(roads.lanes[link]) * LANE / 2 + 1.8)
        length = lines.length(line)
        if length > 3 * FROM_CROSSING:
            found.append(lines.part(line, FROM_CROSSING, length - FROM_CROSSING))
    counts = [len(line) for line in found]
    return Rows(np.concatenate(found), np.repeat(np.arange(len(found)), counts))


def street_trees(made: DemoCity) -> StreetTrees:
    """A street has one kind of tree; their trunks differ by age."""
    random, rows = chance(made.seed, "trees"), rows_of_trees(made)
    standing, counts = [], []
    for line in np.split(rows.points, np.flatnonzero(np.diff(rows.line)) + 1):
        at = np.arange(0, lines.length(line), SPACING)
        along = lines.distances(line)
        standing.append(np.column_stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)]))
        counts.append(len(at))
    shares = np.array([share for _, share, _ in KINDS]) / 100
    kind = np.repeat(random.choice(len(KINDS), len(counts), p=shares), counts)
    trunk = np.array([dbh for *_, dbh in KINDS])[kind]
    dbh = np.clip(trunk * random.lognormal(-0.03, 0.25, len(trunk)), 4, 110)
    return StreetTrees(np.round(np.concatenate(standing), 2), kind, np.round(dbh, 1))
