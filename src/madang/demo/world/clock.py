"""The world's clock: it may begin in the past and run fast until it has caught up with the present."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import time as wall_time


@dataclass
class WorldClock:
    """begins: Unix seconds at which the world begins; rate: world seconds a second, until the present.

    Devices give the world's time as theirs, so that it never runs ahead of the city's clock.
    """

    begins: float
    rate: float = 1.0
    wall: Callable[[], float] = wall_time
    _started: float = field(init=False)

    def __post_init__(self) -> None:
        if self.rate < 1:
            raise ValueError(
                f"The world's clock runs at least as fast as time does, not at {self.rate}."
            )
        self._started = self.wall()
        self.begins = min(self.begins, self._started)

    def now(self) -> float:
        """The world's time in Unix seconds."""
        wall = self.wall()
        return min(self.begins + (wall - self._started) * self.rate, wall)

    def has_caught_up(self) -> bool:
        return self.now() >= self.wall()
