"""Who comes into a district and where they go: by what detectors counted, and by the network's lanes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from madang.systems.traffic.engine.approaches import turns_by_way
from madang.systems.traffic.engine.kernel import demand
from madang.systems.traffic.engine.kernel_state import Demand
from madang.systems.traffic.engine.network import Direction, Floats, Network
from madang.systems.traffic.micro.district import District
from madang.systems.traffic.micro.pockets import whole

LONGEST_WAY = 60
"""Streets of a way: who would go round for longer leaves."""
MOST_A_LANE = 1_800.0
"""Vehicles an hour: more do not come by one lane."""
SELDOM = 1e-6
Turned = Mapping[int, Mapping[str, float]]


@dataclass(frozen=True)
class Inflow:
    """How many vehicles an hour come in by an edge. Where nothing is measured it is unknown, and `volume`
    what is assumed: the mean of measured streets of the same rank, lane by lane; None where none is."""

    edge: int
    volume: float | None
    measured: bool


@dataclass(frozen=True)
class Coming:
    """What comes into a district: by its entries; vehicles an hour expected by edge [E], NaN unknown; by
    edge how many an hour go each of WAYS at its end, where that is counted."""

    entries: Sequence[Inflow]
    expected: Floats
    turned: Turned = field(default_factory=dict)


def volumes(network: Network, measured: Mapping[str, float], a_lane: Mapping[int, float]) -> Floats:
    """Vehicles an hour by edge [E]: measured (by the edge's key), else by rank and lanes, NaN unknown."""
    edges = network.edges
    assumed = np.array([a_lane.get(int(rank), np.nan) for rank in edges.rank]) * edges.lanes
    said = np.array([measured.get(whole(key), np.nan) for key in edges.ids])
    found = np.where(np.isnan(said), assumed, said)
    most: Floats = np.minimum(found, edges.lanes * MOST_A_LANE)
    return most


def usual(network: Network, measured: Mapping[str, float]) -> dict[int, float]:
    """Vehicles an hour and lane that are measured on average, by rank; every rank where any is measured."""
    edges = network.edges
    said = np.array([measured.get(key, np.nan) for key in edges.ids]) / edges.lanes
    known = ~np.isnan(said)
    if not known.any():
        return {}
    mean = float(said[known].mean())
    found = {int(rank): mean for rank in np.unique(edges.rank)}
    for rank in np.unique(edges.rank[known]):
        found[int(rank)] = float(said[known & (edges.rank == rank)].mean())
    return found


def inflows(district: District, expected: Floats, measured: Mapping[str, float]) -> list[Inflow]:
    """What comes in by each entry of the district; expected as `volumes` has it."""
    ids = district.network.edges.ids
    return [
        Inflow(
            edge,
            None if np.isnan(expected[edge]) else float(expected[edge]),
            whole(ids[edge]) in measured,
        )
        for edge in district.entries.tolist()
    ]


def arrivals(district: District, traffic: Coming, begin: float, end: float, seed: int) -> Demand:
    """Vehicles that come in from second `begin` until `end`, at random but as many an hour as is known."""
    dice = random.Random(seed)
    way = ways_onward(district.network, traffic)
    found = sorted(
        (at, way(inflow.edge, dice))
        for inflow in traffic.entries
        for at in _times(inflow.volume or 0.0, begin, end, dice)
    )
    return demand(district.network, [at for at, _ in found], [edges for _, edges in found])


def _times(volume: float, begin: float, end: float, dice: random.Random) -> Iterator[float]:
    at = begin
    while volume > 0 and (at := at + dice.expovariate(volume / 3600)) < end:
        yield at


def ways_onward(network: Network, traffic: Coming) -> Callable[[int, random.Random], list[int]]:
    """From an edge, a way out of the network as traffic has it there."""
    onward = _onward(network, traffic)
    return lambda edge, dice: _way(edge, onward, dice)


def _weights(network: Network, traffic: Coming) -> Floats:
    """How likely each turn is beside the others of its street: as counted, else by its lanes and what is
    expected behind."""
    turns = network.turns
    behind = np.nan_to_num(traffic.expected, nan=1.0)[turns.to_edge]
    lanes = np.bitwise_count(turns.from_lanes) * np.maximum(behind, 1.0)
    found: Floats = np.where(turns.direction == Direction.U_TURN, SELDOM, lanes)
    for edge, ways in traffic.turned.items():
        if sum(ways.values()) > 0:
            for way, own in turns_by_way(network, edge).items():
                share = found[own] / found[own].sum()
                found[own] = np.maximum(ways.get(way, 0.0) * share, SELDOM)
    return found


def _onward(network: Network, traffic: Coming) -> list[tuple[list[int], list[float]]]:
    """Of each edge the edges that its turns lead to, and how likely each is."""
    weights, turns = _weights(network, traffic).tolist(), network.turns
    to, first = turns.to_edge.tolist(), turns.first.tolist()
    return [(to[a:b], weights[a:b]) for a, b in pairwise(first)]


def _way(edge: int, onward: list[tuple[list[int], list[float]]], dice: random.Random) -> list[int]:
    """A way from edge out of the district; no street twice where another leads on."""
    way, seen = [edge], {edge}
    while len(way) < LONGEST_WAY:
        to, weights = onward[way[-1]]
        if not to:
            break
        fresh = [w * (1e-9 if n in seen else 1.0) for n, w in zip(to, weights, strict=True)]
        way.append(dice.choices(to, fresh)[0])
        seen.add(way[-1])
    return way
