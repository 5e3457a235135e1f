"""Devices that say too much: what is over their kind's limit in a minute is set aside unread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MINUTE_MS = 60_000
FLOOD = 3  # so many times its limit within one minute, and the device is cut off for a while


class Floods:
    """Counts messages a minute, by the device's number."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: dict[int, int] = {}
        self._flooding: set[int] = set()

    def begin(self, now: int) -> None:
        """A round begins at now (ms); a new minute begins with nothing said."""
        if (minute := now // MINUTE_MS) != self._minute:
            self._minute = minute
            self._counts = {}

    def too_many(self, number: int, most: NDArray[np.int64]) -> bool:
        """Count one message of the device; whether it is one too many in this minute."""
        count = self._counts[number] = self._counts.get(number, 0) + 1
        limit = int(most[number])
        if count == limit * FLOOD:
            self._flooding.add(number)
        return count > limit

    def take_flooding(self) -> set[int]:
        """The devices found flooding since this was last asked."""
        found, self._flooding = self._flooding, set()
        return found
