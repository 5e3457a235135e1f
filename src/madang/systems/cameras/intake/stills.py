"""One picture a second of a stream, as JPEG: for walls of more tiles than a browser can play.

Only key frames are decoded, and only as many as the process has time for: what the budget has no room
for is left out, and the tile keeps the picture before.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import Any

import av

EVERY = 0.8  # seconds between two pictures of a stream, at least; key frames come once a second or later
WIDTH, QUALITY = 480, 62
SHARE = 0.35  # of a core that all streams of a process may take together


class Budget:
    """A bucket of processor time that fills with SHARE seconds a second."""

    def __init__(self, share: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._share, self._clock = share, clock
        self._lock = threading.Lock()
        self._left, self._at = share, clock()

    def has(self) -> bool:
        """Whether there is time for one more picture."""
        with self._lock:
            now = self._clock()
            self._left = min(self._share, self._left + (now - self._at) * self._share)
            self._at = now
            return self._left > 0

    def spend(self, seconds: float) -> None:
        with self._lock:
            self._left -= seconds


BUDGET = Budget(SHARE)


class Stills:
    """The pictures of one stream, as it was when it was connected. paint: done to each before it is one."""

    def __init__(
        self, stream: Any, budget: Budget = BUDGET, paint: Callable[[Any], Any] | None = None
    ) -> None:
        self._codec: Any = av.CodecContext.create(stream.codec_context.name, "r")
        self._codec.extradata = stream.codec_context.extradata
        self._codec.thread_count = 1
        self._budget, self._paint = budget, paint
        self._last = 0.0

    def take(self, data: bytes, key: bool) -> bytes:
        """The JPEG of a packet; b"" where it begins no picture, or too soon, or there is no time."""
        now = time.monotonic()
        if not key or now - self._last < EVERY or not self._budget.has():
            return b""
        self._last = now
        began = time.thread_time()
        try:
            return self._jpeg(data)
        finally:
            self._budget.spend(time.thread_time() - began)

    def _jpeg(self, data: bytes) -> bytes:
        frames = [*self._codec.decode(av.Packet(data)), *self._codec.decode(None)]
        self._codec.flush_buffers()
        if not frames:
            return b""
        frame = self._paint(frames[-1]) if self._paint else frames[-1]
        width = min(WIDTH, frame.width)
        height = max(2, round(frame.height * width / frame.width))
        sink = io.BytesIO()
        # One thread: by default some are begun for each picture.
        image = frame.reformat(width=width, height=height, threads=1).to_image(threads=1)
        image.save(sink, "JPEG", quality=QUALITY)
        return sink.getvalue()
