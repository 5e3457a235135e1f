"""The thread that closes files for good, writes them into the index and makes room for newer ones."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from django.conf import settings
from django.db import close_old_connections

from madang.systems.cameras.domain import footage
from madang.systems.cameras.recording import store
from madang.systems.cameras.recording.salvage import left_behind
from madang.systems.cameras.recording.track import Closed

WAIT = 1.0
LOOK = 10.0  # seconds between two looks at the room that is left
SALVAGE = 60.0
RECOUNT = 300.0
MARGIN = 0.02  # of the limit that is freed beyond it, so that it is not done for every file

log = structlog.get_logger(__name__)


class Keeper:
    """hand_over() it closed files from any thread; has_room says whether a new one may be begun."""

    def __init__(self) -> None:
        self._closed: queue.Queue[Closed] = queue.Queue()
        self._pending: list[Closed] = []  # kept, not in the index yet
        self._ending = threading.Event()
        self._room = True
        self._used, self._count_again = 0, 0.0
        self._thread = threading.Thread(target=self._run, name="footage", daemon=True)
        self._due = {self._look_at_room: 0.0, self._salvage: 0.0}

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Keep and index what was handed over, then end."""
        self._ending.set()
        self._thread.join(seconds)

    def hand_over(self, closed: Closed) -> None:
        self._closed.put(closed)

    def has_room(self) -> bool:
        return self._room

    def _run(self) -> None:
        while not self._ending.is_set():
            self._turn()
        self._turn()

    def _turn(self) -> None:
        self._keep_all(self._taken())
        for duty, at in list(self._due.items()):
            if time.monotonic() >= at:
                self._try(duty)
        close_old_connections()

    def _taken(self) -> list[Closed]:
        found: list[Closed] = []
        try:
            found.append(self._closed.get(timeout=WAIT if not self._ending.is_set() else 0.01))
            while True:
                found.append(self._closed.get_nowait())
        except queue.Empty:
            return found

    def _keep_all(self, closed: list[Closed]) -> None:
        for one in closed:
            try:
                store.keep(one)
            except OSError as error:
                log.warning("cameras.footage_not_kept", file=str(one.draft), why=str(error))
            else:
                self._pending.append(one)
        if self._pending:
            self._try(self._index)

    def _index(self) -> None:
        self._used += footage.index(self._pending)
        for one in self._pending:
            store.settle(one)
        self._pending = []

    def _try(self, duty: Callable[[], None]) -> None:
        """Do it; what the database or the disk refuse is tried again later."""
        every = {self._look_at_room: LOOK, self._salvage: SALVAGE}
        try:
            duty()
        except Exception as error:
            log.warning(
                "cameras.footage", duty=duty.__name__, why=f"{type(error).__name__}: {error}"
            )
        if duty in every:
            self._due[duty] = time.monotonic() + every[duty]

    def _look_at_room(self) -> None:
        if settings.FOOTAGE_MOST and time.monotonic() >= self._count_again:
            self._used, self._count_again = footage.used(), time.monotonic() + RECOUNT
        missing = lacking(self._used)
        if missing > 0:
            gone = footage.make_room(missing)
            self._used -= gone
            log.warning("cameras.footage_dropped", bytes=gone, wanted=missing)
            missing = lacking(self._used)
        if self._room != (missing <= 0):
            self._room = missing <= 0
            log.warning("cameras.footage_room", room=self._room)

    def _salvage(self) -> None:
        """Take over what a killed process left: drafts, and files that it kept and did not index."""
        saved, dropped = 0, 0
        pending = {one.draft for one in self._pending}
        for found in left_behind(store.folder()):
            if isinstance(found, Path):
                dropped += 1
            elif found.draft in pending:
                found.file.close()
            else:
                saved += 1
                self._keep_all([found])
        if saved or dropped:
            log.warning("cameras.footage_salvaged", saved=saved, dropped=dropped)
        footage.finish_destroying()


def lacking(used: int) -> int:
    """Bytes that must go before anything new may be recorded; 0 or less where there is room.

    A full disk must keep free what the platform itself needs, beside the limit for footage.
    """
    most, least_free = settings.FOOTAGE_MOST, settings.FOOTAGE_LEAST_FREE
    missing = max(least_free - store.free(), used - most if most else 0)
    return missing + round(MARGIN * (most or least_free)) if missing > 0 else missing
