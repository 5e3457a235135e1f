"""One screen's connection: what it says, what it may see, and how fast it is sent what it asked for."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from madang.ground.live import kinds
from madang.ground.live.cells import SIZES
from madang.ground.live.closing import Close, Closed
from madang.ground.live.frames import VERSION, frame
from madang.ground.live.hub import Hub, Place
from madang.ground.live.outbox import Outbox
from madang.ground.live.topic import Topic
from madang.ground.live.topics import BadTopic, TopicName, parse
from madang.ground.live.words import Ack, Resume, Subscribe, Unsubscribe, read

BEAT = 15.0  # seconds between two signs of life
SILENCE = 45.0  # seconds without a word after which a screen is given up
MOST_TOPICS = 2_000
WINDOW_MESSAGES = 8  # messages a screen may leave unacknowledged
WINDOW_BYTES = 1_500_000
MESSAGE_BYTES = 256_000
WORDS_A_SECOND = 100.0
WORDS_AT_ONCE = 400.0


class Sight(Protocol):
    """What the person behind a connection may see; asked for each topic, and again while it lasts."""

    def allows(self, place: Place) -> bool:
        """Whether the things of that kind may be seen in that city, now."""


class Atlas(Protocol):
    """The cities there are."""

    def city(self, key: str) -> dict[str, Any] | None:
        """What a screen must know to draw the city's things; None when there is no such city."""


