"""Pieces of what a recorder holds, for our own playback."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import av
import av.error
from django.utils.translation import gettext as _

from madang.systems.cameras.domain.sealing import unseal
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.intake.fragments import TIMESCALE, Broken, Fragments, fragment, split
from madang.systems.cameras.models import OnvifChannel
from madang.systems.cameras.recorders.rtsp import Picture, Replay
from madang.systems.cameras.recording.thumbs import Unreadable, jpeg

LENGTH, KEYS_LENGTH = timedelta(seconds=4), timedelta(seconds=30)  # of one answer
USUAL = 1 / 15  # seconds of a picture until two have come
LEAST = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)


def replayed(channel: OnvifChannel, at: datetime, *, keys: bool) -> tuple[dict[str, Any], bytes]:
    """The word for the page and the pictures behind it, from at on; CameraError says why there are none."""
    skew = timedelta(seconds=channel.device.skew or 0.0)
    length = KEYS_LENGTH if keys else LENGTH
    with closing(replay_of(channel)) as replay:
        begins = at + skew
        came = replay.pictures(begins, begins + length, keys=keys)
        found = list(timed((one for one in came if one.key or not keys), begins))
    if not found:
        raise CameraError(_("The recorder sends no picture of that moment."))
    return _made(replay, [one for one, _at in found], [at - skew for _one, at in found])


def small(channel: OnvifChannel, at: datetime) -> tuple[datetime, bytes]:
    """The moment of the recorder's key frame at or before at, and that frame as a small JPEG; CameraError
    says why there is none."""
    skew = timedelta(seconds=channel.device.skew or 0.0)
    with closing(replay_of(channel)) as replay:
        came = replay.pictures(at + skew, at + skew + KEYS_LENGTH, keys=True)
        found = next(timed(came, at + skew), None)
    if found is None:
        raise CameraError(_("The recorder sends no picture of that moment."))
    try:
        return found[1] - skew, jpeg(replay.sets + found[0].data, replay.codec)
    except Unreadable:
        raise CameraError(_("The recorder's pictures cannot be read.")) from None


def replay_of(channel: OnvifChannel) -> Replay:
    """A conversation about what the device holds of channel; CameraError where its password cannot be
    opened."""
    device = channel.device
    return Replay(channel.replay_address, device.user, unseal(device.pk, bytes(device.sealed)))


def timed(pictures: Iterable[Picture], begins: datetime) -> Iterator[tuple[Picture, datetime]]:
    """From the first key frame on, each with when it was taken by the device's clock: as it says, else by
    RTP's stamps from begins on; never backwards."""
    first: Picture | None = None
    before: datetime | None = None
    for one in pictures:
        if first is None and not one.key:
            continue
        first = first or one
        ticks = (one.stamp - first.stamp) & 0xFFFFFFFF
        at = one.at or (first.at or begins) + timedelta(seconds=ticks / TIMESCALE)
        before = max(at, before + LEAST) if before else at
        yield one, before


def _made(
    replay: Replay, pictures: Sequence[Picture], times: Sequence[datetime]
) -> tuple[dict[str, Any], bytes]:
    steps = sorted((after - before) / SECOND for before, after in pairwise(times))
    usual = steps[len(steps) // 2] if steps else USUAL
    ends = [*times[1:], times[-1] + timedelta(seconds=usual)]
    try:
        made = stream_of(replay, b"".join(one.data for one in pictures[:2]))
    except (Broken, av.error.FFmpegError, StopIteration):
        raise CameraError(_("The recorder's pictures cannot be read.")) from None
    parts = [made.init]
    for number, (one, at, end) in enumerate(zip(pictures, times, ends, strict=True), start=1):
        _sets, body = split(made.codec, one.data)
        if body:
            begin, length = _ticks(at - times[0]), max(1, _ticks(end - at))
            parts.append(fragment(number, begin, length, body, key=one.key, offset=0))
    zero = _ms(times[0])
    word = {
        "t": "take",
        "mime": made.mime,
        "zero": zero,
        "begins": zero,
        "ends": _ms(ends[-1]),
        "fps": round(len(times) / max(0.04, (ends[-1] - times[0]) / SECOND), 2),
    }
    return word, b"".join(parts)


def stream_of(replay: Replay, data: bytes) -> Fragments:
    """What the stream is, as its first pictures say it; Broken or FFmpegError where they do not."""
    with av.open(io.BytesIO(replay.sets + data), format=replay.codec) as file:
        return Fragments(file.streams.video[0])


def _ticks(span: timedelta) -> int:
    return round(span / SECOND * TIMESCALE)


def _ms(at: datetime) -> int:
    return round(at.astimezone(UTC).timestamp() * 1000)
