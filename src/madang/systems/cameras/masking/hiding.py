"""What was recorded, painted over: a page's few seconds are decoded and encoded anew, and kept nowhere."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import av
from django.db import close_old_connections
from django.utils.translation import gettext as _
from django.utils.translation import override

from madang.systems.cameras.domain.heads import Track, track_of
from madang.systems.cameras.domain.masks import Veil, View, Zone
from madang.systems.cameras.intake.fragments import TIMESCALE
from madang.systems.cameras.live.playing import read
from madang.systems.cameras.live.replaying import Replaying, Taken, replay
from madang.systems.cameras.masking.coding import FPS, Coder, can_encode
from madang.systems.cameras.masking.painting import Brushes
from madang.systems.cameras.messages import LARGEST, Hidden, Hiding
from madang.systems.cameras.models import OnvifChannel, Segment
from madang.systems.cameras.recording import boxes
from madang.systems.cameras.steering.edges import Position

ROOM = LARGEST - 20_000  # bytes of pictures in one answer
LEAST_STEP = TIMESCALE // (FPS + 2)


def hide(asked: Hiding) -> Hidden:
    """The answer to a web process, in the language of who looks."""
    with override(asked.language):
        return _hide(asked)


def _hide(asked: Hiding) -> Hidden:
    try:
        if not can_encode():
            return Hidden(why=_("This server has no encoder (libx264)."))
        taken, camera = _read(asked)
        if camera is None or not taken.pictures:
            return Hidden(why=taken.word["why"])
        begins, ends = (
            datetime.fromtimestamp(taken.word[one] / 1000, UTC) for one in ("zero", "ends")
        )
        stood = track_of(camera, begins, ends)
        found = masked(taken, veil_in(asked), stood)
        return Hidden(found.word, found.pictures)
    except FileNotFoundError:
        return Hidden(why=_("Its file is not there."))
    finally:
        close_old_connections()


def _read(asked: Hiding) -> tuple[Taken, UUID | None]:
    """What was recorded, here or by a recorder; without pictures where it is not there."""
    if asked.channel is not None:
        channel = OnvifChannel.objects.exclude(camera=None).get(pk=asked.channel)
        replaying = Replaying(asked.channel, asked.at, asked.keys, asked.language)
        return replay(replaying), channel.camera_id
    rows = Segment.objects.filter(gone=None)
    segment = rows.filter(pk=asked.segment).first() if asked.segment else None
    if segment is None:
        return Taken({"why": _("It is not recorded any more.")}), None
    return read(segment, asked.at, asked.keys), segment.camera_id


def veil_in(asked: Hiding) -> Veil:
    views = [View(Position(*at), _zones(zones)) for at, zones in asked.views]
    return Veil(_zones(asked.zones), asked.coarse, tuple(views))


def _zones(said: Sequence[Sequence[tuple[float, float]]]) -> tuple[Zone, ...]:
    return tuple(tuple((x, y) for x, y in zone) for zone in said)


def masked(taken: Taken, veil: Veil, stood: Track) -> Taken:
    """taken with nothing left of what veil hides. Where it would be too large for one answer its last
    picture stands until its end."""
    recorded: Any = av.open(io.BytesIO(taken.pictures))
    with recorded as file:
        stream = file.streams.video[0]
        context: Any = stream.codec_context
        brushes = Brushes(veil, context.width, context.height)
        zero = datetime.fromtimestamp(taken.word["zero"] / 1000, UTC)
        end = (taken.word["ends"] - taken.word["zero"]) * TIMESCALE // 1000
        coder = Coder(brushes.width, brushes.height)

        def paint(frame: Any, time: int) -> Any:
            at = stood.at(zero + timedelta(seconds=time / TIMESCALE))
            return brushes.of(at).paint(frame)

        try:
            parts = _coded(coder, paint, file.decode(stream), end)
        finally:
            coder.close()
    return Taken({**taken.word, "mime": coder.mime}, b"".join(parts))


def _coded(coder: Coder, paint: Callable[[Any, int], Any], frames: Any, end: int) -> list[bytes]:
    parts, size = [coder.init], len(coder.init)
    for frame, time, length in _timed(frames, end):
        data, _key = coder.encode(paint(frame, time), time, length)
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
