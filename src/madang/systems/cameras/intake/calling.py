"""When a lost camera is called again: later each time, by chance, and never too many at once."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY = 10.0  # seconds of packets after which a connection counts as good again
RATE, BURST = 50.0, 25.0  # calls a second that a process makes to lost cameras, and at once


class Backoff:
    """The pauses of one camera."""

    def __init__(self, chance: Callable[[float, float], float] = random.uniform) -> None:
        self._pause, self._chance = FIRST_PAUSE, chance

    def after(self, lasted: float) -> float:
        """Seconds until the next call, when the connection before lasted so long."""
        if lasted > STEADY:
            self._pause = FIRST_PAUSE
        # By chance, so that cameras lost together do not come back together.
        pause = self._pause * self._chance(0.5, 1.5)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return pause


class Turns:
    """A process's calls to lost cameras, one after the other: a thousand of them would take the processor
    from those that are there."""

    def __init__(
        self,
        rate: float = RATE,
        burst: float = BURST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._each, self._ahead, self._clock = 1 / rate, burst / rate, clock
        self._lock = threading.Lock()
        self._next = 0.0

    def take(self) -> float:
        """Seconds until one's turn, which is one's own from then on."""
        with self._lock:
            now = self._clock()
            self._next = max(self._next, now - self._ahead) + self._each
            return max(0.0, self._next - now)


TURNS = Turns()
