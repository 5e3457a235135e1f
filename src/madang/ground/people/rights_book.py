"""Camera rights kept in memory, and forgotten the moment the database says that they changed.

PostgreSQL rings `rights_changed` with the account when a transaction that touches its rights is
committed, whoever made it. A process that cannot hear the bell, or is not sure that it can, reads the
database at every question: slower, never more than allowed.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from madang.ground.people.camera_rights import CameraFacts, CameraRights, read_camera_rights

BELL = "rights_changed"
PULSE = 1.0  # seconds between two signs of life of the connection
DEAF_AFTER = 3.0  # seconds without one
AGAIN = 0.5  # seconds before a lost connection is tried again

Read = Callable[[UUID], CameraRights]


class RightsBook:
    """One for a process; start() it, ask by(), stop() it. Safe to ask from many threads."""

    def __init__(self, words: dict[str, Any], read: Read = read_camera_rights) -> None:
        """words: how psycopg reaches the database."""
        self._words = words
        self._read = read
        self._known: dict[UUID, CameraRights] = {}
        self._rung = 0  # counts bells, so that what was read before one is not kept after it
        self._pulse = -DEAF_AFTER
        self._stop = threading.Event()
        self._ear = threading.Thread(target=self._listen, name="rights-book", daemon=True)

    def start(self) -> None:
        self._ear.start()

    def stop(self) -> None:
        self._stop.set()
        self._ear.join(PULSE + 5)

    @property
    def hears(self) -> bool:
        return time.monotonic() - self._pulse < DEAF_AFTER

    def by(
        self, account: UUID, camera: CameraFacts, act: str, now: datetime | None = None
    ) -> str | None:
        """The right by which account may do act on camera now, or None."""
        rights = self._known.get(account) if self.hears else None
        if rights is None:
            rights = self._fresh(account)
        return rights.by(camera, act, now or datetime.now(UTC))

    def _fresh(self, account: UUID) -> CameraRights:
        rung = self._rung
        rights = self._read(account)
        if self.hears and rung == self._rung:
            self._known[account] = rights
            if rung != self._rung:  # the bell rang in between
                self._known.pop(account, None)
        return rights

    def _listen(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(psycopg.Error):
                self._listen_once()
            self._forget_all()
            self._stop.wait(AGAIN)

    def _listen_once(self) -> None:
        with psycopg.connect(**self._words, autocommit=True, connect_timeout=3) as connection:
            connection.execute(f"LISTEN {BELL}")
            connection.execute("SET statement_timeout = 2000")
            self._forget_all()
            while not self._stop.is_set():
                connection.execute("SELECT 1")
                self._pulse = time.monotonic()
                for bell in connection.notifies(timeout=PULSE):
                    self._ring(bell.payload)

    def _ring(self, account: str) -> None:
        self._rung += 1
        self._known.pop(UUID(account), None)

    def _forget_all(self) -> None:
        self._rung += 1
        self._pulse = -DEAF_AFTER
        self._known.clear()
