"""Asking a process of the platform over NATS, from code that waits: a question goes out, bytes come back.

Nothing of it is kept: an answer that is lost is asked for again. What must last goes on the log or into
the store before anybody asks about it.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from concurrent.futures import TimeoutError as Late

from nats.aio.client import Client
from nats.errors import Error as NatsError

from madang.ground.bus.connecting import connect


class UnansweredError(Exception):
    """Nobody answers there, or not in time."""


# Where the log is away a question fails soon: it holds a thread of the web process while it waits.
SOON = 2.0  # seconds


class Asker:
    """One connection for all threads of a process, opened at the first question."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening: asyncio.Future[Client] | None = None
        self._until = 0.0
        self._of = os.getpid()

    def ask(self, subject: str, question: bytes, patience: float) -> bytes:
        """The answer of whoever serves subject; UnansweredError after patience seconds without one."""
        waiting = asyncio.run_coroutine_threadsafe(
            self._ask(subject, question, patience), self._running()
        )
        try:
            return waiting.result(patience + 1)
        except (NatsError, OSError, TimeoutError, Late) as error:
            waiting.cancel()
            raise UnansweredError(f"{subject}: {error or type(error).__name__}") from error

    async def _ask(self, subject: str, question: bytes, patience: float) -> bytes:
        connection = await self._connected()
        return (await connection.request(subject, question, timeout=patience)).data

    async def _connected(self) -> Client:
        """The connection, waited for until SOON after the first question; it goes on trying behind."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(connect(self._url, self._name))
            self._until = time.monotonic() + SOON
        opening = self._opening
        await asyncio.wait({opening}, timeout=max(0.0, self._until - time.monotonic()))
        if opening.done() and opening.exception():
            self._opening = None  # refused: the next question tries anew
        if not opening.done() or not opening.result().is_connected:
            raise UnansweredError("the log of events is away")
        return opening.result()

    def _running(self) -> asyncio.AbstractEventLoop:
        """The loop that holds the connection; a process that was forked off has one of its own."""
        with self._lock:
            if self._loop is None or self._of != os.getpid():
                self._loop, self._opening, self._of = asyncio.new_event_loop(), None, os.getpid()
                threading.Thread(target=self._loop.run_forever, name="asking", daemon=True).start()
            return self._loop

    def close(self) -> None:
        """End the connection; the next question opens another."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        asyncio.run_coroutine_threadsafe(self._leave(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)

    async def _leave(self) -> None:
        opening, self._opening = self._opening, None
        if opening is None:
            return
        if opening.done() and not opening.cancelled() and opening.exception() is None:
            await opening.result().close()
        else:
            opening.cancel()
