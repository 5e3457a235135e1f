"""Painted pictures into H.264, each a fragment of MP4 at once."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av
import av.error

from madang.systems.cameras.intake.fragments import (
    TIMESCALE,
    codec_words,
    fragment,
    split,
)

LIBRARY = "libx264"
FPS = 15
OPTIONS = {"preset": "ultrafast", "tune": "zerolatency", "crf": "27"}
MOST = 700  # kbit/s of a stream


def can_encode() -> bool:
    """Whether this PyAV has an encoder for H.264: without one there are only stills."""
    return LIBRARY in av.codecs_available


class Coder:
    """An encoder of pictures of one size; close() it. most: kbit/s."""

    def __init__(self, width: int, height: int, most: int = MOST) -> None:
        sink = io.BytesIO()
        words = {"movflags": "empty_moov+default_base_moof+frag_custom"}
        # The file is begun for its initialisation segment only; fragments are written here.
        self._file = av.open(sink, "w", format="mp4", options=words)
        limits = {"maxrate": f"{most}k", "bufsize": f"{most}k"}
        stream: Any = self._file.add_stream(LIBRARY, rate=FPS, options={**OPTIONS, **limits})
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, TIMESCALE)
        codec = stream.codec_context
        codec.time_base, codec.gop_size, codec.thread_count = Fraction(1, TIMESCALE), FPS, 1
        self._stream = stream
        self._file.start_encoding()
        self.init = sink.getvalue()
        self.mime = f'video/mp4; codecs="{codec_words(self.init)}"'
        self._number = 0

    def encode(self, frame: Any, time: int, length: int) -> tuple[bytes, bool]:
        """The fragment of a picture shown from time for length (TIMESCALE); whether it is a key frame."""
        frame.pts, frame.time_base = time, Fraction(1, TIMESCALE)
        (packet,) = self._stream.encode(frame)
        _sets, body = split("h264", memoryview(packet))
        self._number += 1
        is_key = bool(packet.is_keyframe)
        return fragment(self._number, time, length, body, key=is_key, offset=0), is_key

    def close(self) -> None:
        self._file.close()
