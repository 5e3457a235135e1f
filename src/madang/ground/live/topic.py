"""One topic in one web process: who follows it, and the frames it last said."""

from __future__ import annotations

import time
from collections import deque
from typing import Protocol

from madang.ground.live.topics import TopicName

KEPT_SECONDS = 15.0  # so long a screen may be away and still take up where it was
KEPT_BYTES = 2_000_000


class Follower(Protocol):
    """Whoever follows topics: a session."""

    def offer(self, topic: Topic, frame: bytes) -> None:
        """A new frame of the topic; must not block."""


class Topic:
    """The frames of one topic, numbered from 1 without a gap.

    lasting: its frames are facts of which none may be missed; else only the newest state counts.
    """

    __slots__ = (
        "_bytes",
        "_kept",
        "emptied",
        "followers",
        "full",
        "lasting",
        "name",
        "number",
        "sequence",
    )

    def __init__(self, name: TopicName, number: int, lasting: bool = False) -> None:
        self.name = name
        self.number = number
        self.lasting = lasting
        self.sequence = 0
        self.followers: dict[Follower, None] = {}
        self.emptied: float | None = None
        self.full: tuple[int, bytes] | None = None
        self._kept: deque[tuple[int, float, bytes]] = deque()
        self._bytes = 0

    def say(self, sequence: int, frame: bytes) -> None:
        """Keep the frame for those who come back, and offer it to every follower."""
        self.sequence = sequence
        self._keep(sequence, frame)
        for follower in self.followers:
            follower.offer(self, frame)

    def since(self, sequence: int) -> list[bytes] | None:
        """The frames after that one; None when one of them is no longer here."""
        if sequence == self.sequence:
            return []
        if sequence > self.sequence or not self._kept or self._kept[0][0] > sequence + 1:
            return None
        return [frame for number, _, frame in self._kept if number > sequence]

    def _keep(self, sequence: int, frame: bytes) -> None:
        now = time.monotonic()
        self._kept.append((sequence, now, frame))
        self._bytes += len(frame)
        while self._kept and (self._bytes > KEPT_BYTES or now - self._kept[0][1] > KEPT_SECONDS):
            self._bytes -= len(self._kept.popleft()[2])
