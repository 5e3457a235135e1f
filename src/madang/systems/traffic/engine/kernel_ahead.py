"""Memory ahead of need: what serving the next lanes takes is asked for, for all of them at once.

A city is far larger than what a processor keeps near, and each lane leads to its vehicle, that to its turn,
that to the next street. One lane after the other each step waits for memory; asked for beforehand, a step
for all lanes and then the next one, the waits lie upon each other. Nothing is changed by it.
"""

from __future__ import annotations

from madang.systems.traffic.engine.kernel_compiled import fetch, inlined
from madang.systems.traffic.engine.kernel_counts import Counts, row
from madang.systems.traffic.engine.kernel_state import NONE, State
from madang.systems.traffic.engine.kernel_streets import Ints, Streets

AHEAD = 1024
"""Lanes at once: some thirty of them are due in a second, and what they need stays near until then."""


@inlined
def bring_near(
    roads: Streets, state: State, counted: Counts, due: Ints, begin: int, end: int, now: float,
    soon: float,
) -> None:  # fmt: skip
    """Ask for what lanes from begin to end need that are due before `soon`. due [L] is room to list them
    in, from begin on."""
    last = _list(state, due, begin, end, soon)
    interval = row(counted, now)
    for each in range(begin, last):
        _for_lane(state, counted, due[each], interval)
    for each in range(begin, last):
        _for_vehicle(state, roads, counted, due[each], interval)
    for each in range(begin, last):
        _for_turn(state, roads, due[each])
    for each in range(begin, last):
        _for_next_street(state, roads, counted, due[each], interval)
    for each in range(begin, last):
        _for_next_lanes(state, roads, due[each])


@inlined
def _list(state: State, due: Ints, begin: int, end: int, soon: float) -> int:
    last = begin
    for lane in range(begin, end):
        if state.ready[lane] < soon:
            due[last] = lane
            last += 1
            fetch(state.lanes, lane)
    return last


@inlined
def _for_lane(state: State, counted: Counts, lane: int, interval: int) -> None:
    queue = state.lanes[lane]
    fetch(state.vehicles, queue.first)
    fetch(state.places, queue.ring + (queue.head + 1 & queue.mask))
    fetch(counted.present[interval], queue.edge)
    fetch(counted.lost[interval], queue.edge)


@inlined
def _for_vehicle(state: State, roads: Streets, counted: Counts, lane: int, interval: int) -> None:
    self = state.vehicles[state.lanes[lane].first]
    fetch(roads.turns, self.turn)
    fetch(state.turns, self.turn)
    fetch(state.routes, self.at + 1)
    fetch(state.ways, self.at + 1)
    fetch(counted.turned[interval], self.turn)
    behind = _behind(state, lane)
    if behind != NONE:
        fetch(state.vehicles, behind)


@inlined
def _for_turn(state: State, roads: Streets, lane: int) -> None:
    turn = state.vehicles[state.lanes[lane].first].turn
    if turn != NONE:
        way = roads.turns[turn]
        fetch(roads.edges, way.to_edge)
        fetch(state.edges, way.to_edge)
        fetch(state.columns, way.column)
        fetch(roads.doors, way.first_door)
        fetch(roads.yields, way.first_yield)
    behind = _behind(state, lane)
    if behind != NONE:
        fetch(roads.turns, state.vehicles[behind].turn)


@inlined
def _for_next_street(
    state: State, roads: Streets, counted: Counts, lane: int, interval: int
) -> None:
    turn = state.vehicles[state.lanes[lane].first].turn
    if turn != NONE:
        onto = roads.turns[turn].to_edge
        fetch(counted.entered[interval], onto)
        edge = roads.edges[onto]
        for each in range(edge.first_lane, edge.first_lane + edge.lanes):
            fetch(state.lanes, each)


@inlined
def _for_next_lanes(state: State, roads: Streets, lane: int) -> None:
    turn = state.vehicles[state.lanes[lane].first].turn
    if turn != NONE:
        edge = roads.edges[roads.turns[turn].to_edge]
        for each in range(edge.first_lane, edge.first_lane + edge.lanes):
            queue = state.lanes[each]
            fetch(state.places, queue.ring + (queue.gone & queue.mask))
            fetch(state.places, queue.ring + (queue.tail & queue.mask))


@inlined
def _behind(state: State, lane: int) -> int:
    """The lane's second vehicle."""
    queue = state.lanes[lane]
    if queue.tail <= queue.head + 1:
        return NONE
    return state.places[queue.ring + (queue.head + 1 & queue.mask)].vehicle
