"""What one screen has still to be sent: the newest state of each topic, and every record.

Nothing here grows with the slowness of the reader: of a topic whose frames pile up only the wish for a
full frame stays, which is made when there is room for it. Records wait their turn; a reader that lets
too many of them wait is overrun and must come back for a snapshot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from madang.ground.live.topic import Topic

MOST_WAITING = 4  # frames of a topic that wait before they are given up for a full one
MOST_RECORDS = 2_000
MOST_RECORD_BYTES = 4_000_000


class _Reading:
    """How far one screen is with one topic."""

    __slots__ = ("behind", "topic", "waiting")

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.behind = False
        self.waiting: deque[bytes] = deque()


class Outbox:
    """Frames for one screen. full makes a topic's full frame, wake says that there is something to send.

    shed counts the frames that a slow reader was spared, overrun says that records had to be given up.
    """

    def __init__(self, full: Callable[[Topic], bytes], wake: Callable[[], None]) -> None:
        self.shed = 0
        self.overrun = False
        self._full = full
        self._wake = wake
        self._readings: dict[Topic, _Reading] = {}
        self._due: dict[_Reading, None] = {}
        self._words: deque[bytes] = deque()
        self._records = 0
        self._record_bytes = 0

    def __contains__(self, topic: Topic) -> bool:
        return topic in self._readings

    def __len__(self) -> int:
        return len(self._readings)

    @property
    def topics(self) -> list[Topic]:
        return list(self._readings)

    def word(self, frame: bytes) -> None:
        """A frame of the connection itself, before everything else."""
        self._words.append(frame)
        self._wake()

    def follow(self, topic: Topic, missed: list[bytes] | None) -> None:
        """Begin with what was missed since the last connection; None: with everything there is."""
        reading = self._readings[topic] = _Reading(topic)
        reading.behind = missed is None
        for frame in missed or ():
            self._append(reading, frame)
        if reading.behind or reading.waiting:
            self._due[reading] = None
            self._wake()

    def leave(self, topic: Topic) -> None:
        """Send nothing more of topic, not even what waits."""
        reading = self._readings.pop(topic, None)
        if reading is not None:
            self._due.pop(reading, None)
            self._clear(reading)

    def offer(self, topic: Topic, frame: bytes) -> None:
        """A new frame of topic."""
        reading = self._readings[topic]
        if reading.behind:
            self.shed += 1
            return
        self._append(reading, frame)
        if not topic.lasting and len(reading.waiting) > MOST_WAITING:
            self.shed += len(reading.waiting)
            self._clear(reading)
            reading.behind = True
        self._due[reading] = None
        self._wake()

    def take(self, most: int) -> list[bytes]:
        """What to send next: about most bytes, at least one frame if there is any."""
        taken: list[bytes] = []
        size = 0
        while self._words:
            taken.append(self._words.popleft())
            size += len(taken[-1])
        while self._due and size < most:
            taken.append(self._next())
            size += len(taken[-1])
        return taken

    def _next(self) -> bytes:
        """A frame of the topic whose turn it is; a topic with more to say comes again after the others."""
        reading = self._turn()
        del self._due[reading]
        if reading.behind:
            reading.behind = False
            return self._full(reading.topic)
        frame = reading.waiting.popleft()
        if reading.topic.lasting:
            self._records -= 1
            self._record_bytes -= len(frame)
        if reading.waiting:
            self._due[reading] = None
        return frame

    def _turn(self) -> _Reading:
        if self._records:
            for reading in self._due:
                if reading.topic.lasting:
                    return reading
        return next(iter(self._due))

    def _append(self, reading: _Reading, frame: bytes) -> None:
        reading.waiting.append(frame)
        if reading.topic.lasting:
            self._records += 1
            self._record_bytes += len(frame)
            if self._records > MOST_RECORDS or self._record_bytes > MOST_RECORD_BYTES:
                self.overrun = True

    def _clear(self, reading: _Reading) -> None:
        if reading.topic.lasting:
            self._records -= len(reading.waiting)
            self._record_bytes -= sum(map(len, reading.waiting))
        reading.waiting.clear()
