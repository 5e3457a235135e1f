"""A network as the kernel drives on it: every lane a queue, every turn a way from lanes to lanes.

Lanes are numbered through all edges, an edge's rightmost first, as SUMO counts them. What the inner
loops read together lies together in records.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from madang.systems.traffic.engine.kernel_drivers import Drivers
from madang.systems.traffic.engine.network import Direction, Lists, Network, Priority

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Records = npt.NDArray[Any]

LEAST_SPEED = 1.0
"""m/s: below it a limit is no limit but a mistake."""

EDGE = np.dtype(
    [("first_lane", "i4"), ("lanes", "i4"), ("first_turn", "i4"), ("turns", "i4"), ("length", "f8")]
)
LANE = np.dtype([("edge", "i4"), ("ring", "i4"), ("places", "i4")])
TURN = np.dtype(
    [
        ("from_edge", "i4"),
        ("to_edge", "i4"),
        ("from_lanes", "u4"),
        ("to_lanes", "u4"),
        ("length", "f8"),
        ("speed", "f8"),
        ("column", "i4"),
        ("signal", "i4"),
        ("equal", "u1"),
        ("kept_clear", "u1"),
        ("waits", "i4"),
        ("first_wait", "i4"),
        ("first_yield", "i4"),
        ("yields", "i4"),
    ]
)


class Streets(NamedTuple):
    """What does not change while traffic runs: E edges, L lanes, T turns, as records.

    A lane's ring are `places` places from `ring` on. A turn's column is its light among the columns of
    all signals, -1 where none; waits: how many wait within the crossing for a gap. waiting: the turns
    that have such room. yields: turns to give way to.
    """

    edges: Records
    lanes: Records
    turns: Records
    waiting: Ints
    yields: Ints


class Programs(NamedTuple):
    """Signal plans laid out as in network.Signals; column_first [S + 1]: a signal's columns among all."""

    column_first: Ints
    plan_first: Ints
    cycle: Floats
    offset: Floats
    interval_first: Ints
    seconds: Floats
    light_first: Ints
    lights: Bytes


def streets(network: Network, drivers: Drivers) -> Streets:
    """The network laid out for the kernel. Places are reckoned with the smallest of the vehicles."""
    turns = _turns(network, float(drivers.room.max()))
    return Streets(
        edges=_edges(network),
        lanes=_lanes(network, float(drivers.room.min())),
        turns=turns,
        waiting=np.flatnonzero(turns["waits"]).astype(np.int32),
        yields=network.turns.yields.items.astype(np.int32),
    )


def programs(network: Network) -> Programs:
    signals = network.signals
    return Programs(
        ends(signals.columns),
        signals.plan_first,
        signals.cycle,
        signals.offset,
        signals.interval_first,
        signals.seconds,
        signals.light_first,
        signals.lights,
    )


def ends(counts: npt.NDArray[Any]) -> Ints:
    """Where each list ends when lists of these lengths lie one behind the other, a 0 before."""
    found = np.zeros(len(counts) + 1, np.int32)
    np.cumsum(counts, out=found[1:])
    return found


def _edges(network: Network) -> Records:
    edges, first = network.edges, network.turns.first
    found = np.zeros(len(edges), EDGE)
    found["lanes"] = np.maximum(edges.lanes, 1)
    found["first_lane"] = ends(found["lanes"])[:-1]
    found["first_turn"], found["turns"] = first[:-1], np.diff(first)
    found["length"] = edges.length
    return found


def _lanes(network: Network, room: float) -> Records:
    lanes = np.maximum(network.edges.lanes, 1)
    found = np.zeros(int(lanes.sum()), LANE)
    found["edge"] = np.repeat(np.arange(len(lanes)), lanes)
    inside = np.zeros(len(lanes))
    np.maximum.at(inside, network.turns.to_edge, network.turns.length)
    found["places"] = (network.edges.length + inside)[found["edge"]] // room + 2
    found["ring"] = ends(found["places"])[:-1]
    return found


def _turns(network: Network, room: float) -> Records:
    turns = network.turns
    found = np.zeros(len(turns), TURN)
    for name in ("from_edge", "to_edge", "from_lanes", "to_lanes", "length"):
        found[name] = getattr(turns, name)
    found["speed"] = np.maximum(turns.speed, LEAST_SPEED)
    found["column"], found["signal"] = _columns(network), turns.signal
    found["equal"] = turns.priority == Priority.EQUAL
    found["kept_clear"] = _lengths(turns.foes) > 0
    found["first_yield"], found["yields"] = turns.yields.first[:-1], _lengths(turns.yields)
    found["waits"] = _waits(network, room)
    found["first_wait"] = ends(found["waits"])[:-1]
    return found


def _lengths(given: Lists) -> Ints:
    return np.diff(given.first).astype(np.int32)


def _waits(network: Network, room: float) -> Ints:
    """Who turns across the other direction waits for a gap within the crossing, halfway through."""
    turns = network.turns
    across = (turns.direction == Direction.LEFT) | (turns.direction == Direction.U_TURN)
    fitting = np.maximum(np.rint(turns.length / 2 / room), 1)
    gives_way = (_lengths(turns.yields) > 0) & (turns.signal >= 0)
    return np.where(across & gives_way, fitting, 0).astype(np.int32)


def _columns(network: Network) -> Ints:
    signal = network.turns.signal
    first = ends(network.signals.columns)
    column = first[np.maximum(signal, 0)] + network.turns.column
    return np.where(signal >= 0, column, -1).astype(np.int32)
