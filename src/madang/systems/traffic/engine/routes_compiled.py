"""The inner loops of routing over edges and turns, compiled.

Vertices are edges of the network, arcs its turns: arc a of edge e is first[e] <= a < first[e + 1], leads
to heads[a] and costs costs[a] seconds, infinite where closed.
"""

from __future__ import annotations

import numpy as np

from madang.systems.traffic.engine.kernel_compiled import compiled, compiled_with_arrays
from madang.systems.traffic.engine.network import NONE, Floats, Ints

INFINITE = np.inf


@compiled_with_arrays
def spread(  # noqa: C901 - one loop, whose lists are moved in place
    first: Ints, heads: Ints, costs: Floats, start: int, begin: float, limit: float, width: float
) -> Floats:
    """Least seconds from start (which costs begin itself) to every edge within limit; infinite beyond.

    Dial's buckets, of a width in seconds, in a ring; an edge whose time falls while its bucket is
    served is served again, so that any width is exact.
    """
    count = len(first) - 1
    longest = width
    for cost in costs:
        if cost < INFINITE and cost > longest:
            longest = cost
    ring = int(longest / width) + 2
    head = np.full(ring, NONE, np.int32)
    after = np.full(count, NONE, np.int32)
    before = np.full(count, NONE, np.int32)
    held = np.full(count, NONE, np.int32)
    least = np.full(count, INFINITE)
    least[start] = begin
    turn = int(begin / width)
    held[start] = turn % ring
    head[turn % ring] = start
    waiting = 1
    while waiting:
        slot = turn % ring
        while head[slot] != NONE:
            edge = head[slot]
            head[slot] = after[edge]
            if after[edge] != NONE:
                before[after[edge]] = NONE
            held[edge] = NONE
            waiting -= 1
            for arc in range(first[edge], first[edge + 1]):
                reached = least[edge] + costs[arc]
                to = heads[arc]
                if reached < least[to] and reached <= limit:
                    if held[to] != NONE:
                        if before[to] == NONE:
                            head[held[to]] = after[to]
                        else:
                            after[before[to]] = after[to]
                        if after[to] != NONE:
                            before[after[to]] = before[to]
                        waiting -= 1
                    least[to] = reached
                    into = int(reached / width) % ring
                    held[to] = into
                    before[to] = NONE
                    after[to] = head[into]
                    if head[into] != NONE:
                        before[head[into]] = to
                    head[into] = to
                    waiting += 1
        turn += 1
    return least


@compiled
def bound(from_marks: Floats, to_marks: Floats, marks: Ints, edge: int, end: int) -> float:
    """At least so many seconds lie between edge and end, by the triangle inequality at landmarks."""
    most = 0.0
    for mark in marks:
        behind = from_marks[end, mark] - from_marks[edge, mark]
        ahead = to_marks[edge, mark] - to_marks[end, mark]
        if behind > most:
            most = behind
        if ahead > most:
            most = ahead
    return most


@compiled_with_arrays
def astar(  # noqa: C901 - one loop with its heap in place
    first: Ints,
    heads: Ints,
    costs: Floats,
    from_marks: Floats,
    to_marks: Floats,
    marks: Ints,
    start: int,
    end: int,
) -> tuple[float, Ints]:
    """Seconds from the end of start to the end of end and the edges between, both included; or infinite."""
    count = len(first) - 1
    least = np.full(count, INFINITE)
    came = np.full(count, NONE, np.int32)
    done = np.zeros(count, np.bool_)
    keys = np.empty(len(heads) + 1)
    items = np.empty(len(heads) + 1, np.int32)
    least[start] = 0.0
    keys[0], items[0] = bound(from_marks, to_marks, marks, start, end), start
    size = 1
    while size:
        edge = items[0]
        size -= 1
        key, item, place = keys[size], items[size], 0
        while True:
            child = 2 * place + 1
            if child >= size:
                break
            if child + 1 < size and keys[child + 1] < keys[child]:
                child += 1
            if keys[child] >= key:
                break
            keys[place], items[place] = keys[child], items[child]
            place = child
        keys[place], items[place] = key, item
        if edge == end:
            break
        if done[edge]:
            continue
        done[edge] = True
        for arc in range(first[edge], first[edge + 1]):
            to = heads[arc]
            reached = least[edge] + costs[arc]
            if done[to] or reached >= least[to]:
                continue
            least[to], came[to] = reached, edge
            key = reached + bound(from_marks, to_marks, marks, to, end)
            if key == INFINITE:
                continue
            place = size
            size += 1
            while place and keys[(place - 1) // 2] > key:
                parent = (place - 1) // 2
                keys[place], items[place] = keys[parent], items[parent]
                place = parent
            keys[place], items[place] = key, to
    if least[end] == INFINITE:
        return INFINITE, np.empty(0, np.int32)
    length, edge = 1, end
    while edge != start:
        edge = came[edge]
        length += 1
    path = np.empty(length, np.int32)
    edge = end
    for place in range(length - 1, -1, -1):
        path[place] = edge
        edge = came[edge]
    return least[end], path
