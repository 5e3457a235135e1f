"""What the kernel counts while it runs: edges by interval, as detectors and loops would see them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from madang.systems.traffic.engine.kernel_compiled import inlined

Floats = npt.NDArray[np.float64]


class Counts(NamedTuple):
    """By interval and edge [I, E]: vehicles that entered (or started there), vehicle-seconds present,
    vehicle-seconds lost against driving freely; by interval and turn [I, T]: vehicles that crossed their
    stop line for it. span: begin and length of an interval, s."""

    span: Floats
    entered: npt.NDArray[np.int32]
    present: Floats
    lost: Floats
    turned: npt.NDArray[np.int32]


def counts(begin: float, end: float, step: float, edges: int, turns: int) -> Counts:
    """Empty counts for the time from begin to end in intervals of step seconds."""
    rows = max(1, int(np.ceil((end - begin) / step)))
    return Counts(
        np.array([begin, step], np.float64),  # of whole seconds too, or loops are compiled anew
        np.zeros((rows, edges), np.int32),
        np.zeros((rows, edges)),
        np.zeros((rows, edges)),
        np.zeros((rows, turns), np.int32),
    )


@inlined
def row(counted: Counts, second: float) -> int:
    """The interval of this second, or the last one. A quotient that was rounded up to a whole one is one
    too many; that is quicker than Python's floor."""
    begin, step = counted.span[0], counted.span[1]
    found = int((second - begin) / step)
    if begin + found * step > second:
        found -= 1
    return min(max(found, 0), counted.entered.shape[0] - 1)


@inlined
def spread(counted: Counts, into: Floats, edge: int, start: float, end: float) -> None:
    """Add the seconds from start to end to the intervals in which they lie."""
    begin, step = counted.span[0], counted.span[1]
    for each in range(row(counted, start), row(counted, end) + 1):
        low = max(start, begin + each * step)
        high = min(end, begin + (each + 1) * step)
        if high > low:
            into[each, edge] += high - low
