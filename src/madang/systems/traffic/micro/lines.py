"""The streets of a network as lines of shapely, and which way they lead."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from madang.systems.traffic.engine.network import Floats, Network

Drawn = npt.NDArray[np.object_]


def drawn(network: Network) -> Drawn:
    """The line of every edge [E]; one without a shape is straight between its nodes."""
    edges, nodes = network.edges, network.nodes
    lines = []
    for edge, (begin, end) in enumerate(pairwise(edges.shape_first.tolist())):
        points = np.c_[edges.shape_x[begin:end], edges.shape_y[begin:end]]
        if len(points) < 2:
            ends = [int(edges.from_node[edge]), int(edges.to_node[edge])]
            points = np.c_[nodes.x[ends], nodes.y[ends]]
        lines.append(shapely.LineString(points))
    return np.array(lines)


def heading(lines: Drawn, at: Floats) -> Floats:
    """Which way lines lead so many metres along them, in radians from east."""
    a = shapely.line_interpolate_point(lines, np.maximum(at - 1.0, 0.0))
    b = shapely.line_interpolate_point(lines, at + 1.0)
    found: Floats = np.arctan2(
        shapely.get_y(b) - shapely.get_y(a), shapely.get_x(b) - shapely.get_x(a)
    )
    return found
