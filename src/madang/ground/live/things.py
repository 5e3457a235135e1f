"""The newest fact of each moving thing, in columns: a slot a thing, a row a column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Times = NDArray[np.int64]
Slots = NDArray[np.intp]
HIGHEST_NUMBER = 1 << 24
FIRST_ROOM = 1024
X, Y, HEADING = 0, 1, 2


class Things:
    """Numbers are the things' own (a device's number): positive, and never given to another thing.

    columns are x, y, heading and speed by slot; state is by number.
    """

    def __init__(self) -> None:
        self.used = 0
        self.number: Ints = np.zeros(FIRST_ROOM, dtype=np.int32)
        self.time: Times = np.zeros(FIRST_ROOM, dtype=np.int64)
        self.known: NDArray[np.bool_] = np.zeros(FIRST_ROOM, dtype=np.bool_)
        self.changed: NDArray[np.bool_] = np.zeros(FIRST_ROOM, dtype=np.bool_)
        self.columns: NDArray[np.float32] = np.zeros((4, FIRST_ROOM), dtype=np.float32)
        self.state: NDArray[np.float32] = np.full(FIRST_ROOM, np.nan, dtype=np.float32)
        self._state_time: Times = np.zeros(FIRST_ROOM, dtype=np.int64)
        self._slot_of: Ints = np.full(FIRST_ROOM, -1, dtype=np.int32)
        self._free: list[int] = []

    def __len__(self) -> int:
        return int(np.count_nonzero(self.known))

    def put(self, numbers: Ints, times: Times, columns: list[NDArray[Any]]) -> None:
        """Take in rows: numbers, times in ms, then x, y, heading and speed.

        Of several rows of one thing the newest counts, also against what is known. Rows without
        coordinates, or with a number out of range, are passed over.
        """
        usable = (numbers > 0) & (numbers < HIGHEST_NUMBER)
        usable &= np.isfinite(columns[X]) & np.isfinite(columns[Y])
        order = np.argsort(times, kind="stable")
        order = order[usable[order]]
        slots = self._slots(numbers[order])
        newer = times[order] >= self.time[slots]
        order, slots = order[newer], slots[newer]
        self.time[slots] = times[order]
        for row, column in zip(self.columns, columns, strict=True):
            row[slots] = column[order]
        self.changed[slots] = True

    def mark(self, numbers: Ints, times: Times, states: NDArray[np.float32]) -> None:
        """Take in what state things are in, known by number whether or not they have a place yet."""
        usable = (numbers > 0) & (numbers < HIGHEST_NUMBER)
        numbers, times, states = numbers[usable], times[usable], states[usable]
        self._reach(int(numbers.max(initial=0)))
        order = np.argsort(times, kind="stable")
        order = order[times[order] >= self._state_time[numbers[order]]]
        self.state[numbers[order]] = states[order]
        self._state_time[numbers[order]] = times[order]
        slots = self._slot_of[numbers[order]]
        self.changed[slots[slots >= 0]] = True

    def take_changed(self) -> Slots:
        """The slots that changed since the last call."""
        slots = np.flatnonzero(self.changed[: self.used])
        self.changed[slots] = False
        return slots

    def older_than(self, time: int) -> Slots:
        """The slots of things not heard of since time (ms)."""
        return np.flatnonzero(self.known[: self.used] & (self.time[: self.used] < time))

    def forget(self, slots: Slots) -> None:
        """Let go of what is in slots; their room is used again."""
        self._slot_of[self.number[slots]] = -1
        self.known[slots] = False
        self.changed[slots] = False
        self.time[slots] = 0
        self._free.extend(slots.tolist())

    def _slots(self, numbers: Ints) -> Slots:
        """The slot of each number, with new ones for those not known yet."""
        self._reach(int(numbers.max(initial=0)))
        slots = self._slot_of[numbers]
        new = np.unique(numbers[slots < 0])
        if len(new):
            self._slot_of[new] = self._room_for(len(new))
            fresh = self._slot_of[new]
            self.number[fresh] = new
            self.known[fresh] = True
            self.time[fresh] = 0
            slots = self._slot_of[numbers]
        return slots.astype(np.intp)

    def _room_for(self, count: int) -> Slots:
        again = [self._free.pop() for _ in range(min(count, len(self._free)))]
        fresh = np.arange(self.used, self.used + count - len(again), dtype=np.intp)
        self.used += len(fresh)
        while self.used > len(self.number):
            self._widen()
        return np.concatenate([np.array(again, dtype=np.intp), fresh])

    def _widen(self) -> None:
        room = len(self.number)
        self.number = np.pad(self.number, (0, room))
        self.time = np.pad(self.time, (0, room))
        self.known = np.pad(self.known, (0, room))
        self.changed = np.pad(self.changed, (0, room))
        self.columns = np.pad(self.columns, ((0, 0), (0, room)))

    def _reach(self, number: int) -> None:
        while number >= len(self._slot_of):
            room = len(self._slot_of)
            self._slot_of = np.pad(self._slot_of, (0, room), constant_values=-1)
            self.state = np.pad(self.state, (0, room), constant_values=np.nan)
            self._state_time = np.pad(self._state_time, (0, room))
