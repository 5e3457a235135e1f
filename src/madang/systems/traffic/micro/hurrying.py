"""Emergency vehicles that hurry through a district: on which street each is, and which way it may go on."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from madang.systems.traffic.engine.network import Network
from madang.systems.traffic.micro.inflow import Coming, ways_onward
from madang.systems.traffic.micro.lines import drawn, heading

if TYPE_CHECKING:
    from madang.systems.emergency.public import Hurrying

Drawn = npt.NDArray[np.object_]
NEAR_M = 30.0
"""Farther from every street nobody drives on one."""
TURNED = math.cos(math.radians(50))


@dataclass(frozen=True)
class Blue:
    """Which edges it drives, metres along the first, m/s. Where it is bound nobody says: its way is drawn
    as those of others are."""

    route: tuple[int, ...]
    along: float
    speed: float


def blues(network: Network, traffic: Coming, found: Sequence[Hurrying], seed: int) -> list[Blue]:
    """Those of `found` who are on a street of the network."""
    if not found:
        return []
    lines, onward = drawn(network), ways_onward(network, traffic)
    dice, made = random.Random(seed), list[Blue]()
    for one in found:
        place = _place(lines, one)
        if place is not None:
            edge, share = place
            along = share * float(network.edges.length[edge])
            made.append(Blue(tuple(onward(edge, dice)), along, one.speed))
    return made


def _place(lines: Drawn, one: Hurrying) -> tuple[int, float] | None:
    """The street that it is on, of those that lead where it drives the nearest, and the share of it."""
    here = shapely.Point(one.x, one.y)
    at = shapely.line_locate_point(lines, here)
    east = np.pi / 2 - np.radians(one.heading)
    away = shapely.distance(lines, here)
    away = np.where(np.cos(heading(lines, at) - east) < TURNED, np.inf, away)
    edge = int(np.argmin(away))
    if away[edge] > NEAR_M:
        return None
    return edge, float(at[edge] / max(lines[edge].length, 1e-9))
