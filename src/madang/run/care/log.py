"""The log in a backup: each JetStream stream as the server's own snapshot, with its readers' places.

This is NATS's snapshot protocol (its command-line tool speaks the same), so it works with the embedded
server and with a cluster: https://docs.nats.io/reference/jetstream/api/stream/snapshot.md
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError

from madang.run.refusal import Refusal

CHUNK = 128 << 10  # bytes; the server's own default
PATIENCE = 30.0  # seconds for one answer


class LogCareError(Refusal):
    """The log could not be saved or brought back; the message says which stream and why."""


@dataclass(frozen=True)
class SavedStream:
    """One stream as saved: what the server needs to make it again, and how much it holds."""

    name: str
    config: dict[str, Any]
    state: dict[str, Any]

    @property
    def messages(self) -> int:
        return int(self.state["messages"])


async def save(url: str, folder: Path) -> list[SavedStream]:
    """Write every stream of the log at url into folder, two files a stream."""
    connection = await _connect(url)
    try:
        return [await _save_stream(connection, name, folder) for name in await names(connection)]
    finally:
        await connection.close()


async def load(url: str, folder: Path) -> list[SavedStream]:
    """Make every stream saved in folder in the empty log at url.

    Raises LogCareError, before anything is made, when the log has streams already.
    """
    connection = await _connect(url)
    try:
        if there := await names(connection):
            raise LogCareError(
                f"The log is not empty: it has the streams {', '.join(there)}. "
                "Bring the backup back into a new home folder, or into a NATS account of its own."
            )
        saved = [_read(path) for path in sorted(folder.glob("*.json"))]
        for stream in saved:
            await _load_stream(connection, stream, folder)
        return saved
    finally:
        await connection.close()


async def names(connection: Client) -> list[str]:
    """The names of every stream of the account."""
    found: list[str] = []
    while True:
        page = await _ask(connection, "STREAM.NAMES", {"offset": len(found)})
        found += page.get("streams") or []
        if len(found) >= page["total"] or not page.get("streams"):
            return sorted(found)


async def _connect(url: str) -> Client:
    try:
        return await nats.connect(
            url, name="madang care", allow_reconnect=False, max_reconnect_attempts=1
        )
    except (NatsError, OSError) as error:
        raise LogCareError(f"The log cannot be reached: {error}. Is NATS running?") from error


async def _save_stream(connection: Client, name: str, folder: Path) -> SavedStream:
    inbox = connection.new_inbox()
    chunks = await connection.subscribe(inbox)
    answer = await _ask(
        connection,
        f"STREAM.SNAPSHOT.{name}",
        {"deliver_subject": inbox, "no_consumers": False, "chunk_size": CHUNK},
    )
    with (folder / f"{name}.snapshot").open("wb") as file:
        async for chunk in _received(chunks, name):
            file.write(chunk)
    await chunks.unsubscribe()
    stream = SavedStream(name, answer["config"], answer["state"])
    saved = {"name": name, "config": stream.config, "state": stream.state}
    (folder / f"{name}.json").write_text(json.dumps(saved, indent=1))
    return stream


async def _received(subscription: Any, name: str) -> AsyncIterator[bytes]:
    """The snapshot's chunks; each is answered, which is how the server is told to send more."""
    while True:
        try:
            message = await subscription.next_msg(timeout=PATIENCE)
        except (NatsError, TimeoutError) as error:
            raise LogCareError(f"The server stopped sending the stream {name}.") from error
        if trouble := _trouble(message.headers):
            raise LogCareError(f"The server could not save the stream {name}: {trouble}")
        if not message.data:
            return
        yield message.data
        if message.reply:
            await message.respond(b"")


def _trouble(headers: dict[str, str] | None) -> str:
    """What an end-of-snapshot message complains of; the ordinary end is 204 EOF."""
    status = (headers or {}).get("Status", "")
    return (headers or {}).get("Description", status) if status not in ("", "204") else ""


async def _load_stream(connection: Client, stream: SavedStream, folder: Path) -> None:
    request = {"config": stream.config, "state": stream.state}
    answer = await _ask(connection, f"STREAM.RESTORE.{stream.name}", request)
    to = answer["deliver_subject"]
    with (folder / f"{stream.name}.snapshot").open("rb") as file:
        while chunk := file.read(CHUNK):
            await _hand_over(connection, to, chunk, stream.name)
    await _hand_over(connection, to, b"", stream.name)


async def _hand_over(connection: Client, to: str, chunk: bytes, name: str) -> None:
    try:
        answer = await connection.request(to, chunk, timeout=PATIENCE)
    except (NatsError, TimeoutError) as error:
        raise LogCareError(f"The server stopped taking the stream {name}: {error}") from error
    _refuse_errors(json.loads(answer.data or b"{}"), f"the stream {name}")


async def _ask(connection: Client, verb: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        message = await connection.request(
            f"$JS.API.{verb}", json.dumps(request).encode(), timeout=PATIENCE
        )
    except (TimeoutError, NatsError) as error:
        raise LogCareError(
            f"The log does not answer {verb}: {error}. Does the account have JetStream?"
        ) from error
    answer: dict[str, Any] = json.loads(message.data)
    _refuse_errors(answer, verb)
    return answer


def _refuse_errors(answer: dict[str, Any], what: str) -> None:
    if error := answer.get("error"):
        raise LogCareError(f"The log refuses {what}: {error.get('description', error)}")


def _read(path: Path) -> SavedStream:
    return SavedStream(**json.loads(path.read_text()))
