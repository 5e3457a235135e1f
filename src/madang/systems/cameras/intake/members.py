"""Which intake process pulls which camera: by the names of those that are there, without a list.

Each says every second that it is there; a camera belongs to the one for which its name and the camera's
give the highest number (rendezvous hashing), so that one that goes moves only its own cameras.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from uuid import UUID

BEAT = 1.0  # seconds between two words of a member
GONE_AFTER = 2.5  # seconds without one


class Members:
    """The intake processes as one of them knows them."""

    def __init__(self, me: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._me = me
        self._clock = clock
        self._heard: dict[str, float] = {}

    def hear(self, name: str, leaving: bool) -> None:
        if leaving:
            self._heard.pop(name, None)
        else:
            self._heard[name] = self._clock()

    def mine(self, camera: UUID) -> bool:
        """Whether this process pulls the camera now."""
        late = self._clock() - GONE_AFTER
        self._heard = {name: at for name, at in self._heard.items() if at >= late}
        names = {*self._heard, self._me}
        return max(names, key=lambda name: _weight(name, camera)) == self._me


def _weight(name: str, camera: UUID) -> bytes:
    return hashlib.blake2b(name.encode() + camera.bytes, digest_size=8).digest()
