"""A town with signals and its district in the middle, for tests of microscopic windows."""

from __future__ import annotations

import numpy as np

from fixtures.lit_streets import BLOCK, SOUTH, WEST, lit_roads
from madang.demo.city.signals import street_network
from madang.systems.traffic.engine.draft import Draft
from madang.systems.traffic.engine.kernel import Simulation
from madang.systems.traffic.engine.repair import repair
from madang.systems.traffic.micro import inflow
from madang.systems.traffic.micro.district import District, cut

BEGIN = 8 * 3600.0 + 17
MIDDLE = (WEST + 2 * BLOCK, SOUTH + 2 * BLOCK)
SIDE = 5


def town() -> Draft:
    return repair(street_network(lit_roads(SIDE)))[0]


def middle(radius: float = 300.0) -> District:
    """The nine crossings in the middle of the town need 370 m; 300 m take five of them."""
    return cut(town(), *MIDDLE, radius)


def with_pockets(draft: Draft, left: int = 1, right: int = 1, metres: float = 45.0) -> Draft:
    """The draft where every street has pockets."""
    for edge in draft.edges:
        edge.pocket_left, edge.pocket_right = left, right
        edge.pocket_left_m, edge.pocket_right_m = metres, metres - 15
    return draft


def running(
    district: District, hourly: float, seed: int, warm: float = 600.0, later: float = 0.0
) -> Simulation:
    """The kernel at BEGIN after some minutes of so many vehicles an hour by each entry."""
    found = filled(district, hourly, seed, BEGIN - warm, BEGIN + later)
    found.run(BEGIN)
    return found


def filled(district: District, hourly: float, seed: int, begin: float, end: float) -> Simulation:
    """The kernel at second `begin`, before so many vehicles an hour come by each entry until `end`."""
    measured = {district.network.edges.ids[e]: hourly for e in district.entries.tolist()}
    expected = np.full(len(district.network.edges), hourly)
    coming = inflow.inflows(district, expected, measured)
    travellers = inflow.arrivals(district, inflow.Coming(coming, expected), begin, end, seed)
    return Simulation(district.network, travellers, begin=begin, end=end + 1, seed=seed)
