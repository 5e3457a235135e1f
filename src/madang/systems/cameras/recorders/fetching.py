"""What a recorder of the city holds of a locked span, fetched into our own footage before it overwrites it.

Whatever is kept for a request, a person or a package is fetched so: what came from the recorder is then under
our locks, terms and record of destruction, and packages are made of it. Our own recording goes before it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID

import av.error
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.people.models import LawBasis
from madang.ground.trail.public import Actor, record
from madang.systems.cameras.domain import footage
from madang.systems.cameras.domain.devices import act
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.intake.fragments import Broken, Changed, Fragments, split
from madang.systems.cameras.models import FootageLock, OnvifChannel
from madang.systems.cameras.onvif.talk import OnvifError, RefusedError, SilentError
from madang.systems.cameras.recorders.filing import FETCHED, Filing, Shown, sweep
from madang.systems.cameras.recorders.held import Span
from madang.systems.cameras.recorders.playing import replay_of, stream_of, timed
from madang.systems.cameras.recorders.renewing import renew_held
from madang.systems.cameras.recorders.rtsp import Replay
from madang.systems.cameras.recorders.wanted import SLIVER, missing
from madang.systems.cameras.recording import store
from madang.systems.cameras.recording.keeper import lacking
from madang.systems.cameras.troubles import in_words, noted_of_disk

WINDOW = timedelta(seconds=60)  # of one question to the recorder
MOST_BYTES = 500_000_000  # of its answer
SAME = 0.003  # seconds: two moments that are one picture's
ACTOR = Actor(name="footage")


def fetch_locked(held: FootageLock, until: float) -> bool:
    """Fetch what is missing of what held locks, until that moment (time.monotonic()); whether it came to the
    end. What went wrong is written at the lock."""
    failure, done = "", True
    try:
        done = fetch(held.camera_id, held.begins, held.ends, until)
    except CameraError as error:
        failure = str(error)[:300]
    FootageLock.objects.filter(pk=held.pk).update(tried=timezone.now(), failure=failure)
    return done


def fetch(camera: UUID, begins: datetime, ends: datetime, until: float) -> bool:
    """Fetch what is missing of a span, until that moment; whether it came to the end. CameraError says why
    not: what had come by then stays. What the recorder says that it holds and does not send stays a gap."""
    channel = _channel(camera)
    if channel is None:
        return True
    with _alone(camera):
        sweep(camera)
        _renew(channel)
        wanted = missing(camera, begins, ends)
        filing = Filing(camera, origin_of(channel))
        try:
            return all(_fetch(channel, filing, span, until) for span in wanted)
        except OSError as error:
            raise CameraError(in_words(noted_of_disk(error))) from None
        finally:
            filing.drop()
            if filing.files:
                _note(channel, filing, wanted)


def _renew(channel: OnvifChannel) -> None:
    """Ask what it holds now; of a device that cannot say so for one recording what it said before counts."""
    try:
        renew_held(channel)
    except (RefusedError, SilentError):
        raise
    except OnvifError:
        return


def origin_of(channel: OnvifChannel) -> str:
    """How the index and the package's list name where footage was fetched from: without its address, which
    is nobody's outside."""
    device = channel.device
    about = " ".join(one for one in (device.maker, device.model, device.serial) if one)
    return " · ".join(one for one in (device.name, about, channel.recording) if one)[:300]


def _channel(camera: UUID) -> OnvifChannel | None:
    """The channel of which a recorder plays what it holds; None without one, and where the law lets nothing
    be recorded (§25①6)."""
    rows = OnvifChannel.objects.select_related("device", "camera").filter(camera=camera)
    rows = rows.exclude(replay_address="").exclude(camera__site__basis=LawBasis.STATISTICS)
    return rows.first()


@contextlib.contextmanager
def _alone(camera: UUID) -> Iterator[None]:
    """Nobody else fetches of that camera meanwhile."""
    folder = store.of_camera(camera) / FETCHED
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)


def _note(channel: OnvifChannel, filing: Filing, wanted: list[Span]) -> None:
    assert channel.camera is not None
    detail = {
        "from": wanted[0][0].isoformat(),
        "to": wanted[-1][1].isoformat(),
        "files": filing.files,
        "bytes": filing.bytes,
        "origin": origin_of(channel),
    }
    record(ACTOR, act("cameras.footage_fetched", channel.camera, detail=detail))


def _fetch(channel: OnvifChannel, filing: Filing, span: Span, until: float) -> bool:
    at, ends = span
    last: datetime | None = None
    while ends - at >= SLIVER:
        if time.monotonic() >= until:
            filing.end()
            return False
        _check_room()
        end = min(at + WINDOW, ends)
        came = _window(channel, filing, at, end, last)
        last = came or last
        # What it does not send of a window it does not have.
        at = came if came is not None and came > at else end
    filing.end()
    return True


def _check_room() -> None:
    short = lacking(footage.used())
    if short > 0:
        footage.make_room(short)
        if lacking(footage.used()) > 0:
            raise CameraError(_("There is no room for what the recorder holds."))


def _window(
    channel: OnvifChannel, filing: Filing, begins: datetime, ends: datetime, last: datetime | None
) -> datetime | None:
    """Take what the recorder sends between two moments and is later than last; the last picture's moment,
    None where nothing came."""
    skew, at = timedelta(seconds=channel.device.skew or 0.0), None
    stream: Fragments | None = None
    try:
        with closing(replay_of(channel)) as replay:
            came = replay.pictures(begins + skew, ends + skew, most=MOST_BYTES)
            for one, taken in timed(came, begins + skew):
                stream = _stream(replay, one.data, stream)
                moment = taken - skew
                if last is not None and (moment - last).total_seconds() < SAME:
                    continue  # it was sent before, to begin with a key frame
                if (ends - moment).total_seconds() < SAME:
                    break
                at = moment
                _sets, body = split(stream.codec, one.data)
                if body:
                    filing.take(Shown(body, moment.astimezone(UTC).timestamp(), one.key, stream))
    except (Broken, av.error.FFmpegError, StopIteration):
        raise CameraError(_("The recorder's pictures cannot be read.")) from None
    return at


def _stream(replay: Replay, data: bytes, known: Fragments | None) -> Fragments:
    """What data is part of: another stream from where its parameter sets say so."""
    if known is not None:
        try:
            known.check(split(known.codec, data)[0])
        except Changed:
            known = None
    return known or stream_of(replay, data)
