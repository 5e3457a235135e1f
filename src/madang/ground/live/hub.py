"""Everything live in one web process: what is known, the topics, and when changes are said.

One hub serves every socket of its process. Positions are gathered for a moment and then said at most
ten times a second, so that a thousand small batches do not become a thousand frames.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.ground.bus.messages import now_ms
from madang.ground.live import kinds
from madang.ground.live.board import Board
from madang.ground.live.frames import frame
from madang.ground.live.kinds import Moving, Record, Recorded
from madang.ground.live.ledger import Ledger
from madang.ground.live.names import Name, Names
from madang.ground.live.things import Ints, Times
from madang.ground.live.topic import KEPT_SECONDS, Follower, Topic
from madang.ground.live.topics import TopicName

GATHER = 0.02  # seconds that a change waits for others
PAUSE = 0.1  # seconds between two frames of a topic
SWEEP = 1.0

Place = tuple[str, str]  # city's key, kind's key


class Hub:
    """epoch names this hub: a topic's sequence numbers mean something within one epoch only.

    fed says whether the log is heard at the moment.
    """

    def __init__(self, clock: Callable[[], int] = now_ms) -> None:
        self.epoch = secrets.token_hex(8)
        self.fed = False
        self._clock = clock
        self._boards: dict[Place, Board] = {}
        self._ledgers: dict[Place, Ledger] = {}
        self._names: dict[Place, Names] = {}
        self._topics: dict[TopicName, Topic] = {}
        self._numbers = 0
        self._due: dict[Board, None] = {}
        self._said = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def now(self) -> int:
        """The time by which frames are stamped, ms since 1970 UTC."""
        return self._clock()

    def name(self, place: Place, names: Sequence[Name]) -> None:
        """Take in what things of a kind are called; they are told to who sees them."""
        self.names(place).put(names, self._clock())

    def put(self, place: Place, numbers: Ints, times: Times, columns: list[NDArray[Any]]) -> None:
        """Take in rows of moving things; they are said within GATHER + PAUSE seconds."""
        board = self.board(place)
        board.put(numbers, times, columns)
        self._flush_soon(board)

    def mark(self, place: Place, numbers: Ints, times: Times, words: Sequence[str]) -> None:
        """Take in what state moving things say they are in."""
        board = self.board(place)
        codes = {word: code for code, word in enumerate(board.kind.states)}
        states = np.array([codes.get(word, np.nan) for word in words], dtype=np.float32)
        board.mark(numbers, times, states)
        self._flush_soon(board)

    def record(self, place: Place, record: Record) -> None:
        """Take in a record; it is said at once."""
        self.ledger(place).put(record, self._clock())

    def settle(self, place: Place, records: list[Record], before: Iterable[str]) -> None:
        """Bring a ledger in line with the store; before are the keys it had when the store was read."""
        self.ledger(place).settle(records, before, self._clock())

    def flush(self) -> None:
        """Say what changed on every board that took something in."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._said = asyncio.get_running_loop().time()
        due, self._due = self._due, {}
        now = self._clock()
        for board in due:
            board.flush(now)

    def _flush_soon(self, board: Board) -> None:
        self._due[board] = None
        if self._timer is None:
            loop = asyncio.get_running_loop()
            wait = max(GATHER, self._said + PAUSE - loop.time())
            self._timer = loop.call_later(wait, self.flush)

    def follow(self, name: TopicName, follower: Follower) -> Topic:
        """The topic of that name, with one follower more; LookupError for a kind nobody registered."""
        topic = self._topics.get(name) or self._open(name)
        topic.followers[follower] = None
        topic.emptied = None
        return topic

    def unfollow(self, topic: Topic, follower: Follower) -> None:
        """One follower less; a topic without any is kept a while for those who come back."""
        topic.followers.pop(follower, None)
        if not topic.followers:
            topic.emptied = time.monotonic()

    def full(self, topic: Topic) -> bytes:
        """Everything there is on topic now."""
        place = (topic.name.city, topic.name.kind)
        names = self._names.get(place)
        if names is not None and topic is names.topic:
            return names.full(self._clock())
        board = self._boards.get(place)
        if board is not None:
            return board.full(topic, self._clock())
        return self._ledgers[place].full(topic, self._clock())

    def sweep(self) -> None:
        """Let go of topics nobody came back to and of things not heard of; to be called each second."""
        now = time.monotonic()
        for name, topic in list(self._topics.items()):
            if topic.emptied is not None and now - topic.emptied > KEPT_SECONDS:
                self._close(name, topic)
        for board in self._boards.values():
            board.forget(self._clock() - int(board.kind.forget_after * 1000))
            board.flush(self._clock())

    def feed(self, up: bool) -> bytes:
        """Note whether the log is heard; the frame that tells the screens."""
        self.fed = up
        return frame({"t": "feed", "up": up, "time": self._clock()})

    def board(self, place: Place) -> Board:
        if place not in self._boards:
            kind = kinds.find(place[1])
            if not isinstance(kind, Moving):
                raise LookupError(f"no kind of moving things is called '{place[1]}'")
            self._boards[place] = Board(kind)
        return self._boards[place]

    def ledger(self, place: Place) -> Ledger:
        if place not in self._ledgers:
            kind = kinds.find(place[1])
            if not isinstance(kind, Recorded):
                raise LookupError(f"no kind of records is called '{place[1]}'")
            self._ledgers[place] = Ledger(kind)
        return self._ledgers[place]

    def names(self, place: Place) -> Names:
        if place not in self._names:
            self._numbers += 1
            self._names[place] = Names(TopicName(*place), self._numbers)
        return self._names[place]

    def _open(self, name: TopicName) -> Topic:
        place = (name.city, name.kind)
        kind = kinds.find(name.kind)
        self._numbers += 1
        topic = Topic(name, self._numbers, lasting=isinstance(kind, Recorded))
        if isinstance(kind, Recorded):
            self.ledger(place).topic = topic
        else:
            self.board(place).follow(topic)
        self._topics[name] = topic
        return topic

    def _close(self, name: TopicName, topic: Topic) -> None:
        del self._topics[name]
        place = (name.city, name.kind)
        if topic.lasting:
            self._ledgers[place].topic = None
        else:
            self._boards[place].unfollow(topic)
