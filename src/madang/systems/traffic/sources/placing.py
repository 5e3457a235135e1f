"""Where a SUMO network lies: from its own metres to those of the city."""

from __future__ import annotations

import math
from collections.abc import Callable
from xml.etree.ElementTree import Element

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from madang.systems.traffic.engine.draft import Draft
from madang.systems.traffic.engine.network import Floats
from madang.systems.traffic.sources.refusal import UnreadableError

Move = Callable[[Floats, Floats], tuple[Floats, Floats]]


def place(draft: Draft, location: Element | None, crs: str | None) -> None:
    """Move draft into crs, if that is asked and the network says where it lies."""
    projection = location.get("projParameter", "!") if location is not None else "!"
    if crs is None or location is None or projection in ("!", "-", "."):
        return
    try:
        transform = Transformer.from_crs(CRS.from_user_input(projection), crs, always_xy=True)
        east, north = (float(n) for n in location.get("netOffset", "0,0").split(",")[:2])
    except (CRSError, ValueError) as error:
        raise UnreadableError("unknown-place", detail=str(error)[:200]) from error
    move(draft, lambda x, y: transform.transform(x - east, y - north))


def move(draft: Draft, how: Move) -> None:
    """Put every point of draft where how(x, y) of arrays says."""
    points = [(_number(node.x), _number(node.y)) for node in draft.nodes]
    sizes = [len(edge.line) for edge in draft.edges]
    points += [point for edge in draft.edges for point in edge.line]
    if not points:
        return
    given = np.array(points, np.float64)
    x, y = how(given[:, 0], given[:, 1])
    moved = list(zip(np.asarray(x).tolist(), np.asarray(y).tolist(), strict=True))
    for node, (east, north) in zip(draft.nodes, moved, strict=False):
        node.x, node.y = east, north
    at = len(draft.nodes)
    for edge, size in zip(draft.edges, sizes, strict=True):
        edge.line = moved[at : at + size]
        at += size


def _number(value: float | None) -> float:
    return math.nan if value is None else value