@dataclass(eq=False)
class Session:
    """The server's side of one connection, without the socket: send puts bytes on the wire."""

    hub: Hub
    atlas: Atlas
    sight: Sight
    send: Callable[[bytes], Awaitable[None]]

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.hub.full, self._wake)
        self.heard = time.monotonic()
        self._something = asyncio.Event()
        self._sent = 0
        self._acknowledged = 0
        self._on_the_way: deque[int] = deque()
        self._bytes_on_the_way = 0
        self._cities: set[str] = set()
        self._words = WORDS_AT_ONCE
        self._words_at = self.heard
        self._end: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()
        self.word(
            {
                "t": "hello",
                "v": VERSION,
                "epoch": self.hub.epoch,
                "beat": BEAT,
                "fed": self.hub.fed,
                "time": self.hub.now(),
                "topics": MOST_TOPICS,
                "cells": SIZES,
                "kinds": {kind.key: kind.said() for kind in kinds.kinds()},
            }
        )

    def word(self, head: dict[str, Any]) -> None:
        """Say something about the connection itself."""
        self.outbox.word(frame(head))

    def hear(self, data: bytes) -> None:
        """Take in one message of the screen; raises Closed or words.Unreadable."""
        self.heard = time.monotonic()
        self._count_word()
        word = read(data)
        if isinstance(word, Ack):
            self._ack(word.n)
        elif isinstance(word, Subscribe):
            self._subscribe(word)
        elif isinstance(word, Unsubscribe):
            self._unsubscribe(word)

    async def speak(self) -> None:
        """Send what there is to send, for ever, no faster than the screen takes it in."""
        while True:
            if self.outbox.overrun:
                raise Closed(
                    Close.OVERRUN, "too slow for the records; connect again for a snapshot"
                )
            frames = self.outbox.take(MESSAGE_BYTES) if self._window() else []
            if not frames:
                self._something.clear()
                await self._something.wait()
                continue
            message = frames[0] if len(frames) == 1 else b"".join(frames)
            self._sent += 1
            self._on_the_way.append(len(message))
            self._bytes_on_the_way += len(message)
            await self.send(message)

    def offer(self, topic: Topic, frame: bytes) -> None:
        """A new frame of a topic this screen follows."""
        self.outbox.offer(topic, frame)

    def review(self) -> None:
        """End at once what may not be seen any more."""
        places = {place_of(topic) for topic in self.outbox.topics}
        lost = {place for place in places if not self.sight.allows(place)}
        ended = [topic for topic in self.outbox.topics if place_of(topic) in lost]
        for topic in ended:
            self._leave(topic)
        if ended:
            names = sorted({str(topic.name) for topic in ended})
            self.word({"t": "ended", "topics": names, "why": "no_right"})

    def beat(self, now: float, time_ms: int) -> None:
        """A sign of life; ends the session of a screen that gives none."""
        if now - self.heard > SILENCE:
            self.end(Closed(Close.SILENT, f"nothing was heard for {SILENCE:.0f} s"))
        self.word({"t": "beat", "time": time_ms, "shed": self.outbox.shed})

    def end(self, closed: Closed) -> None:
        """Have the connection closed; the first reason counts."""
        if not self._end.done():
            self._end.set_result(closed)

    async def ended(self) -> None:
        """Raises Closed when the session is ended, even while speak waits for a screen that hangs."""
        raise await asyncio.shield(self._end)

    def leave_all(self) -> None:
        """Follow nothing any more; to be called when the connection is gone."""
        for topic in self.outbox.topics:
            self._leave(topic)

    def _subscribe(self, word: Subscribe) -> None:
        names, refused = self._sorted(word.topics)
        for place in dict.fromkeys((name.city, name.kind) for name in names):
            self._tell_city(place[0])
            self._tell_names(place)
        topics = [self.hub.follow(name, self) for name in names]
        if topics:
            self.word({"t": "subscribed", "topics": {str(t.name): t.number for t in topics}})
        if refused:
            self.word({"t": "refused", "topics": refused})
        for topic in topics:
            self.outbox.follow(topic, self._missed(topic, word.resume))

    def _sorted(self, texts: list[str]) -> tuple[list[TopicName], dict[str, str]]:
        """The topics to follow from now on, and why not the others."""
        following = {
            topic.name
            for topic in self.outbox.topics
            if topic is not self.hub.names(place_of(topic)).topic
        }
        names: dict[TopicName, None] = {}
        refused: dict[str, str] = {}
        for text in texts:
            try:
                name = parse(text)
            except BadTopic as error:
                refused[text] = str(error)
                continue
            why = self._why_not(name, len(following) + len(names))
            if why:
                refused[text] = why
            elif name not in following:
                names[name] = None
        return list(names), refused

    def _why_not(self, name: TopicName, following: int) -> str:
        """Why the topic cannot be followed, in one word; empty when it can."""
        kind = kinds.find(name.kind)
        if kind is None:
            return "unknown_kind"
        if self.atlas.city(name.city) is None:
            return "unknown_city"
        if not self.sight.allows((name.city, name.kind)):
            return "no_right"
        if name.cell is not None and not isinstance(kind, kinds.Moving):
            return "no_cells"
        return "too_many" if following >= MOST_TOPICS else ""

    def _missed(self, topic: Topic, resume: Resume | None) -> list[bytes] | None:
        """What the screen has missed of topic since it was here; None when that is not known any more."""
        if resume is None or resume.epoch != self.hub.epoch:
            return None
        last = resume.seq.get(str(topic.name))
        return None if last is None else topic.since(last)

    def _tell_city(self, key: str) -> None:
        if key not in self._cities:
            self._cities.add(key)
            self.word({"t": "city", "city": key, **(self.atlas.city(key) or {})})

    def _tell_names(self, place: Place) -> None:
        """Let the names of moving things come before the things, and stay up to date."""
        names = self.hub.names(place)
        if isinstance(kinds.find(place[1]), kinds.Moving) and names.topic not in self.outbox:
            names.topic.followers[self] = None
            self.outbox.follow(names.topic, None)

    def _unsubscribe(self, word: Unsubscribe) -> None:
        unwanted = set(word.topics)
        for topic in self.outbox.topics:
            if str(topic.name) in unwanted and topic is not self.hub.names(place_of(topic)).topic:
                self._leave(topic)

    def _leave(self, topic: Topic) -> None:
        self.outbox.leave(topic)
        self.hub.unfollow(topic, self)

    def _ack(self, count: int) -> None:
        if count > self._sent:
            raise Closed(Close.BAD_WORD, f"{count} acknowledged of {self._sent} sent")
        while self._acknowledged < count:
            self._acknowledged += 1
            self._bytes_on_the_way -= self._on_the_way.popleft()
        self._wake()

    def _window(self) -> bool:
        """Whether the screen has taken in enough of what was sent to be sent more."""
        waiting = len(self._on_the_way)
        return waiting < WINDOW_MESSAGES and (waiting == 0 or self._bytes_on_the_way < WINDOW_BYTES)

    def _count_word(self) -> None:
        now = self.heard
        self._words += (now - self._words_at) * WORDS_A_SECOND
        self._words = min(self._words, WORDS_AT_ONCE) - 1
        self._words_at = now
        if self._words < 0:
            raise Closed(Close.TOO_MANY, f"more than {WORDS_A_SECOND:.0f} messages a second")

    def _wake(self) -> None:
        self._something.set()


def place_of(topic: Topic) -> Place:
    """The city and kind that a topic is of."""
    return topic.name.city, topic.name.kind
