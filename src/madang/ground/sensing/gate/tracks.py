"""Whether a device can have moved as it says: every position against the one believed before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SLACK_METRES = 100.0  # what a satellite fix may be off between houses, twice over
NEVER = -(2**62)  # ms; no time on the wire is as old, and subtracting it does not overflow

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Tracks:
    """The last believed position of each device, by the device's number."""

    def __init__(self) -> None:
        self._time: Ints = np.full(1, NEVER, dtype=np.int64)
        self._x: Floats = np.zeros(1)
        self._y: Floats = np.zeros(1)

    def believe(
        self, device: NDArray[np.int32], time: Ints, x: Floats, y: Floats, max_speed: Floats
    ) -> NDArray[np.bool_]:
        """Which positions can be true, in the order in which they came; remembers the last of each.

        time is in milliseconds, max_speed in m/s, one for each position. A position older than the
        last one believed is late: it is believed without comparison.
        """
        self._make_room(int(device.max(initial=0)) + 1)
        order = np.argsort(device, kind="stable")
        verdict = np.empty(len(device), dtype=np.bool_)
        verdict[order] = self._in_order(
            device[order], time[order], x[order], y[order], max_speed[order]
        )
        return verdict

    def _in_order(
        self, device: NDArray[np.int32], time: Ints, x: Floats, y: Floats, max_speed: Floats
    ) -> NDArray[np.bool_]:
        """The same for positions grouped by device. Nearly always all are fine, and one pass says so."""
        first = np.ones(len(device), dtype=np.bool_)
        first[1:] = device[1:] != device[:-1]
        before = {
            "time": np.where(first, self._time[device], np.roll(time, 1)),
            "x": np.where(first, self._x[device], np.roll(x, 1)),
            "y": np.where(first, self._y[device], np.roll(y, 1)),
        }
        doubtful = ~_can_be(before["time"], before["x"], before["y"], time, x, y, max_speed)
        doubtful |= time <= before["time"]
        slow = np.isin(device, device[doubtful])
        last = np.ones(len(device), dtype=np.bool_)
        last[:-1] = device[1:] != device[:-1]
        plain = last & ~slow
        self._remember(device[plain], time[plain], x[plain], y[plain])
        verdict = np.ones(len(device), dtype=np.bool_)
        for row in np.flatnonzero(slow).tolist():
            verdict[row] = self._one(
                int(device[row]), int(time[row]), x[row], y[row], max_speed[row]
            )
        return verdict

    def _one(self, device: int, time: int, x: float, y: float, max_speed: float) -> bool:
        if time <= self._time[device]:
            return True
        if not _can_be(self._time[device], self._x[device], self._y[device], time, x, y, max_speed):
            return False
        self._time[device], self._x[device], self._y[device] = time, x, y
        return True

    def _remember(self, device: NDArray[np.int32], time: Ints, x: Floats, y: Floats) -> None:
        self._time[device], self._x[device], self._y[device] = time, x, y

    def _make_room(self, size: int) -> None:
        if (more := size - len(self._time)) > 0:
            more = max(more, len(self._time))
            self._time = np.append(self._time, np.full(more, NEVER, dtype=np.int64))
            self._x = np.append(self._x, np.zeros(more))
            self._y = np.append(self._y, np.zeros(more))


def _can_be(
    time_before: Ints | int,
    x_before: Floats | float,
    y_before: Floats | float,
    time: Ints | int,
    x: Floats | float,
    y: Floats | float,
    max_speed: Floats | float,
) -> NDArray[np.bool_]:
    known = np.not_equal(time_before, NEVER)
    seconds = np.where(known, np.subtract(time, time_before), 0) / 1000
    distance = np.hypot(np.subtract(x, x_before), np.subtract(y, y_before))
    return ~known | (distance <= np.multiply(max_speed, seconds) + SLACK_METRES)
