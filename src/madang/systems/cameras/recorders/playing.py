"""Pieces of what a recorder holds, for our own playback."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import av
import av.error

from madang.systems.cameras.domain.sealing import unseal
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.intake.fragments import TIMESCALE, Broken, Fragments, fragment, split
from madang.systems.cameras.models import OnvifChannel
from madang.systems.cameras.recorders.rtsp import Picture, Replay

LENGTH, KEYS_LENGTH = timedelta(seconds=4), timedelta(seconds=30)  # of one answer
USUAL = 1 / 15  # seconds of a picture until two have come
LEAST = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)


def replayed(channel: OnvifChannel, at: datetime, *, keys: bool) -> tuple[dict[str, Any], bytes]:
    """The word for the page and the pictures behind it, from at on; CameraError says why there are none."""
    device = channel.device
    skew = timedelta(seconds=device.skew or 0.0)
    length = KEYS_LENGTH if keys else LENGTH
    replay = Replay(channel.replay_address, device.user, unseal(device.pk, bytes(device.sealed)))
    with closing(replay):
        begins = at + skew
        found = [
            one
            for one in replay.pictures(begins, begins + length, keys=keys)
            if one.key or not keys
        ]
    pictures = _from_key(found)
    if not pictures:
        raise CameraError("the recorder sends no picture of that moment")
    times = _times(pictures, begins)
    return _made(replay, pictures, [one - skew for one in times])


def _from_key(pictures: Sequence[Picture]) -> list[Picture]:
    first = next((at for at, one in enumerate(pictures) if one.key), len(pictures))
    return list(pictures[first:])


def _times(pictures: Sequence[Picture], begins: datetime) -> list[datetime]:
    """When each was taken, by the device's clock: as it says, else by RTP's stamps; never backwards."""
    first = pictures[0]
    origin = first.at or begins
    found: list[datetime] = []
    for one in pictures:
        ticks = (one.stamp - first.stamp) & 0xFFFFFFFF
        at = one.at or origin + timedelta(seconds=ticks / TIMESCALE)
        found.append(max(at, found[-1] + LEAST) if found else at)
    return found


def _made(
    replay: Replay, pictures: Sequence[Picture], times: Sequence[datetime]
) -> tuple[dict[str, Any], bytes]:
    steps = sorted((after - before) / SECOND for before, after in pairwise(times))
    usual = steps[len(steps) // 2] if steps else USUAL
    ends = [*times[1:], times[-1] + timedelta(seconds=usual)]
    try:
        made = _fragments(replay, pictures)
    except (Broken, av.error.FFmpegError, StopIteration) as error:
        raise CameraError(f"the recorder's pictures cannot be read: {error}") from None
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


def _fragments(replay: Replay, pictures: Sequence[Picture]) -> Fragments:
    """What the stream is, as its first picture says it."""
    data = replay.sets + b"".join(one.data for one in pictures[:2])
    with av.open(io.BytesIO(data), format=replay.codec) as file:
        return Fragments(file.streams.video[0])


def _ticks(span: timedelta) -> int:
    return round(span / SECOND * TIMESCALE)


def _ms(at: datetime) -> int:
    return round(at.astimezone(UTC).timestamp() * 1000)
