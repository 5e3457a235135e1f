"""The inner loops of routing over edges and turns, compiled.

Vertices are edges of the network, arcs its turns: arc a of edge e is first[e] <= a < first[e + 1], leads
to heads[a] and costs costs[a] seconds, infinite where closed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from madang.systems.traffic.engine.kernel_compiled import compiled_with_arrays, inlined
from madang.systems.traffic.engine.network import NONE, Floats, Ints

INFINITE = np.inf
Table = npt.NDArray[np.float32]


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


@inlined
def bound(table: Table, marks: Ints, slack: float, edge: int, end: int) -> float:
    """At least so many seconds lie between edge and end, by the triangle inequality at landmarks."""
    most = 0.0
    half = table.shape[1] // 2
    for mark in marks:
        behind = float(table[end, mark]) - float(table[edge, mark])
        ahead = float(table[edge, half + mark]) - float(table[end, half + mark])
        if behind > most:
            most = behind
        if ahead > most:
            most = ahead
    return max(0.0, most - slack)


@compiled_with_arrays
def astar(  # noqa: C901 - one loop with its heap in place
    first: Ints, heads: Ints, costs: Floats, table: Table, marks: Ints, slack: float, start: int,
    end: int,
) -> tuple[float, Ints]:  # fmt: skip
    """Seconds from the end of start to the end of end and the edges between, both included; or infinite.

    table [E, 2 M] holds seconds from each of M landmarks to an edge, then from it to each; they are
    rounded, by less than half of `slack` seconds, so that a bound may fall along a way: an edge that is
    reached sooner after it was served is served again, and the way is the quickest all the same.
    """
    count = len(first) - 1
    least = np.full(count, INFINITE)
    best = np.full(count, INFINITE)
    came = np.full(count, NONE, np.int32)
    keys = np.empty(1024)
    items = np.empty(1024, np.int32)
    least[start] = 0.0
    best[start] = bound(table, marks, slack, start, end)
    keys[0], items[0] = best[start], start
    size = 1
    while size:
        edge, at = items[0], keys[0]
        size -= 1
        key, item, place = keys[size], items[size], 0
        while True:
            child = 4 * place + 1
            if child >= size:
                break
            smallest = child
            for other in range(child + 1, min(child + 4, size)):
                if keys[other] < keys[smallest]:
                    smallest = other
            if keys[smallest] >= key:
                break
            keys[place], items[place] = keys[smallest], items[smallest]
            place = smallest
        keys[place], items[place] = key, item
        if edge == end:
            break
        if at > best[edge]:
            continue  # it was reached sooner and has been served
        for arc in range(first[edge], first[edge + 1]):
            to = heads[arc]
            reached = least[edge] + costs[arc]
            if reached >= least[to]:
                continue
            key = reached + bound(table, marks, slack, to, end)
            if key == INFINITE:
                continue
            least[to], came[to], best[to] = reached, edge, key
            if size == len(keys):
                keys = np.concatenate((keys, np.empty(size)))
                items = np.concatenate((items, np.empty(size, np.int32)))
            place = size
            size += 1
            while place and keys[(place - 1) // 4] > key:
                parent = (place - 1) // 4
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


@compiled_with_arrays
def meet(  # noqa: C901 - one loop over two waves, whose lists lie in place
    first: Ints, heads: Ints, back_first: Ints, tails: Ints, costs: Floats, back_costs: Floats,
    longest: float, width: float, start: int, end: int,
) -> tuple[float, Ints]:  # fmt: skip
    """As astar, without bounds: a wave from start and one against the arcs from end, bucket by bucket,
    until no way between what both have not served can be quicker than the quickest that met.

    An entry of a bucket whose edge was reached sooner since is passed over; one that falls while its
    bucket is served is served again, so that any width is exact.
    """
    count = len(first) - 1
    ring = int(longest / width) + 2
    least = np.full((2, count), INFINITE)
    came = np.empty((2, count), np.int32)
    head = np.full((2, ring), NONE, np.int32)
    items = np.empty(4096, np.int32)
    after = np.empty(4096, np.int32)
    turn = np.zeros(2, np.int64)
    waiting = np.ones(2, np.int64)
    least[0, start] = least[1, end] = 0.0
    items[0], items[1] = start, end
    after[0] = after[1] = NONE
    head[0, 0], head[1, 0] = 0, 1
    size = 2
    most, met = (0.0, start) if start == end else (INFINITE, NONE)
    while waiting[0] and waiting[1] and (turn[0] + turn[1]) * width < most:
        side = 0 if waiting[0] <= waiting[1] else 1
        slot = turn[side] % ring
        while head[side, slot] != NONE:
            place = head[side, slot]
            head[side, slot] = after[place]
            waiting[side] -= 1
            edge = items[place]
            own = least[side, edge]
            if int(own / width) != turn[side]:
                continue  # it was reached sooner and has been served
            low = first[edge] if side == 0 else back_first[edge]
            high = first[edge + 1] if side == 0 else back_first[edge + 1]
            for arc in range(low, high):
                to = heads[arc] if side == 0 else tails[arc]
                reached = own + (costs[arc] if side == 0 else back_costs[arc])
                if reached >= least[side, to]:
                    continue
                least[side, to] = reached
                came[side, to] = edge
                if reached + least[1 - side, to] < most:
                    most, met = reached + least[1 - side, to], to
                if size == len(items):
                    items = np.concatenate((items, np.empty(size, np.int32)))
                    after = np.concatenate((after, np.empty(size, np.int32)))
                into = int(reached / width) % ring
                items[size], after[size] = to, head[side, into]
                head[side, into] = size
                size += 1
                waiting[side] += 1
        turn[side] += 1
    if met == NONE:
        return INFINITE, np.empty(0, np.int32)
    before, edge = 0, met
    while edge != start:
        edge = came[0, edge]
        before += 1
    length, edge = before + 1, met
    while edge != end:
        edge = came[1, edge]
        length += 1
    path = np.empty(length, np.int32)
    edge = met
    for place in range(before, 0, -1):
        path[place] = edge
        edge = came[0, edge]
    path[0] = start
    edge = met
    for place in range(before, length):
        path[place] = edge
        if place + 1 < length:
            edge = came[1, edge]
    return most, path
