"""Connections to NATS that come back for ever, and say what keeps them away."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import nats
import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import APIError

SAY_AGAIN = 60.0  # seconds after which the same trouble is worth another line

log = structlog.get_logger()


async def connect(
    url: str, name: str, reconnected: Callable[[], Awaitable[None]] | None = None
) -> Client:
    """Connect as the process called name; waits for a server that is away, and connects again when it goes.

    What keeps it away is in the log of the process, each trouble at most once a minute.
    reconnected is called when the server is back.
    """
    return await nats.connect(
        url,
        name=name,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.25,
        ping_interval=10,
        error_cb=Troubles().tell,
        reconnected_cb=reconnected,
    )


class Troubles:
    """What nats-py complained of; it tries four times a second, and complains each time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said: dict[str, float] = {}

    async def tell(self, error: Exception) -> None:
        words = str(error) or type(error).__name__
        now = self._clock()
        if now - self._said.get(words, float("-inf")) < SAY_AGAIN:
            return
        self._said = {word: at for word, at in self._said.items() if now - at < SAY_AGAIN}
        self._said[words] = now
        log.warning("NATS is away; trying again", why=words)


class AwayError(Exception):
    """No server of those named lets this user in; the message says what each answered."""


@dataclass(frozen=True)
class Introduction:
    """What a server says of itself: version as (major, minor), whether this user has JetStream."""

    version: tuple[int, int]
    jetstream: bool


async def introduce(url: str) -> Introduction:
    """Ask the first server of url (several with commas) that answers; AwayError when none does."""
    reasons: dict[str, None] = {}

    async def note(error: Exception) -> None:
        reasons[str(error) or "it does not answer"] = None

    try:
        connection = await nats.connect(
            url,
            name="madang config",
            max_reconnect_attempts=1,
            reconnect_time_wait=0.05,
            connect_timeout=3,
            error_cb=note,
        )
    except (NatsError, OSError) as error:
        raise AwayError("; ".join(reasons) or str(error)) from error
    try:
        version = connection.connected_server_version
        return Introduction((version.major, version.minor), await _has_jetstream(connection))
    finally:
        await connection.close()


async def _has_jetstream(connection: Client) -> bool:
    try:
        await connection.jetstream(timeout=3).account_info()
    except (NatsError, APIError, TimeoutError):
        return False
    return True
