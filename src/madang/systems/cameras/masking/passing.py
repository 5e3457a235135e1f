"""The pictures of one stream as they come, painted over before they leave this process.

They leave as H.264, and beyond so many streams at once as a JPEG a second.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import av
import av.error
from django.conf import settings

from madang.systems.cameras.domain.heads import Gaze, Untold
from madang.systems.cameras.domain.masks import Veil
from madang.systems.cameras.intake.fragments import TIMESCALE, Clock
from madang.systems.cameras.intake.stills import Stills
from madang.systems.cameras.masking.coding import FPS, Coder, can_encode
from madang.systems.cameras.masking.painting import Brushes
from madang.systems.cameras.messages import STILL_MIME, Piece

PATIENCE = 1.0  # seconds that a picture waits for a word of where the head stood
LEAST_STEP = TIMESCALE // (FPS + 2)  # pictures that come faster are left out


class Slots:
    """How many streams this process encodes at once. most: how many it may."""

    def __init__(self, most: Callable[[], int]) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._taken = 0

    def take(self) -> bool:
        with self._lock:
            free = self._taken < self._most() and can_encode()
            self._taken += free
            return free

    def give_back(self) -> None:
        with self._lock:
            self._taken -= 1


SLOTS = Slots(lambda: int(settings.MASKED_STREAMS))


class Passing:
    """One stream's pictures through its veil; close() it. still: a JPEG a second, whatever is free.

    gaze: where the head of a camera that turns stands; pictures wait until it was looked at after they came.
    """

    def __init__(
        self,
        stream: Any,
        veil: Veil,
        source: int,
        *,
        still: bool,
        slots: Slots,
        gaze: Gaze | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        context = stream.codec_context
        self._decoder: Any = av.CodecContext.create(context.name, "r")
        self._decoder.extradata = context.extradata
        self._decoder.thread_count = 1
        self._brushes = Brushes(veil, context.width, context.height)
        self._brush = self._brushes.of(None)
        self._stills = Stills(stream, paint=lambda frame: self._brush.paint(frame))
        self._gaze, self._now = gaze if veil.views else None, clock
        self._waiting: deque[tuple[float, Any]] = deque()
        self._source, self._still, self._slots = source, still, slots
        self._coder: Coder | None = None
        self._clock = Clock()
        self._shown: int | None = None

    def take(self, packet: Any) -> Iterator[Piece]:
        """What leaves now that one more packet of the camera has come."""
        self._waiting.append((self._now(), packet))
        while self._waiting:
            came, first = self._waiting[0]
            at = self._gaze.at(came) if self._gaze else None
            if isinstance(at, Untold):
                if self._now() - came < PATIENCE:
                    return
                at = None
            self._waiting.popleft()
            self._brush = self._brushes.of(at)
            yield from self._passed(first)

    def _passed(self, packet: Any) -> Iterator[Piece]:
        key = packet.is_keyframe
        if self._coder is None and key and not self._still and self._slots.take():
            self._coder = Coder(self._brush.width, self._brush.height)
        if self._coder is not None:
            yield from self._coded(self._coder, packet)
        elif picture := self._stills.take(bytes(packet), key):
            yield Piece(self._source, True, STILL_MIME, b"", picture)

    def close(self) -> None:
        if self._coder is not None:
            self._coder.close()
            self._coder = None
            self._slots.give_back()

    def _coded(self, coder: Coder, packet: Any) -> Iterator[Piece]:
        for frame in self._decoded(packet):
            stamp = None if frame.pts is None else round(frame.pts * frame.time_base * TIMESCALE)
            if self._too_soon(stamp):
                continue
            shown = self._clock.next(stamp)
            data, key = coder.encode(self._brush.paint(frame), shown, self._clock.length)
            if key:
                yield Piece(self._source, True, coder.mime, coder.init, data)
            else:
                yield Piece(self._source, data=data)

    def _decoded(self, packet: Any) -> list[Any]:
        try:
            return list(self._decoder.decode(packet))
        except av.error.InvalidDataError:  # a broken packet: what comes after it may be whole
            return []

    def _too_soon(self, stamp: int | None) -> bool:
        before = self._shown
        if stamp is not None and before is not None and 0 < stamp - before < LEAST_STEP:
            return True
        self._shown = stamp
        return False
