"""What the demo's recorder holds: the street as the camera saw it then, drawn when somebody plays it back.

Nothing is stored; whoever moved there is not known any more, so its streets are empty of them.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from madang.demo.eyes.encoding import Coded, Coder, Draw
from madang.demo.eyes.onvif_recordings import HELD
from madang.demo.eyes.onvif_stations import Rests, rests_between
from madang.demo.eyes.rtsp import Hear

FPS = 10
LONGEST = 60.0  # seconds of one PLAY
CLOCK = re.compile(r"clock=(\d{8}T\d{6}(?:\.\d+)?Z)-(\d{8}T\d{6}(?:\.\d+)?Z)?")

log = structlog.get_logger(__name__)


class Replayed:
    """One client's replay of one camera. draw makes its picture of a moment."""

    def __init__(
        self,
        open_: Callable[[], Draw],
        size: tuple[int, int],
        clock: Callable[[], float] = time.time,
        rests: Rests | None = None,
    ) -> None:
        self._open, self._size, self._clock, self._rests = open_, size, clock, rests
        self._loop = asyncio.get_running_loop()
        self.began = self._ends = 0.0
        self._left = threading.Event()

    def begin(self, wanted: str) -> bool:
        """Take the span of a PLAY; whether it is one that is held."""
        found = CLOCK.search(wanted)
        if found is None:
            return False
        now = self._clock()
        self.began = max(_unix(found[1]), now - HELD)
        self._ends = min(_unix(found[2]) if found[2] else now, self.began + LONGEST, now)
        return self.began < self._ends

    def join(self, hear: Hear) -> None:
        threading.Thread(target=self._run, args=(hear,), name="replay", daemon=True).start()

    def leave(self, hear: Hear) -> None:
        self._left.set()

    def _run(self, hear: Hear) -> None:
        try:
            for picture, stamp, key in self._coded():
                if self._left.is_set():
                    return
                self._loop.call_soon_threadsafe(hear, picture, stamp, key)
        except RuntimeError:  # the loop has ended
            return
        except Exception:
            log.exception("demo.replay_failed")

    def _coded(self) -> Coded:
        draw, coder = self._open(), Coder(*self._size, fps=FPS)
        # One picture beyond the end: whoever asked knows by it that the span is whole.
        rests = rests_between(self._rests, self.began, self._ends + 1)
        for number in range(int((self._ends - self.began) * FPS) + 2):
            at = self.began + number / FPS
            if not any(gone <= at < back for gone, back in rests):
                yield from coder.encode(draw(at), number)


def _unix(text: str) -> float:
    shape = "%Y%m%dT%H%M%S.%fZ" if "." in text else "%Y%m%dT%H%M%SZ"
    return datetime.strptime(text, shape).replace(tzinfo=UTC).timestamp()
