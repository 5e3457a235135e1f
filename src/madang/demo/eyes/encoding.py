"""A camera's encoder: it draws and encodes in a thread of its own, only while somebody hears it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import structlog

from madang.demo.eyes.rtsp import Hear

FPS = 15
TIMESCALE = 90_000
LINGER = 0.5  # seconds that an encoder goes on for whoever comes back

log = structlog.get_logger(__name__)
Draw = Callable[[float], Any]  # Unix seconds → an RGB picture of Pillow, of the stream's size
Coded = Iterator[tuple[bytes, int, bool]]


class Encoder:
    """One stream of one camera. coded makes its pictures for ever, at their pace."""

    def __init__(self, coded: Callable[[Encoder], Coded]) -> None:
        self._coded = coded
        self._loop = asyncio.get_running_loop()
        self._hearers: set[Hear] = set()
        self._thread: threading.Thread | None = None
        self._empty_since = 0.0
        self.fresh = threading.Event()  # somebody came: the next picture is a key frame

    def join(self, hear: Hear) -> None:
        self._hearers.add(hear)
        self.fresh.set()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
            self._thread.start()

    def leave(self, hear: Hear) -> None:
        self._hearers.discard(hear)
        self._empty_since = time.monotonic()

    @property
    def busy(self) -> bool:
        """Whether it draws: for hearers, or a while longer."""
        return bool(self._hearers) or time.monotonic() - self._empty_since < LINGER

    def _run(self) -> None:
        try:
            for picture, stamp, key in self._coded(self):
                if not self.busy:
                    return
                self._loop.call_soon_threadsafe(self._tell, picture, stamp, key)
        except RuntimeError:  # the loop has ended
            return
        except Exception:
            log.exception("demo.camera_failed")

    def _tell(self, picture: bytes, stamp: int, key: bool) -> None:
        for hear in tuple(self._hearers):
            hear(picture, stamp, key)


class Coder:
    """Pictures into H.264, each the moment it is drawn."""

    def __init__(self, width: int, height: int, fps: int = FPS) -> None:
        import av

        self._fps = fps
        self._codec: Any = av.CodecContext.create("libx264", "w")
        self._codec.width, self._codec.height, self._codec.pix_fmt = width, height, "yuv420p"
        self._codec.time_base, self._codec.framerate = Fraction(1, TIMESCALE), Fraction(fps)
        self._codec.gop_size, self._codec.thread_count = fps, 1
        self._codec.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "26"}

    def encode(self, picture: Any, number: int, *, key: bool = False) -> Coded:
        """The picture of that number; key: whoever comes now begins with it."""
        import av

        image: Any = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
        # By default threads are begun for each picture, which cost more than changing its colours does.
        frame = image.reformat(format="yuv420p", threads=1)
        frame.pts, frame.time_base = number * TIMESCALE // self._fps, self._codec.time_base
        if key:
            frame.pict_type = av.video.frame.PictureType.I
        for packet in self._codec.encode(frame):
            yield bytes(packet), int(packet.pts), packet.is_keyframe


def drawn(draw: Draw, width: int, height: int) -> Callable[[Encoder], Coded]:
    """Pictures of draw, encoded as H.264 at FPS."""

    def make(encoder: Encoder) -> Coded:
        coder = Coder(width, height)
        began, number = time.monotonic(), 0
        while True:
            picture, fresh = draw(time.time()), encoder.fresh.is_set()
            if fresh:
                encoder.fresh.clear()
            yield from coder.encode(picture, number, key=fresh)
            number += 1
            # Where a picture ends, RTP's readers know when the next begins: whoever came has that at once.
            if not fresh:
                time.sleep(max(0.0, began + number / FPS - time.monotonic()))

    return make


def looped(clip: Path) -> Callable[[Encoder], Coded]:
    """The pictures of an H.264 file again and again, at their own pace, not encoded anew."""

    def make(encoder: Encoder) -> Coded:
        import av

        began, offset, last = time.monotonic(), 0, 0
        while True:
            with av.open(str(clip)) as file:
                stream = file.streams.video[0]
                bits = av.BitStreamFilterContext("h264_mp4toannexb", stream)
                for packet in _annex_b(file.demux(stream), bits):
                    stamp = offset + round(float(packet.dts * packet.time_base) * TIMESCALE)
                    time.sleep(max(0.0, began + stamp / TIMESCALE - time.monotonic()))
                    last = stamp
                    yield bytes(packet), stamp, packet.is_keyframe
                    if not encoder.busy:
                        return
            offset = last + TIMESCALE // FPS

    return make


def _annex_b(packets: Any, bits: Any) -> Iterator[Any]:
    for packet in packets:
        if packet.dts is not None:
            yield from bits.filter(packet)
