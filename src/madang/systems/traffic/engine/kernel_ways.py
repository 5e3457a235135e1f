"""From which lanes a route goes on: reckoned once for each place of it, not whenever somebody chooses."""

from __future__ import annotations

import numpy as np

from madang.systems.traffic.engine.kernel_compiled import compiled, compiled_with_arrays, inlined
from madang.systems.traffic.engine.kernel_streets import Floats, Ints, Records, Streets

FORESIGHT_S = 10.0
"""So far SUMO's drivers look ahead for a change of lanes (LC2013)."""
NO_TURN = -1

WAY = np.dtype(
    [("onward", "u4"), ("soon", "u4"), ("later", "u4"), ("turn", "i4"), ("beyond", "i4")]
)
"""One place of a route. Lanes of its edge as bits: `onward`, those that lead to the next edge; `soon`, those
of them from which nobody has to change lanes on the streets that end within FORESIGHT_S; `later`, nor on
the first street that ends beyond, which is `beyond` places on. Where every lane has to change all onward
are in it. `turn`: by which the next edge is reached, NO_TURN where there are several."""


@compiled_with_arrays
def ways(roads: Streets, speeds: Floats, routes: Ints, first: Ints, found: Records) -> None:
    """Fill found [n] for routes [n], of which route r is routes[first[r] : first[r + 1]]; speeds [E] m/s."""
    for place in range(len(routes) - 1):
        _way_on(roads, routes, place, found)
    for route in range(len(first) - 1):
        for place in range(first[route], first[route + 1]):
            _soon(roads, speeds, routes, place, first[route + 1], found)
        for place in range(first[route], first[route + 1]):
            _later(roads, routes, place, first[route + 1], found)


@inlined
def _way_on(roads: Streets, routes: Ints, place: int, found: Records) -> None:
    edge, way, many = roads.edges[routes[place]], found[place], 0
    way.turn = NO_TURN
    for turn in range(edge.first_turn, edge.first_turn + edge.turns):
        if roads.turns[turn].to_edge == routes[place + 1]:
            way.onward |= roads.turns[turn].from_lanes
            many += 1
            way.turn = turn if many == 1 else NO_TURN


@inlined
def _soon(
    roads: Streets, speeds: Floats, routes: Ints, place: int, end: int, found: Records
) -> None:
    far, driven = place, 0.0
    while far + 2 < end:
        driven += roads.edges[routes[far + 1]].length
        if driven >= FORESIGHT_S * speeds[routes[far + 1]]:
            break
        far += 1
    found[place].beyond = far + 1 - place
    found[place].soon = _back_to(roads, routes, place, far, found[far].onward, found)


@inlined
def _later(roads: Streets, routes: Ints, place: int, end: int, found: Records) -> None:
    soon, far = found[place].soon, place + found[place].beyond
    found[place].later = soon
    if far + 1 < end:
        both = soon & _back_to(roads, routes, place, far, found[far].soon, found)
        found[place].later = both if both else soon


@compiled
def _back_to(roads: Streets, routes: Ints, place: int, far: int, good: int, found: Records) -> int:
    """The lanes at `place` from which one comes to the lanes `good` at `far` without a change."""
    for at in range(far - 1, place - 1, -1):
        leading = _leading(roads, routes, at, good) & found[at].onward
        good = leading if leading else found[at].onward
    return good


@inlined
def _leading(roads: Streets, routes: Ints, place: int, good: int) -> int:
    """The lanes at `place` that lead to one of the lanes `good` at the next."""
    edge, leading = roads.edges[routes[place]], 0
    for turn in range(edge.first_turn, edge.first_turn + edge.turns):
        way = roads.turns[turn]
        if way.to_edge != routes[place + 1]:
            continue
        for slot in range(edge.lanes):
            led = roads.doors[way.first_door + slot]
            if way.from_lanes >> slot & 1 and ((2 << led.high) - (1 << led.low)) & good:
                leading |= 1 << slot
    return leading
