"""How several gates share the lanes: each says that it is here, and all come to the same division."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from nats.aio.client import Client

HERE = "gate.here"
BEAT = 0.5  # seconds between two words of a gate
GONE_AFTER = 2.5  # seconds of silence


class Sharing:
    """Which gates are here, as this one hears it."""

    def __init__(
        self, connection: Client, name: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.connection = connection
        self.name = name
        self._clock = clock
        self._heard: dict[str, float] = {}

    async def listen(self) -> None:
        async def hear(raw: object) -> None:
            data: bytes = raw.data  # type: ignore[attr-defined]
            self._heard[data.decode()] = self._clock()

        await self.connection.subscribe(HERE, cb=hear)

    async def say_here(self) -> None:
        self._heard[self.name] = self._clock()
        await self.connection.publish(HERE, self.name.encode())

    def is_here(self, name: str) -> bool:
        return self._clock() - self._heard.get(name, float("-inf")) < GONE_AFTER

    def here(self) -> list[str]:
        """The names of the gates that are here, in one order for all."""
        return sorted({self.name, *filter(self.is_here, self._heard)})

    def owner_of(self, thing: str) -> str:
        """Which gate has thing to do; when one comes or goes, only its own share moves."""
        return max(
            self.here(), key=lambda name: hashlib.sha256(f"{name} {thing}".encode()).digest()
        )
