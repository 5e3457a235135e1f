"""What moves in one city, of one kind: taken in as columns, said as frames, cell by cell."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.ground.live import cells
from madang.ground.live.frames import frame
from madang.ground.live.kinds import LAYOUT, Moving
from madang.ground.live.things import HEADING, Ints, Slots, Things, Times, X, Y
from madang.ground.live.topic import Topic

NONE: Ints = np.empty(0, dtype=np.int32)


class Board:
    """Everything of one kind in one city, and the topics on which it is said.

    A thing that leaves a cell is said to be gone there, and is said in the cell it has entered; both
    in the same flush. Cells are kept track of only in sizes that somebody follows.
    """

    def __init__(self, kind: Moving) -> None:
        self.kind = kind
        self.things = Things()
        self._whole: Topic | None = None
        self._topics: dict[int, dict[int, Topic]] = {}
        self._cells: dict[int, cells.Codes] = {}
        self._gone: list[tuple[Ints, dict[int, cells.Codes]]] = []

    def put(self, numbers: Ints, times: Times, columns: list[NDArray[Any]]) -> None:
        """Take in rows; see Things.put."""
        self.things.put(numbers, times, columns)

    def mark(self, numbers: Ints, times: Times, states: NDArray[np.float32]) -> None:
        """Take in states; see Things.mark."""
        self.things.mark(numbers, times, states)

    def follow(self, topic: Topic) -> None:
        """Say changes on topic from the next flush on."""
        cell = topic.name.cell
        if cell is None:
            self._whole = topic
            return
        self._topics.setdefault(cell.size, {})[cells.code(cell.column, cell.row)] = topic
        if cell.size not in self._cells:
            self._cells[cell.size] = self._codes(slice(0, self.things.used), cell.size)

    def unfollow(self, topic: Topic) -> None:
        """Say nothing more on topic."""
        cell = topic.name.cell
        if cell is None:
            self._whole = None
            return
        self._topics[cell.size].pop(cells.code(cell.column, cell.row), None)
        if not self._topics[cell.size]:
            del self._topics[cell.size], self._cells[cell.size]

    def forget(self, before: int) -> None:
        """Let go of what was not heard of since that time (ms); the next flush says it is gone."""
        slots = self.things.older_than(before)
        if not len(slots):
            return
        were = {size: self._reach(size)[slots] for size in self._cells}
        self._gone.append((self.things.number[slots], were))
        for codes in self._cells.values():
            codes[slots] = cells.NOWHERE
        self.things.forget(slots)

    def flush(self, now: int) -> None:
        """Say what changed since the last flush; now is ms since 1970 UTC."""
        slots = self.things.take_changed()
        gone, self._gone = self._gone, []
        if self._whole is not None and (len(slots) or gone):
            numbers = np.concatenate([NONE, *(numbers for numbers, _ in gone)])
            self._say(self._whole, slots, numbers, now)
        for size in self._cells:
            self._flush_cells(size, slots, gone, now)

    def full(self, topic: Topic, now: int) -> bytes:
        """Everything there is on topic at its present sequence; made once, however many ask."""
        if topic.full is None or topic.full[0] != topic.sequence:
            topic.full = (topic.sequence, self._frame("full", topic, self._on(topic), NONE, now))
        return topic.full[1]

    def _flush_cells(
        self, size: int, slots: Slots, gone: list[tuple[Ints, dict[int, cells.Codes]]], now: int
    ) -> None:
        before = self._reach(size)[slots]
        after = self._codes(slots, size)
        self._cells[size][slots] = after
        left = (before != after) & (before != cells.NOWHERE)
        were = [codes[size] for _, codes in gone if size in codes]
        leaving = np.concatenate([before[left], *were])
        numbers = [numbers for numbers, codes in gone if size in codes]
        leavers = np.concatenate([self.things.number[slots[left]], *numbers])
        topics = self._topics[size]
        there = _by_cell(after, slots, topics)
        away = _by_cell(leaving, leavers, topics)
        for code in there.keys() | away.keys():
            self._say(topics[code], there.get(code, _NO_SLOTS), away.get(code, NONE), now)

    def _say(self, topic: Topic, slots: Slots, gone: Ints, now: int) -> None:
        sequence = topic.sequence + 1
        topic.say(sequence, self._frame("change", topic, slots, gone, now, sequence))

    def _frame(
        self, what: str, topic: Topic, slots: Slots, gone: Ints, now: int, sequence: int = -1
    ) -> bytes:
        head = {
            "t": what,
            "topic": topic.number,
            "seq": topic.sequence if sequence < 0 else sequence,
            "time": now,
            "rows": len(slots),
            "gone": len(gone),
        }
        return frame(head, self._body(slots, gone, now).tobytes())

    def _body(self, slots: Slots, gone: Ints, now: int) -> NDArray[np.float32]:
        """The columns of LAYOUT one after the other, then the numbers of what is gone."""
        things, rows = self.things, len(slots)
        width = len(LAYOUT)
        body = np.empty(width * rows + len(gone), dtype="<f4")
        numbers = body.view("<i4")
        numbers[:rows] = things.number[slots]
        body[rows : 2 * rows] = things.columns[X][slots]
        body[2 * rows : 3 * rows] = things.columns[Y][slots]
        age = np.maximum(now - things.time[slots], 0)
        body[3 * rows : 4 * rows] = age / np.float32(1000)
        for place, column in enumerate(things.columns[HEADING:], start=4):
            body[place * rows : (place + 1) * rows] = column[slots]
        body[6 * rows : 7 * rows] = things.state[things.number[slots]]
        numbers[width * rows :] = gone
        return body

    def _on(self, topic: Topic) -> Slots:
        cell = topic.name.cell
        known = self.things.known[: self.things.used]
        if cell is None:
            return np.flatnonzero(known)
        here = self._reach(cell.size)[: self.things.used] == cells.code(cell.column, cell.row)
        return np.flatnonzero(known & here)

    def _codes(self, slots: Slots | slice, size: int) -> cells.Codes:
        columns = self.things.columns
        found = cells.codes(columns[X][slots], columns[Y][slots], size)
        if isinstance(slots, slice):
            found[~self.things.known[slots]] = cells.NOWHERE
        return found

    def _reach(self, size: int) -> cells.Codes:
        """The cell of each slot as it was last said, with room for slots that are new since."""
        codes = self._cells[size]
        missing = self.things.used - len(codes)
        if missing > 0:
            room = max(missing, len(codes))
            codes = np.concatenate([codes, np.full(room, cells.NOWHERE, dtype=np.int64)])
            self._cells[size] = codes
        return codes


_NO_SLOTS: Slots = np.empty(0, dtype=np.intp)


def _by_cell(
    codes: cells.Codes, values: NDArray[Any], wanted: Container[int]
) -> dict[int, NDArray[Any]]:
    """The values of each of the wanted cells."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    begins, ends = cells.groups(ordered)
    return {
        int(ordered[begin]): values[order[begin:end]]
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
        if ordered[begin] in wanted
    }
