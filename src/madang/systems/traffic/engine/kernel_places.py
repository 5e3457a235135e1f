"""Where vehicles are drawn: driving ones by their free drive, waiting ones in line before the stop line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from madang.systems.traffic.engine.kernel_drivers import Drivers
from madang.systems.traffic.engine.kernel_state import ON_A_LANE, State
from madang.systems.traffic.engine.kernel_streets import Ints, Streets
from madang.systems.traffic.engine.network import Network

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Progress:
    """Vehicles on lanes [n]: their numbers, edge, lane counted from the right, metres from the edge's
    beginning."""

    vehicle: Ints
    edge: Ints
    lane: Ints
    along: Floats


@dataclass(frozen=True)
class Positions(Progress):
    """x, y in the network's metres on the edge's line."""

    x: Floats
    y: Floats


def progress(roads: Streets, drivers: Drivers, state: State) -> Progress:
    people = state.vehicles
    here = np.flatnonzero(people["where"] == ON_A_LANE).astype(np.int32)
    lane = people["lane"][here]
    edge = roads.lanes["edge"][lane]
    along = np.minimum(
        _driven(people[here], roads, edge, state), _room(roads, drivers, state, here)
    )
    return Progress(here, edge, lane - roads.edges["first_lane"][edge], along)


def positions(network: Network, roads: Streets, drivers: Drivers, state: State) -> Positions:
    found = progress(roads, drivers, state)
    x, y = _on_line(network, found.edge, found.along)
    return Positions(found.vehicle, found.edge, found.lane, found.along, x, y)


def _driven(people: npt.NDArray[np.void], roads: Streets, edge: Ints, state: State) -> Floats:
    took = np.maximum(people["arrive"] - people["since"], 1e-9)
    share = np.clip((state.clock[0] - people["since"]) / took, 0.0, 1.0)
    return np.asarray(share * roads.edges["length"][edge])


def _room(roads: Streets, drivers: Drivers, state: State, here: Ints) -> Floats:
    """The farthest that those ahead leave open, m from the edge's beginning."""
    people = state.vehicles[here]
    lane, since = people["lane"], people["since"]
    order = np.lexsort((here, since, lane))
    room = drivers.room[people["kind"]][order]
    before = np.cumsum(room) - room
    first = np.r_[True, np.diff(lane[order]) != 0] if len(order) else np.zeros(0, bool)
    start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    left = np.zeros(len(here))
    left[order] = before - before[start]
    length = roads.edges["length"][roads.lanes["edge"][lane]]
    return np.asarray(np.maximum(length - left, 0.0))


def _on_line(network: Network, edge: Ints, along: Floats) -> tuple[Floats, Floats]:
    x, y = np.zeros(len(edge)), np.zeros(len(edge))
    order = np.argsort(edge, kind="stable")
    for each in np.split(order, np.flatnonzero(np.diff(edge[order])) + 1) if len(edge) else []:
        x[each], y[each] = _on_edge(network, int(edge[each[0]]), along[each])
    return x, y


def _on_edge(network: Network, edge: int, along: Floats) -> tuple[Floats, Floats]:
    edges = network.edges
    line = slice(edges.shape_first[edge], edges.shape_first[edge + 1])
    xs, ys = edges.shape_x[line], edges.shape_y[line]
    if len(xs) < 2:
        nodes = network.nodes
        ends = [edges.from_node[edge], edges.to_node[edge]]
        xs, ys = nodes.x[ends], nodes.y[ends]
    far = np.r_[0.0, np.cumsum(np.hypot(np.diff(xs), np.diff(ys)))]
    at = along / max(float(edges.length[edge]), 1e-9) * far[-1]
    return np.interp(at, far, xs), np.interp(at, far, ys)
