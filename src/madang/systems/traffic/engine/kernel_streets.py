"""A network as the kernel drives on it: every lane a queue, every turn a way from lanes to lanes.

Lanes are numbered through all edges, an edge's rightmost first, as SUMO counts them. What the inner
loops read together lies together in records.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from madang.systems.traffic.engine.kernel_drivers import Drivers
from madang.systems.traffic.engine.network import Lists, Network

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Records = npt.NDArray[Any]

LEAST_SPEED = 1.0
"""m/s: below it a limit is no limit but a mistake."""

EDGE = np.dtype(
    [
        ("first_lane", "i4"),
        ("lanes", "i4"),
        ("first_turn", "i4"),
        ("turns", "i4"),
        ("length", "f8"),
        ("first_feeder", "i4"),
        ("feeders", "i4"),
    ],
    align=True,
)
LANE = np.dtype([("edge", "i4"), ("ring", "i4"), ("places", "i4")])
TURN = np.dtype(
    [
        ("length", "f8"),
        ("speed", "f8"),
        ("waits_at", "f8"),
        ("from_edge", "i4"),
        ("to_edge", "i4"),
        ("from_lanes", "u4"),
        ("column", "i4"),
        ("signal", "i4"),
        ("first_yield", "i4"),
        ("first_door", "i4"),
        ("first_wait", "i4"),
        ("waits", "u2"),
        ("yields", "u2"),
        ("kept_clear", "u1"),
    ],
    align=True,
)
DOOR = np.dtype([("low", "i4"), ("high", "i4")])
YIELD = np.dtype([("turn", "i4"), ("lanes", "u4")])


class Streets(NamedTuple):
    """What does not change while traffic runs: E edges, L lanes, T turns, as records.

    A lane's ring are `places` places from `ring` on, a power of two. A turn's column is its light among
    the columns of all signals, -1 where none; waits: how many at most wait within the crossing, waits_at
    m behind the stop line, for a gap. waiting: the turns that have such room. yields: turns to give way
    to, and from which of their lanes. feeders: turns by which one comes onto an edge. doors: for a turn
    and each lane of the street before it, from first_door on, the lanes of the next street that this lane
    leads to.
    """

    edges: Records
    lanes: Records
    turns: Records
    waiting: Ints
    yields: Records
    feeders: Ints
    doors: Records


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
    turns = _turns(network, float(drivers.room.min()), float(drivers.length.min()))
    return Streets(
        edges=_edges(network),
        lanes=_lanes(network, float(drivers.room.min())),
        turns=turns,
        waiting=np.flatnonzero(turns["waits"]).astype(np.int32),
        yields=_yields(network),
        feeders=network.turns_into.items.astype(np.int32),
        doors=_doors(network),
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
    into = network.turns_into
    found["first_feeder"], found["feeders"] = into.first[:-1], _lengths(into)
    return found


def _lanes(network: Network, room: float) -> Records:
    lanes = np.maximum(network.edges.lanes, 1)
    found = np.zeros(int(lanes.sum()), LANE)
    found["edge"] = np.repeat(np.arange(len(lanes)), lanes)
    inside = np.zeros(len(lanes))
    np.maximum.at(inside, network.turns.to_edge, network.turns.length)
    least = (network.edges.length + inside)[found["edge"]] // room + 2
    found["places"] = 1 << np.ceil(np.log2(least)).astype(np.int32)
    found["ring"] = ends(found["places"])[:-1]
    return found


def _turns(network: Network, room: float, length: float) -> Records:
    turns = network.turns
    found = np.zeros(len(turns), TURN)
    for name in ("from_edge", "to_edge", "from_lanes", "length"):
        found[name] = getattr(turns, name)
    found["speed"] = np.maximum(turns.speed, LEAST_SPEED)
    found["column"], found["signal"] = _columns(network), turns.signal
    found["kept_clear"] = _lengths(turns.foes) > 0
    found["first_yield"], found["yields"] = turns.yields.first[:-1], _lengths(turns.yields)
    found["first_door"] = ends(np.maximum(network.edges.lanes, 1)[turns.from_edge])[:-1]
    found["waits_at"] = turns.waits_at
    fitting = np.maximum((turns.waits_at + room - length) // room, 1)
    found["waits"] = np.where((turns.waits_at > 0) & (found["yields"] > 0), fitting, 0)
    found["first_wait"] = ends(found["waits"])[:-1]
    return found


def _doors(network: Network) -> Records:
    """The lowest and the highest of the lanes that a lane leads to by a turn."""
    leads = network.turns.leads.items.astype(np.int64)
    found = np.zeros(len(leads), DOOR)
    found["low"] = np.bitwise_count((leads & -leads) - 1)
    found["high"] = np.floor(np.log2(np.maximum(leads, 1)))
    return found


def _yields(network: Network) -> Records:
    turns = network.turns
    found = np.zeros(len(turns.yields.items), YIELD)
    found["turn"], found["lanes"] = turns.yields.items, turns.yields_to
    return found


def _lengths(given: Lists) -> Ints:
    return np.diff(given.first).astype(np.int32)


def _columns(network: Network) -> Ints:
    signal = network.turns.signal
    first = ends(network.signals.columns)
    column = first[np.maximum(signal, 0)] + network.turns.column
    return np.where(signal >= 0, column, -1).astype(np.int32)
