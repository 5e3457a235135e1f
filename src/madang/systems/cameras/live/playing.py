"""The WebSocket `/live/cameras/<camera>/play`: what was recorded, piece by piece as the page asks.

The page asks `{"n": 7, "at": milliseconds, "keys": false}`: a few seconds from the key frame at or before
that moment, or of key frames alone, for fast play. The answer is a word that carries the same n, so that
the page knows what it answers whatever it asked since, and behind it the pictures:
`{"t": "take", "n", "mime", "zero", "begins", "ends", "fps"}`, where zero is the moment (milliseconds)
that the pictures' own time 0 stands for; or `{"t": "hole", "n", "next", "gap", "why"}`, next being when
there is something again, null where nothing is. With `"coded": true`, from browsers without H.265, what was
recorded so comes as H.264. With `"thumb": true` it is `{"t": "thumb", "n", "at"}`, the
moment of the key frame at or before that moment, and behind it that frame as a small JPEG; at is null, and
nothing comes behind it, where nothing was recorded.
"""

from __future__ import annotations

import asyncio
import json
from bisect import bisect_right
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.utils.translation import override
from starlette.websockets import WebSocket, WebSocketDisconnect

from madang.ground.live.closing import Closed
from madang.systems.cameras.domain.heads import track_of
from madang.systems.cameras.domain.masks import Veil
from madang.systems.cameras.intake.fragments import TIMESCALE
from madang.systems.cameras.live.closing import Close
from madang.systems.cameras.live.door import Playback
from madang.systems.cameras.live.replaying import NO_THUMB, Replaying, Taken, renew_soon, replay
from madang.systems.cameras.messages import Hiding
from madang.systems.cameras.models import Ended, OnvifHeld, Segment
from madang.systems.cameras.recorders.held import held_at, next_held
from madang.systems.cameras.recording import boxes, store
from madang.systems.cameras.recording.thumbs import Unreadable, thumbnail
from madang.systems.cameras.troubles import in_words

LEAST_MS, MOST_BYTES = (
    4000,
    1_500_000,
)  # of one answer, unless one key frame and what follows is more
H264 = "avc1"  # in a MIME type: what every browser plays
KEYS = 16  # key frames of one answer for fast play
LATEST = 4_102_444_800_000  # milliseconds: 2100
SECOND = timedelta(seconds=1)
LONGEST = timedelta(minutes=20)  # no file is longer


class Asks(msgspec.Struct):
    """What a playback's page says."""

    n: int
    at: int
    keys: bool = False
    thumb: bool = False
    coded: bool = False


read_asks = msgspec.json.Decoder(Asks).decode
Ask = Callable[[Callable[[], Any]], Awaitable[Any]]


Hide = Callable[[Hiding], Awaitable[Taken]]


