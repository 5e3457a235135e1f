"""The pictures of one web process: each stream is heard once, however many look at it.

A viewer who comes gets what was shown since the last key frame; one who is too slow gets nothing until
the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from typing import Any
from uuid import UUID

from django.utils.translation import override

from madang.systems.cameras.messages import (
    STILL_MIME,
    WISHES,
    Piece,
    Wish,
    Wishes,
    encode,
    read_piece,
    since,
    subject,
)
from madang.systems.cameras.recording.boxes import newest
from madang.systems.cameras.troubles import in_words

WISH_EVERY = 1.0
SOON = 5.0  # seconds that a page may take until it asks for its picture
MOST_WAITING = 3_000_000  # bytes that may wait for a viewer
MOST_PICTURES = 300  # kept since the last key frame; a camera with fewer key frames is shown later

Stream = tuple[UUID, str]


class Viewer:
    """One who looks at one stream. take() gives what to send next: a word for the page, or pictures.

    most: bytes that may wait for this viewer. language: theirs.
    """

    def __init__(self, most: int = MOST_WAITING, language: str = "ko") -> None:
        self._most, self._language = most, language
        self._waiting: deque[bytes | dict[str, str]] = deque()
        self._bytes = 0
        self._behind = False
        self._something = asyncio.Event()
        self.dropped = 0

    def word(self, word: dict[str, str]) -> None:
        self._waiting.append(word)
        self._something.set()

    def trouble(self, noted: str) -> None:
        """Say why there is no picture."""
        with override(self._language):
            self.word({"t": "trouble", "why": in_words(noted)})

    def picture(self, data: bytes, key: bool) -> None:
        """A fragment; dropped up to the next key frame where this viewer does not keep up."""
        if self._bytes > self._most and not self._behind:
            self._behind = True
            self._drop()
        if self._behind and (not key or self._bytes > self._most):
            self.dropped += 1
            return
        self._behind = False
        self._waiting.append(data)
        self._bytes += len(data)
        self._something.set()

    def _drop(self) -> None:
        kept = [one for one in self._waiting if not isinstance(one, bytes)]
        self.dropped += len(self._waiting) - len(kept)
        self._waiting, self._bytes = deque(kept), 0

    async def take(self) -> bytes | dict[str, str]:
        while not self._waiting:
            self._something.clear()
            await self._something.wait()
        found = self._waiting.popleft()
        if isinstance(found, bytes):
            self._bytes -= len(found)
        return found


class Halves:
    """Pieces put together from the messages in which they came."""

    def __init__(self) -> None:
        self._half: list[Piece] = []

    def whole(self, piece: Piece) -> Piece | None:
        """None while some are missing."""
        if not piece.more and not self._half:
            return piece
        self._half.append(piece)
        if piece.more:
            return None
        first, parts = self._half[0], b"".join(one.data for one in self._half)
        self._half = []
        return Piece(first.source, first.key, first.mime, first.init, parts)


def _time(piece: Piece) -> int:
    """When its last picture is shown, by the stream's clock; -1 of a still."""
    return -1 if piece.mime == STILL_MIME else newest(piece.data)


