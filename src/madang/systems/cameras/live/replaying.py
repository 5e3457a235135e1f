"""What a recorder of the city holds, in our own playback: pieces of it, small pictures, its newest edge."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import close_old_connections
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.exceptions import AlreadyEnqueued

from madang.systems.cameras.domain.heads import track_of
from madang.systems.cameras.domain.masks import Veil
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.messages import Hiding
from madang.systems.cameras.models import OnvifChannel

RENEW = 10.0  # seconds until a recorder is asked again what it holds of a camera
NO_THUMB: dict[str, Any] = {"t": "thumb", "at": None}

_renewed: dict[UUID, float] = {}


@dataclass(frozen=True)
class Replaying:
    """A moment that a recorder holds of a channel. language: of who looks; small: as a small picture alone,
    with nothing left of what veil hides."""

    channel: UUID
    at: int
    keys: bool
    language: str = "ko"
    small: bool = False
    veil: Veil | None = None


@dataclass(frozen=True)
class Taken:
    """A word to the page, and the pictures behind it. hiding: they must be painted over first, and are
    not read yet. replaying: a recorder holds them."""

    word: dict[str, Any]
    pictures: bytes = b""
    hiding: Hiding | None = None
    replaying: Replaying | None = None


def replay(asked: Replaying) -> Taken:
    """A few seconds of what a recorder holds, or why there are none. It takes a while: not for the threads
    that ask the database."""
    with override(asked.language):
        try:
            return _small(asked) if asked.small else _piece(asked)
        except CameraError as error:
            return Taken(NO_THUMB) if asked.small else _unheld(str(error))
        finally:
            close_old_connections()


def _piece(asked: Replaying) -> Taken:
    from madang.systems.cameras.recorders.playing import replayed

    word, pictures = replayed(_channel(asked), _moment(asked), keys=asked.keys)
    if word["ends"] <= asked.at:
        return _unheld(_("The recorder sends another moment than it was asked for."))
    return Taken(word, pictures)


def _small(asked: Replaying) -> Taken:
    from madang.systems.cameras.masking.painting import painted
    from madang.systems.cameras.recorders.playing import small

    channel = _channel(asked)
    at, picture = small(channel, _moment(asked))
    if asked.veil is not None:
        assert channel.camera_id is not None
        stood = track_of(channel.camera_id, at, at)
        picture = painted(picture, asked.veil.seen_from(stood.at(at)))
    return Taken({"t": "thumb", "at": round(at.timestamp() * 1000)}, picture)


def _channel(asked: Replaying) -> OnvifChannel:
    channel = OnvifChannel.objects.select_related("device").filter(pk=asked.channel).first()
    if channel is None:
        raise CameraError(_("It is not known any more what the recorder holds."))
    return channel


def _moment(asked: Replaying) -> datetime:
    return datetime.fromtimestamp(asked.at / 1000, UTC)


def _unheld(why: str) -> Taken:
    return Taken({"t": "hole", "next": None, "gap": "", "why": why})


def renew_soon(camera: UUID) -> None:
    """Somebody looks at the newest of camera: a job asks its recorder, where it has one, what it holds by
    now, at most every RENEW seconds."""
    from madang.systems.cameras.tasks import renew_held

    now = time.monotonic()
    if _renewed.get(camera, -RENEW) > now - RENEW:
        return
    _renewed[camera] = now
    rows = OnvifChannel.objects.filter(camera=camera).exclude(replay_address="")
    for channel in rows.values_list("pk", flat=True):
        with contextlib.suppress(AlreadyEnqueued):
            renew_held.configure(queueing_lock=f"cameras.renew.{channel.hex}").defer(
                channel=str(channel)
            )