async def play(socket: WebSocket, playback: Playback, ask: Ask, hide: Hide) -> None:
    """Answer the page until it is gone. hide: reads what this viewer may only see painted over."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"], message.get("reason"))
        try:
            asks = read_asks(message.get("text") or message.get("bytes") or b"")
        except msgspec.DecodeError:
            raise Closed(Close.BAD_WORD, "a playback asks for a moment") from None
        if not 0 <= asks.at <= LATEST:
            raise Closed(Close.BAD_WORD, "there is no such moment")
        taken: Taken = await ask(partial(answer, playback, asks))
        if taken.hiding is not None or taken.replaying is not None:
            taken = await _made(taken, hide)
            if not asks.thumb:
                playback.reached = _moment(taken.word.get("ends"))
        await socket.send_text(json.dumps({**taken.word, "n": asks.n}))
        if taken.pictures:
            await socket.send_bytes(taken.pictures)


async def _made(taken: Taken, hide: Hide) -> Taken:
    if taken.hiding is not None:
        return await hide(taken.hiding)
    assert taken.replaying is not None
    return await asyncio.to_thread(replay, taken.replaying)


def answer(playback: Playback, asks: Asks) -> Taken:
    """What the page gets; the entry in the trail is left before anything is read."""
    at = datetime.fromtimestamp(asks.at / 1000, UTC)
    rows = Segment.objects.filter(camera=playback.seen.camera, gone=None)
    near = rows.filter(begins__gt=at - LONGEST, begins__lte=at, ends__gt=at)
    segment = near.order_by("-begins").first()
    if segment is None:
        return _unrecorded(playback, asks, rows, at)
    playback.note(at)
    veil = playback.seen.veil_since(segment.begins)
    try:
        if asks.thumb:
            return _thumb(segment, asks.at, veil)
        if veil is None and asks.coded and H264 not in segment.mime:
            veil = Veil()
        if veil is not None:
            return Taken({}, hiding=_hiding(segment, asks, veil, playback.language))
        taken = read(segment, asks.at, asks.keys)
    except FileNotFoundError:
        return _lost(segment)
    playback.reached = _moment(taken.word["ends"])
    return taken


def _unrecorded(playback: Playback, asks: Asks, rows: QuerySet[Segment], at: datetime) -> Taken:
    """Of a moment that was not recorded here: a recorder may hold it."""
    camera = playback.seen.camera
    if held := held_at(camera, at):
        return _held(playback, asks, held, at)
    with override(playback.language):
        hole = _hole(camera, rows, at)
    if hole.word["next"] is None:
        renew_soon(camera)
    if playback.goes_on(at) and not asks.thumb:
        playback.reached = _moment(hole.word["next"])
    return Taken(NO_THUMB) if asks.thumb else hole


def _hiding(
    segment: Segment | None, asks: Asks, veil: Veil, language: str, channel: UUID | None = None
) -> Hiding:
    zones = [list(zone) for zone in veil.zones]
    views = [
        ((one.at.pan, one.at.tilt, one.at.zoom), [list(zone) for zone in one.zones])
        for one in veil.views
    ]
    pk = segment.pk if segment else None
    return Hiding(pk, asks.at, asks.keys, zones, veil.coarse, views, channel, language)


def _held(playback: Playback, asks: Asks, held: OnvifHeld, at: datetime) -> Taken:
    """What a recorder holds, to be fetched from it."""
    playback.note(at)
    veil, language = playback.seen.veil_since(held.begins), playback.language
    if asks.thumb:
        small = Replaying(held.channel_id, asks.at, True, language, small=True, veil=veil)
        return Taken({}, replaying=small)
    if veil is None and not asks.coded:
        return Taken({}, replaying=Replaying(held.channel_id, asks.at, asks.keys, language))
    return Taken({}, hiding=_hiding(None, asks, veil or Veil(), language, held.channel_id))


def _thumb(segment: Segment, at: int, veil: Veil | None) -> Taken:
    """The key frame at or before at, small; painted over before it leaves where veil is something."""
    number = _key_at(segment, at)
    try:
        picture = thumbnail(segment, number)
    except Unreadable:
        return Taken(NO_THUMB)
    if veil is not None:
        from madang.systems.cameras.masking.painting import painted

        stood = track_of(segment.camera_id, segment.begins, segment.ends)
        moment = segment.begins + timedelta(milliseconds=segment.key_ms[number])
        picture = painted(picture, veil.seen_from(stood.at(moment)))
    return Taken({"t": "thumb", "at": _ms(segment.begins) + segment.key_ms[number]}, picture)


def read(segment: Segment, at: int, keys: bool) -> Taken:
    """What was recorded from the key frame at or before at on, as it is; FileNotFoundError."""
    return _keys(segment, at) if keys else _some(segment, at)


def _hole(camera: UUID, rows: QuerySet[Segment], at: datetime) -> Taken:
    after = rows.filter(begins__gt=at).order_by("begins").first()
    held = next_held(camera, at)
    if held is not None and (after is None or held < after.begins):
        return Taken({"t": "hole", "next": _ms(held), "gap": "", "why": ""})
    if after is None:
        return Taken({"t": "hole", "next": None, "gap": "", "why": ""})
    label = str(after.get_gap_display()) if after.gap else ""
    return Taken(
        {"t": "hole", "next": _ms(after.begins), "gap": label, "why": in_words(after.gap_words)}
    )


def _lost(segment: Segment) -> Taken:
    """The file is not there: it is taken out of the index, unless its whole disk is away."""
    from madang.systems.cameras.domain.footage import destroy

    destroy([segment], Ended.LOST)
    return Taken({"t": "hole", "next": _ms(segment.ends), "gap": str(Ended.LOST.label), "why": ""})


def _some(segment: Segment, at: int) -> Taken:
    """Every picture of a few seconds."""
    first, zero = _key_at(segment, at), _ms(segment.begins)
    last = first + 1
    while last < len(segment.key_ms) and not (
        segment.key_ms[last] - segment.key_ms[first] >= LEAST_MS
        or segment.key_bytes[last] - segment.key_bytes[first] >= MOST_BYTES
    ):
        last += 1
    whole = last == len(segment.key_ms)
    begin, end = (
        segment.key_bytes[first],
        segment.bytes if whole else segment.key_bytes[last],
    )
    with (store.folder() / segment.path).open("rb") as file:
        init = file.read(segment.key_bytes[0])
        file.seek(begin)
        pictures = file.read(end - begin)
    ends = _ms(segment.ends) if whole else zero + segment.key_ms[last]
    return _take(segment, zero + segment.key_ms[first], ends, init + pictures)


def _keys(segment: Segment, at: int) -> Taken:
    """Key frames alone, each shown until the next."""
    first, zero = _key_at(segment, at), _ms(segment.begins)
    span = _ms(segment.ends) - zero
    stops = [*segment.key_ms, span]
    last = min(first + KEYS, len(segment.key_ms))
    found = []
    with (store.folder() / segment.path).open("rb") as file:
        found.append(file.read(segment.key_bytes[0]))
        for number in range(first, last):
            file.seek(segment.key_bytes[number])
            head = file.read(boxes.MDAT)
            size = int.from_bytes(head[boxes.HEAD : boxes.HEAD + 4], "big") - 8
            length = (stops[number + 1] - stops[number]) * TIMESCALE // 1000
            found.append(boxes.lasting(head + file.read(size), max(1, length)))
    return _take(segment, zero + stops[first], zero + stops[last], b"".join(found))


def _take(segment: Segment, begins: int, ends: int, pictures: bytes) -> Taken:
    seconds = (segment.ends - segment.begins) / SECOND
    word = {
        "t": "take",
        "mime": segment.mime,
        "zero": _ms(segment.begins),
        "begins": begins,
        "ends": ends,
        "fps": round(segment.frames / seconds, 2),
    }
    return Taken(word, pictures)


def _key_at(segment: Segment, at: int) -> int:
    return max(0, bisect_right(segment.key_ms, at - _ms(segment.begins)) - 1)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