class Shown:
    """One stream: its viewers, and the pictures since its last key frame."""

    def __init__(self) -> None:
        self.viewers: set[Viewer] = set()
        self.subscription: Any = None
        self.before: Any = None
        self._source = -1
        self._mime = ""
        self._init = b""
        self._since: list[bytes] = []
        self._half, self._half_before = Halves(), Halves()
        self._live = False  # whether a key frame has come since this stream is heard
        self._shown_until = -1  # of what was before that

    def join(self, viewer: Viewer) -> None:
        self.viewers.add(viewer)
        if self._since:
            viewer.word({"t": "begin", "mime": self._mime})
            viewer.picture(self._init + b"".join(self._since), True)

    def hear(self, piece: Piece) -> None:
        if piece.why:
            for viewer in self.viewers:
                viewer.trouble(piece.why)
            return
        whole = self._half.whole(piece)
        if whole is None:
            return
        self._live = self._live or whole.key
        if not self._live and whole.source == self._source and _time(whole) <= self._shown_until:
            return  # it was among those before
        self._show(whole)

    def hear_before(self, piece: Piece) -> None:
        """What came before this stream was heard here, since its last key frame."""
        whole = self._half_before.whole(piece)
        if whole is not None and not self._live:
            self._show(whole)
            self._shown_until = _time(whole)

    def _show(self, piece: Piece) -> None:
        head = b""
        if piece.key:
            head = self._begin(piece)
        elif piece.source != self._source or not self._since:
            return  # it continues what was not seen
        elif len(self._since) < MOST_PICTURES:
            self._since.append(piece.data)
        else:
            self._since = []
        for viewer in self.viewers:
            viewer.picture(head + piece.data, piece.key)

    def _begin(self, piece: Piece) -> bytes:
        """What its first picture is sent with: one message, so that a page takes it up at once."""
        new = piece.source != self._source or piece.init != self._init
        self._source, self._since = piece.source, [piece.data]
        self._mime, self._init = piece.mime, piece.init
        if not new:
            return b""
        for viewer in self.viewers:
            viewer.word({"t": "begin", "mime": piece.mime})
        return piece.init


class Showing:
    """Every stream that somebody of this process looks at."""

    def __init__(self, nats: Any) -> None:
        self._nats = nats
        self._shown: dict[Stream, Shown] = {}
        self._soon: dict[Stream, float] = {}  # to whom somebody comes, and until when at the latest

    async def join(self, stream: Stream, viewer: Viewer) -> None:
        """Let viewer see stream from its next key frame on, or at once where it is shown already."""
        self._soon.pop(stream, None)
        shown = self._shown.get(stream)
        if shown is None:
            shown = self._shown[stream] = Shown()
            shown.join(viewer)

            async def hear(message: Any) -> None:
                shown.hear(read_piece(message.data))

            shown.subscription = await self._nats.subscribe(subject(*stream), cb=hear)
            await self.wish()
            await self._catch_up(stream, shown)
            return
        shown.join(viewer)

    async def _catch_up(self, stream: Stream, shown: Shown) -> None:
        """Ask for what came since the last key frame, where the stream is pulled already."""

        async def hear(message: Any) -> None:
            if message.data:
                shown.hear_before(read_piece(message.data))
            else:
                await inbox.unsubscribe()

        with contextlib.suppress(Exception):  # NATS is away: the next key frame will do
            place = self._nats.new_inbox()
            inbox = await self._nats.subscribe(place, cb=hear)
            await self._nats.publish(since(*stream), b"", reply=place)
            shown.before = inbox

    async def leave(self, stream: Stream, viewer: Viewer) -> None:
        shown = self._shown.get(stream)
        if shown is None:
            return
        shown.viewers.discard(viewer)
        if shown.viewers:
            return
        del self._shown[stream]
        for heard in (shown.subscription, shown.before):
            with contextlib.suppress(Exception):  # the connection may be gone with it
                await heard.unsubscribe()
        comes = self._soon.get(stream, 0.0) > time.monotonic()
        if not comes and stream not in self._shown:  # nobody has come meanwhile
            await self._say(Wishes([], [Wish(*stream)]))

    async def soon(self, stream: Stream) -> None:
        """Somebody will look at it in a moment, of this process or another: it is pulled from now on.

        Said once, for an intake keeps it longer than a page takes; said again it would be kept long after
        a viewer of another process had left.
        """
        now = time.monotonic()
        self._soon = {one: until for one, until in self._soon.items() if until > now}
        self._soon[stream] = now + SOON
        await self._say(Wishes([Wish(*stream)]))

    async def wish(self) -> None:
        """Say which streams are looked at."""
        if self._shown:
            await self._say(Wishes([Wish(*stream) for stream in self._shown]))

    async def _say(self, wishes: Wishes) -> None:
        with contextlib.suppress(Exception):  # NATS is away: it is said again in a second
            await self._nats.publish(WISHES, encode(wishes))
