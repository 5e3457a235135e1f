"""A device's side of MQTT 3.1.1 with QoS 1, small enough to have thousands of them in one process.

What is said is kept until the server acknowledges it and is said again after a lost connection, as the
terminal of a vehicle does; a full memory forgets the oldest. OASIS Standard MQTT 3.1.1, sections 3.1-3.4.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import NamedTuple, cast

CONNECT, CONNACK, PUBLISH_QOS1, PUBACK, PINGREQ, DISCONNECT = 0x10, 0x20, 0x32, 0x40, 0xC0, 0xE0
DUPLICATE = 0x08
KEEP_ALIVE = 60  # seconds
MEMORY = 2000  # messages
IN_FLIGHT = 100  # messages not yet acknowledged
LONGEST_PAUSE = 30.0  # seconds between tries


class Word(NamedTuple):
    """What is said on a topic: so many facts, all of which were said before where it repeats."""

    topic: str
    payload: bytes
    facts: int = 1
    repeats: bool = False

    @property
    def what(self) -> str:
        """The kind of facts: a topic's last level."""
        return self.topic.rpartition("/")[2]


@dataclass
class Account:
    """What all devices of a process said: taken by the server, and forgotten for want of memory.

    sent are the facts that were acknowledged, by kind, each once however often it was said; again are
    those that were said once more, as their acknowledgement was lost or the device repeats itself.
    """

    acknowledged: int = 0
    forgotten: int = 0
    refused: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    again: Counter[str] = field(default_factory=Counter)

    def acknowledge(self, word: Word) -> None:
        self.acknowledged += 1
        (self.again if word.repeats else self.sent)[word.what] += word.facts


class Connection(asyncio.Protocol):
    """One device's connection, tried again for ever until close()."""

    def __init__(
        self, address: tuple[str, int], name: str, credential: str, account: Account
    ) -> None:
        self._address = address
        self._hello = _connect(name, credential)
        self._account = account
        self._transport: asyncio.Transport | None = None
        self._open = False
        self._buffer = b""
        self._waiting: deque[Word] = deque()
        self._said: dict[int, Word] = {}
        self._number = 0
        self._spoke = 0.0
        self._lost = asyncio.Event()

    async def keep(self) -> None:
        """Stay connected until cancelled."""
        pause = 1.0
        try:
            while True:
                self._lost.clear()
                with contextlib.suppress(OSError):
                    await asyncio.get_running_loop().create_connection(lambda: self, *self._address)
                    await self._alive()
                    pause = 1.0 if self._spoke else pause
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))
                pause = min(pause * 2, LONGEST_PAUSE)
        finally:
            self.close()

    def say(self, word: Word) -> None:
        """Publish now or once the connection is there."""
        if len(self._waiting) >= MEMORY:
            self._waiting.popleft()
            self._account.forgotten += 1
        self._waiting.append(word)
        self._send()

    def unsaid(self) -> int:
        """How many messages are not acknowledged yet."""
        return len(self._waiting) + len(self._said)

    def in_flight(self) -> list[Word]:
        """What was said and is not acknowledged yet."""
        return list(self._said.values())

    def close(self) -> None:
        if self._transport is not None:
            self._transport.write(bytes([DISCONNECT, 0]))
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without saying so
        self._buffer, self._spoke = b"", 0.0
        self._transport.write(self._hello)

    def connection_lost(self, error: Exception | None) -> None:
        self._open, self._transport = False, None
        self._lost.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (packet := _first_packet(self._buffer)) is not None:
            kind, body, self._buffer = packet
            self._hear(kind, body)

    async def _alive(self) -> None:
        """Say that we are here whenever nothing was said for a while, until the connection is lost."""
        while not self._lost.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KEEP_ALIVE / 2):
                    await self._lost.wait()
            if self._transport is not None and self._open:
                self._transport.write(bytes([PINGREQ, 0]))

    def _hear(self, kind: int, body: bytes) -> None:
        if kind == PUBACK:
            if word := self._said.pop(int.from_bytes(body[:2], "big"), None):
                self._account.acknowledge(word)
            self._send()
        elif kind == CONNACK and body[1:2] == b"\0":
            self._open, self._spoke = True, 1.0
            for number, word in list(self._said.items()):
                self._account.again[word.what] += word.facts
                self._write(PUBLISH_QOS1 | DUPLICATE, number, word)
            self._send()
        elif kind == CONNACK:
            self._account.refused += 1
            self.close()

    def _send(self) -> None:
        while self._open and self._waiting and len(self._said) < IN_FLIGHT:
            word = self._waiting.popleft()
            self._number = self._number % 0xFFFF + 1
            self._said[self._number] = word
            self._write(PUBLISH_QOS1, self._number, word)

    def _write(self, kind: int, number: int, word: Word) -> None:
        assert self._transport is not None
        body = _text(word.topic) + number.to_bytes(2, "big") + word.payload
        self._transport.write(bytes([kind]) + _length(len(body)) + body)


def _connect(name: str, credential: str) -> bytes:
    """CONNECT with a clean session; the client id is the user name."""
    flags = bytes([4, 0b11000010]) + KEEP_ALIVE.to_bytes(2, "big")
    body = _text("MQTT") + flags + _text(name) + _text(name) + _text(credential)
    return bytes([CONNECT]) + _length(len(body)) + body


def _text(words: str) -> bytes:
    data = words.encode()
    return len(data).to_bytes(2, "big") + data


def _length(size: int) -> bytes:
    """The packet's remaining length, seven bits a byte."""
    found = bytearray()
    while True:
        size, digit = divmod(size, 128)
        found.append(digit | (0x80 if size else 0))
        if not size:
            return bytes(found)


def _first_packet(data: bytes) -> tuple[int, bytes, bytes] | None:
    """Kind, body and what comes after the first whole packet of data."""
    size = 0
    for at in range(1, min(len(data), 5)):
        size |= (data[at] & 0x7F) << (7 * (at - 1))
        if not data[at] & 0x80:
            end = at + 1 + size
            return (data[0] & 0xF0, data[at + 1 : end], data[end:]) if len(data) >= end else None
    return None
