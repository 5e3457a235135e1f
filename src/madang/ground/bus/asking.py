"""Asking a process of the platform over NATS, from code that waits: a question goes out, bytes come back.

Nothing of it is kept: an answer that is lost is asked for again. What must last goes on the log or into
the store before anybody asks about it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import TimeoutError as Late
from typing import Any, TypeVar

from nats.aio.client import Client
from nats.errors import Error as NatsError

from madang.ground.bus.connecting import connect

Result = TypeVar("Result")


class UnansweredError(Exception):
    """Nobody answers there, or not in time."""


# Where the log is away a question fails soon: it holds a thread of the web process while it waits.
REACHED_WITHIN = 2.0  # seconds


class Asker:
    """One connection for all threads of a process, opened at the first question."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: Client | None = None
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
        connection = await asyncio.wait_for(self._connected(), min(patience, REACHED_WITHIN))
        return (await connection.request(subject, question, timeout=patience)).data

    async def _connected(self) -> Client:
        if self._connection is None:
            self._connection = await connect(self._url, self._name)
        return self._connection

    def _running(self) -> asyncio.AbstractEventLoop:
        """The loop that holds the connection; a process that was forked off has one of its own."""
        with self._lock:
            if self._loop is None or self._of != os.getpid():
                self._loop, self._connection, self._of = asyncio.new_event_loop(), None, os.getpid()
                threading.Thread(target=self._loop.run_forever, name="asking", daemon=True).start()
            return self._loop

    def close(self) -> None:
        """End the connection; the next question opens another."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        if self._connection is not None:
            _finish(self._connection.close(), loop)
            self._connection = None
        loop.call_soon_threadsafe(loop.stop)


def _finish(act: Coroutine[Any, Any, Result], loop: asyncio.AbstractEventLoop) -> Result:
    return asyncio.run_coroutine_threadsafe(act, loop).result(5)
