"""The WebSocket `/live/cameras/wall`: the pictures of one wall, over one connection.

The page says what it shows: `{"tiles": {camera: "main" | "sub" | "still"}, "patrol": [camera, …]}`.
Cameras that no entry of the trail lists yet make one more, which lists all of them; a patrol is listed
whole when it begins, and its pages leave none. Words to the page name their camera; pictures begin with
the camera's sixteen bytes and a byte that is 1 for JPEG.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from madang.ground.live.closing import Closed
from madang.ground.people.public import Looking
from madang.systems.cameras.live.closing import Close
from madang.systems.cameras.live.door import Layout, Pass
from madang.systems.cameras.live.showing import Showing, Viewer
from madang.systems.cameras.messages import STILL_MIME, Which

MOST_TILES, MOST_PATROLLED = 64, 500
WAITING = 600_000  # bytes that may wait for one tile


class Shows(msgspec.Struct):
    """What a wall's page says."""

    tiles: dict[UUID, Which]
    patrol: list[UUID] = []


read_shows = msgspec.json.Decoder(Shows).decode
Open = Callable[[Sequence[UUID], Looking | None], Awaitable[Layout]]


class Watch(Protocol):
    """Who closes a picture when it may not be seen any more."""

    def watch(self, seen: Pass) -> asyncio.Future[Closed]: ...
    def forget(self, end: asyncio.Future[Closed]) -> None: ...


@dataclass
class Tile:
    """One open picture."""

    which: str
    task: asyncio.Task[None]


class Wall:
    """One page's tiles."""

    def __init__(
        self, socket: WebSocket, showing: Showing, open_: Open, watch: Watch, language: str = "ko"
    ) -> None:
        self._socket, self._showing, self._language = socket, showing, language
        self._open, self._watch = open_, watch
        self._tiles: dict[UUID, Tile] = {}
        self._noted: set[UUID] = set()  # cameras that the last entry lists
        self._patrol: set[UUID] = set()
        self._speaking = asyncio.Lock()

    async def go_on(self) -> None:
        """Until the page is gone."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message["code"], message.get("reason"))
            try:
                shows = read_shows(message.get("text") or message.get("bytes") or b"")
            except msgspec.DecodeError:
                raise Closed(Close.BAD_WORD, "a wall says its tiles and its patrol") from None
            if len(shows.tiles) > MOST_TILES or len(shows.patrol) > MOST_PATROLLED:
                raise Closed(Close.BAD_WORD, f"a wall has {MOST_TILES} tiles at most")
            await self._show(shows)

    async def end(self) -> None:
        for camera in list(self._tiles):
            await self._close(camera)

    async def _show(self, shows: Shows) -> None:
        for camera, tile in list(self._tiles.items()):
            if shows.tiles.get(camera) != tile.which or tile.task.done():
                await self._close(camera)
        new = [camera for camera in shows.tiles if camera not in self._tiles]
        layout = await self._enter(shows, new)
        for camera, closed in layout.shut.items():
            if camera in shows.tiles:
                await self._shut(camera, closed)
        for camera in new:
            if camera in layout.open:
                await self._begin(camera, layout.open[camera], shows.tiles[camera])

    async def _enter(self, shows: Shows, new: list[UUID]) -> Layout:
        """Ask for the rights of what is new, and leave the entry that lists it."""
        patrol = set(shows.patrol)
        if patrol and patrol != self._patrol:
            layout = await self._open(list(patrol | set(shows.tiles)), "patrol")
            self._patrol, self._noted = patrol, patrol | set(shows.tiles)
            return layout
        self._patrol = patrol
        if not new:
            return Layout({}, {})
        layout = await self._open(new, None)
        if set(layout.open) <= self._noted:
            return layout
        layout = await self._open(list(shows.tiles), "layout")
        self._noted = set(layout.open)
        return layout

    async def _begin(self, camera: UUID, seen: Pass, wanted: str) -> None:
        which = wanted if wanted == "still" or wanted in seen.streams else seen.streams[:1]
        if not seen.streams:
            await self._shut(camera, Closed(Close.NO_STREAM, "no address of a stream is recorded"))
            return
        stream = which if isinstance(which, str) else which[0]
        task = asyncio.create_task(self._run(camera, seen, stream))
        self._tiles[camera] = Tile(wanted, task)

    async def _close(self, camera: UUID) -> None:
        tile = self._tiles.pop(camera)
        tile.task.cancel()
        await asyncio.gather(tile.task, return_exceptions=True)

    async def _run(self, camera: UUID, seen: Pass, stream: str) -> None:
        viewer, heard, changed = (
            Viewer(WAITING, self._language),
            (camera, seen.stream(stream)),
            False,
        )
        try:
            end = self._watch.watch(seen)
        except Closed as closed:
            await self._shut(camera, closed)
            return
        try:
            door = {"t": "door", "mark": seen.mark, "streams": seen.streams, "stream": stream}
            await self._say(camera, {**door, "masked": seen.veil is not None})
            await self._showing.join(heard, viewer)
            await until_first(self._send(camera, viewer, stream == "still"), over(end))
        except Closed as closed:
            changed = closed.code == Close.VEIL_CHANGED
            with contextlib.suppress(Exception):  # the page may be gone too
                await self._shut(camera, closed)
        finally:
            self._watch.forget(end)
            await self._showing.leave(heard, viewer)
        if changed:
            self._again(camera, stream)

    def _again(self, camera: UUID, stream: str) -> None:
        """What is hidden of it has changed: the door is opened anew, under what holds now."""
        task = asyncio.create_task(self._reopen(camera, stream))
        self._tiles[camera] = Tile(self._tiles[camera].which, task)

    async def _reopen(self, camera: UUID, stream: str) -> None:
        with contextlib.suppress(Closed):
            layout = await self._open([camera], None)
            if camera in layout.open:
                await self._run(camera, layout.open[camera], stream)
            else:
                await self._shut(camera, layout.shut[camera])

    async def _send(self, camera: UUID, viewer: Viewer, still: bool) -> None:
        while True:
            found = await viewer.take()
            if isinstance(found, bytes):
                async with self._speaking:
                    await self._socket.send_bytes(camera.bytes + bytes([still]) + found)
            else:
                # A masked stream may turn from stills to video: its words say what comes.
                still = found["mime"] == STILL_MIME if found["t"] == "begin" else still
                await self._say(camera, found)

    async def _shut(self, camera: UUID, closed: Closed) -> None:
        await self._say(camera, {"t": "shut", "code": int(closed.code), "why": closed.reason})

    async def _say(self, camera: UUID, word: dict[str, Any]) -> None:
        async with self._speaking:
            await self._socket.send_text(json.dumps({**word, "camera": str(camera)}))


async def over(end: asyncio.Future[Closed]) -> None:
    """Raise what ends a picture, when it does."""
    raise await asyncio.shield(end)


async def until_first(*duties: Any) -> None:
    """Do them all until the first ends; what it raised is raised, the others are cancelled."""
    tasks = [asyncio.ensure_future(duty) for duty in duties]
    try:
        done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
