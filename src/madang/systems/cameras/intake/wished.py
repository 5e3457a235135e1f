"""Which streams somebody looks at, by what the web processes say each second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from uuid import UUID

from madang.systems.cameras.messages import Wish, Wishes

HELD_FOR = 6.0  # seconds a stream is kept after it was last wished for: words may be late or lost
LEFT_FOR = (
    2.0  # … after its last viewer of a web process went; another's says within one that it is there
)

Stream = tuple[UUID, str]


class Wished:
    """hear() what is said; the streams in it are to be pulled."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[Stream, float] = {}

    def __contains__(self, stream: Stream) -> bool:
        return stream in self._until

    def __iter__(self) -> Iterator[Stream]:
        return iter(self._until)

    def hear(self, said: Wishes) -> list[Stream]:
        """Those that are wished for."""
        now = self._clock()
        for stream in _streams(said.left):
            if stream in self._until:
                self._until[stream] = min(self._until[stream], now + LEFT_FOR)
        wished = _streams(said.wishes)
        self._until.update(dict.fromkeys(wished, now + HELD_FOR))
        return wished

    def forget(self) -> None:
        """Drop those that nobody wished for in time."""
        now = self._clock()
        self._until = {stream: until for stream, until in self._until.items() if until >= now}


def _streams(wishes: list[Wish]) -> list[Stream]:
    return [(wish.camera, wish.which) for wish in wishes]
