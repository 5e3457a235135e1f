"""Key frames of recordings as small pictures: made when somebody asks, held for a while, never kept.

They are footage like what they were made of, so they lie in the memory of the process that made them only,
and go out only through a door that asked for the right to play back (live/playing.py).
"""

from __future__ import annotations

import io
import threading
import time
from collections import OrderedDict
from typing import Any
from uuid import UUID

from madang.systems.cameras.models import Segment
from madang.systems.cameras.recording import boxes, store

WIDTH, QUALITY = 192, 60
MOST, HELD_FOR = 600, 300.0  # small pictures of one process (a few kilobytes each), and seconds

_held: OrderedDict[tuple[UUID, int], tuple[float, bytes]] = OrderedDict()
_lock = threading.Lock()


class Unreadable(ValueError):
    """The key frame cannot be decoded."""


def thumbnail(segment: Segment, number: int) -> bytes:
    """The JPEG of the key frame of that number; FileNotFoundError where the file is gone."""
    place, now = (segment.pk, number), time.monotonic()
    with _lock:
        while _held and next(iter(_held.values()))[0] < now - HELD_FOR:
            _held.popitem(last=False)
        if place in _held:
            return _held[place][1]
    made = jpeg(_key_frame(segment, number))
    with _lock:
        _held[place] = (now, made)
        if len(_held) > MOST:
            _held.popitem(last=False)
    return made


def _key_frame(segment: Segment, number: int) -> bytes:
    """The key frame behind the initialisation segment: a whole small film."""
    with (store.folder() / segment.path).open("rb") as file:
        init = file.read(segment.key_bytes[0])
        file.seek(segment.key_bytes[number])
        head = file.read(boxes.MDAT)
        size = int.from_bytes(head[boxes.HEAD : boxes.HEAD + 4], "big") - 8
        return init + head + file.read(size)


def jpeg(film: bytes, format_: str | None = None) -> bytes:
    """The first picture of a film, small; Unreadable. format_: what the film is, where it does not say."""
    import av
    import av.error

    try:
        with av.open(io.BytesIO(film), "r", format=format_) as played:
            played.streams.video[0].thread_count = 1
            frame: Any = next(played.decode(video=0))
    except (av.error.FFmpegError, StopIteration, IndexError) as error:
        raise Unreadable from error
    width = min(WIDTH, frame.width)
    height = max(2, round(frame.height * width / frame.width))
    sink = io.BytesIO()
    image = frame.reformat(width=width, height=height, threads=1).to_image(threads=1)
    image.save(sink, "JPEG", quality=QUALITY)
    return sink.getvalue()
