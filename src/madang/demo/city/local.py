"""Local streets: the cuts between blocks, led on to the main roads they come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from madang.demo.city.blocks import Geometries
from madang.demo.city.grades import Grade
from madang.demo.city.network import Network
from madang.demo.city.raster import Floats

OPENS_ON = (Grade.TRUNK, Grade.BOULEVARD, Grade.MAIN, Grade.SIDE)
REACH = 34.0  # metres from the end of a cut to the road it comes from
TOGETHER = 4.0  # metres: corners nearer than this are one
CRUMB = 9.0  # metres: shorter ends are swept up


@dataclass(frozen=True)
class LocalStreets:
    """nodes (n, 2); each line runs from nodes[ends[:, 0]] to nodes[ends[:, 1]].

    main holds for each node the number of the main road it lies on, or -1; cut for each line which cut
    it is a piece of.
    """

    nodes: Floats
    ends: NDArray[np.intp]
    lines: list[Floats]
    main: NDArray[np.intp]
    cut: NDArray[np.intp]


def local_streets(cuts: Geometries, net: Network) -> LocalStreets:
    roads = np.array([shapely.LineString(edge.line) for edge in net.edges])
    open_roads = np.array(
        [edge.structure == "ground" and edge.grade in OPENS_ON for edge in net.edges]
    )
    led = _led_on(cuts, roads[open_roads])
    pieces = shapely.get_parts(shapely.union_all(led, grid_size=0.01))
    pieces = _without_crumbs(pieces, roads)
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    cut = shapely.STRtree(led).nearest(middles)
    ends = np.stack(
        [shapely.get_coordinates(shapely.get_point(pieces, at)) for at in (0, -1)], axis=1
    )
    nodes, member = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)
    main = _on(nodes, roads, open_roads)
    same = _standing_for(nodes, main)
    pairs = same[member].reshape(-1, 2)
    kept = pairs[:, 0] != pairs[:, 1]
    used, numbers = np.unique(pairs[kept], return_inverse=True)
    lines = [
        np.vstack([nodes[a], shapely.get_coordinates(piece)[1:-1], nodes[b]])
        for piece, (a, b) in zip(pieces[kept], pairs[kept], strict=True)
    ]
    return LocalStreets(nodes[used], numbers.reshape(-1, 2), lines, main[used], cut[kept])


def _standing_for(nodes: Floats, main: NDArray[np.intp]) -> NDArray[np.intp]:
    """For each node the one that stands for it and its neighbours: one on a main road if there is any."""
    pairs = cKDTree(nodes).query_pairs(TOGETHER, output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(len(nodes),) * 2)
    _, group = connected_components(links, directed=False)
    order = np.lexsort((np.arange(len(nodes)), main < 0))
    first = np.full(group.max() + 1, len(nodes))
    first[group[order[::-1]]] = order[::-1]
    return np.asarray(first[group])


def _led_on(cuts: Geometries, roads: Geometries) -> Geometries:
    """Each end of a cut goes on to the nearest road within reach, else across the cut beside it."""
    ends = shapely.get_coordinates(cuts).reshape(-1, 2, 2)
    drawn = ends.copy()
    tree, among = shapely.STRtree(roads), shapely.STRtree(cuts)
    for side in (0, 1):
        points = shapely.points(ends[:, side])
        which, other = among.query(points, predicate="dwithin", distance=12)
        beside = np.unique(which[which != other])
        outward = ends[:, side] - ends[:, 1 - side]
        outward = outward / np.maximum(np.hypot(*outward.T), 1e-9)[:, None]
        drawn[beside, side] += outward[beside] * 12.0
        which, road = tree.query_nearest(points, max_distance=REACH, all_matches=False)
        place = shapely.line_locate_point(roads[road], points[which])
        met = shapely.line_interpolate_point(roads[road], place)
        drawn[which, side] = shapely.get_coordinates(met)
    return np.asarray(shapely.linestrings(np.round(drawn, 2)))


def _without_crumbs(pieces: Geometries, roads: Geometries) -> Geometries:
    """Take out short pieces that end in nothing."""
    tree = shapely.STRtree(roads)
    for _ in range(2):
        ends = np.stack(
            [shapely.get_coordinates(shapely.get_point(pieces, at)) for at in (0, -1)], axis=1
        )
        _, member, count = np.unique(
            ends.reshape(-1, 2), axis=0, return_inverse=True, return_counts=True
        )
        loose = (count[member] == 1).reshape(-1, 2)
        for side in (0, 1):
            at_road = tree.query(shapely.points(ends[:, side]), predicate="dwithin", distance=0.5)[
                0
            ]
            loose[at_road, side] = False
        pieces = pieces[~(loose.any(axis=1) & (shapely.length(pieces) < CRUMB + 3))]
    return pieces


def _on(nodes: Floats, roads: Geometries, open_roads: NDArray[np.bool_]) -> NDArray[np.intp]:
    """For each node the number of the open road it lies on, or -1."""
    found = np.full(len(nodes), -1, dtype=np.intp)
    numbers = np.flatnonzero(open_roads)
    node, road = shapely.STRtree(roads[numbers]).query(
        shapely.points(nodes), predicate="dwithin", distance=0.5
    )
    found[node[::-1]] = numbers[road[::-1]]
    return found
