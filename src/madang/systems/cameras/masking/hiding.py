"""What was recorded, painted over: a page's few seconds are decoded and encoded anew, and kept nowhere."""

from __future__ import annotations

import io
from typing import Any

import av
from django.db import close_old_connections

from madang.systems.cameras.domain.masks import Veil
from madang.systems.cameras.intake.fragments import TIMESCALE
from madang.systems.cameras.live.playing import Taken, read
from madang.systems.cameras.masking.coding import FPS, Coder, can_encode
from madang.systems.cameras.masking.painting import Brush
from madang.systems.cameras.messages import LARGEST, Hidden, Hiding
from madang.systems.cameras.models import Segment
from madang.systems.cameras.recording import boxes

ROOM = LARGEST - 20_000  # bytes of pictures in one answer
LEAST_STEP = TIMESCALE // (FPS + 2)


def hide(asked: Hiding) -> Hidden:
    """The answer to a web process."""
    try:
        segment = Segment.objects.filter(pk=asked.segment, gone=None).first()
        if segment is None:
            return Hidden(why="it is not recorded any more")
        if not can_encode():
            return Hidden(why="this server has no encoder (libx264)")
        zones = tuple(tuple((x, y) for x, y in zone) for zone in asked.zones)
        found = masked(read(segment, asked.at, asked.keys), Veil(zones, asked.coarse))
        return Hidden(found.word, found.pictures)
    except FileNotFoundError:
        return Hidden(why="its file is not there")
    finally:
        close_old_connections()


def masked(taken: Taken, veil: Veil) -> Taken:
    """taken with nothing left of what veil hides. Where it would be too large for one answer its last
    picture stands until its end."""
    recorded: Any = av.open(io.BytesIO(taken.pictures))
    with recorded as file:
        stream = file.streams.video[0]
        context: Any = stream.codec_context
        brush = Brush(veil, context.width, context.height)
        end = (taken.word["ends"] - taken.word["zero"]) * TIMESCALE // 1000
        coder = Coder(brush.width, brush.height)
        try:
            parts = _coded(coder, brush, file.decode(stream), end)
        finally:
            coder.close()
    return Taken({**taken.word, "mime": coder.mime}, b"".join(parts))


def _coded(coder: Coder, brush: Brush, frames: Any, end: int) -> list[bytes]:
    parts, size = [coder.init], len(coder.init)
    for frame, time, length in _timed(frames, end):
        data, _key = coder.encode(brush.paint(frame), time, length)
        size += len(data)
        if size > ROOM:
            last = parts.pop()
            return [*parts, boxes.lasting(last, max(1, end - boxes.times(last)[0]))]
        parts.append(data)
    return parts


def _timed(frames: Any, end: int) -> Any:
    """Each picture with when it is shown and for how long; those that come too fast are left out."""
    waiting: tuple[Any, int] | None = None
    for frame in frames:
        time = round(frame.pts * frame.time_base * TIMESCALE)
        if waiting is not None:
            if time - waiting[1] < LEAST_STEP:
                continue
            yield *waiting, time - waiting[1]
        waiting = frame, time
    if waiting is not None:
        yield *waiting, max(1, end - waiting[1])
