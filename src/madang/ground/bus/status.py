"""How processes are, said on NATS: the newest word of each, gone when it has said nothing for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import nats
from nats.errors import Error as NatsError
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

from madang.ground.bus.log import Log

STREAM = "STATUS"
GONE_AFTER = 15.0  # seconds


async def say_status(log: Log, process: str, status: Mapping[str, Any]) -> None:
    """Say how the process called process is; its name's first part, to a dash, is its kind."""
    subject = f"status.{process.replace('.', '_')}"
    data = msgspec.json.encode(status)
    try:
        await log.jetstream.publish(subject, data, timeout=2, stream=STREAM)
    except (NotFoundError, NatsError):
        await _ensure(log)
        await log.jetstream.publish(subject, data, timeout=2, stream=STREAM)


def read_statuses(url: str, kind: str, patience: float = 1.0) -> dict[str, dict[str, Any]]:
    """How every process of kind is, by its name; empty where none says anything or NATS is away."""
    try:
        return asyncio.run(asyncio.wait_for(_read(url, kind), patience))
    except (NatsError, APIError, OSError, TimeoutError):
        return {}


async def _read(url: str, kind: str) -> dict[str, dict[str, Any]]:
    connection = await nats.connect(
        url,
        max_reconnect_attempts=1,
        reconnect_time_wait=0.05,
        connect_timeout=1,
        error_cb=_is_away,
    )
    try:
        jetstream = connection.jetstream(timeout=1)
        # a * of NATS stands for a whole word, never for a part of one
        info = await jetstream.stream_info(STREAM, subjects_filter="status.*")
        found = {}
        for subject in info.state.subjects or {}:
            process = subject.removeprefix("status.")
            if process.startswith(f"{kind}-"):
                raw = await jetstream.get_last_msg(STREAM, subject)
                found[process] = msgspec.json.decode(raw.data or b"{}")
        return found
    finally:
        await connection.close()


async def _is_away(error: Exception) -> None:
    """Reading says nothing then; nats-py would print the error."""


async def _ensure(log: Log) -> None:
    config = StreamConfig(
        name=STREAM,
        subjects=["status.*"],
        storage=StorageType.MEMORY,
        max_msgs_per_subject=1,
        max_age=GONE_AFTER,
        discard=DiscardPolicy.OLD,
    )
    try:
        await log.jetstream.update_stream(config)
    except NotFoundError:
        await log.jetstream.add_stream(config)
