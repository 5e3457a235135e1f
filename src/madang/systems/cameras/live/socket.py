"""The WebSocket `/live/cameras/<camera>/<main|sub|coded>`: a camera's picture as fragmented MP4; coded is
encoded anew as H.264, for browsers that show neither of its streams.

A text message is a word (begin with a MIME type, trouble with a reason, door with the viewer's mark);
a binary one is to be appended to the page's media source.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, cast
from uuid import UUID

import nats.errors
import structlog
from django.conf import settings
from django.db import connection
from django.utils.translation import override
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from madang.ground import bell
from madang.ground.bus.connecting import connect
from madang.ground.live.apps import RIGHTS_BELL
from madang.ground.live.closing import Closed
from madang.ground.live.socket import same_origin
from madang.ground.people.public import Looking, RightsBook
from madang.systems.cameras.domain.masks import BELL as VEILS_BELL
from madang.systems.cameras.live import warming
from madang.systems.cameras.live.closing import Close
from madang.systems.cameras.live.door import (
    Layout,
    Pass,
    Playback,
    open_door,
    open_layout,
    open_playback,
    veils,
)
from madang.systems.cameras.live.playing import play
from madang.systems.cameras.live.replaying import Taken
from madang.systems.cameras.live.showing import WISH_EVERY, Showing, Viewer
from madang.systems.cameras.live.wall import Wall, over, until_first
from madang.systems.cameras.messages import CODED, HIDE, Hiding, encode, read_hidden
from madang.systems.cameras.steering.door import open_steering
from madang.systems.cameras.steering.socket import Steering
from madang.systems.cameras.troubles import in_words

LOOK = 0.25  # seconds between two looks at whether a picture may still be seen
SESSIONS = 15.0  # … at the sessions, beside the bell
MOST = 400  # pictures of one web process
CLOSE_WITHIN = 2.0
HIDDEN_WITHIN = 10.0  # seconds until a few seconds of footage are painted over

log = structlog.get_logger(__name__)
Show = Callable[[WebSocket], Awaitable[None]]


class Doors:
    """The open pictures of one web process. What they need is begun with the first of them."""

    def __init__(self, nats_url: str) -> None:
        self._nats_url = nats_url
        self._open: dict[asyncio.Future[Closed], Pass] = {}
        self._begun: asyncio.Lock = asyncio.Lock()
        self._showing: Showing | None = None
        self._book: RightsBook | None = None
        self._nats: Any = None
        self._tasks: list[asyncio.Task[None]] = []
        self._threads: ThreadPoolExecutor | None = None

    @property
    def route(self) -> WebSocketRoute:
        return WebSocketRoute("/live/cameras/{camera:uuid}/{which:str}", self.serve)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hold this as long as the server runs."""
        loop, warmed = asyncio.get_running_loop(), set[asyncio.Task[None]]()

        def warm(camera: UUID, which: str) -> None:
            def start() -> None:
                task = loop.create_task(self._warm(camera, which))
                warmed.add(task)
                task.add_done_callback(warmed.discard)

            loop.call_soon_threadsafe(start)

        warming.begin(warm)
        try:
            yield
        finally:
            warming.end()
            await self._end()

    async def _warm(self, camera: UUID, which: str) -> None:
        with _told("cameras.not_warmed"):
            showing, _book = await self._begin()
            await showing.soon((camera, which))

    @property
    def wall_route(self) -> WebSocketRoute:
        return WebSocketRoute("/live/cameras/wall", self.serve_wall)

    @property
    def playback_route(self) -> WebSocketRoute:
        return WebSocketRoute("/live/cameras/{camera:uuid}/play", self.serve_playback)

    async def serve(self, socket: WebSocket) -> None:
        """One picture, from its opening to its end."""
        await self._serve(socket, self._show)

    async def serve_wall(self, socket: WebSocket) -> None:
        """Many pictures beside each other, from their opening to their end."""
        await self._serve(socket, self._show_wall)

    async def serve_playback(self, socket: WebSocket) -> None:
        """What was recorded of one camera, from its opening to its end."""
        await self._serve(socket, self._show_playback)

    @property
    def steering_route(self) -> WebSocketRoute:
        return WebSocketRoute("/live/cameras/{camera:uuid}/steer", self.serve_steering)

    async def serve_steering(self, socket: WebSocket) -> None:
        """Whose hand is on one camera, from its opening to its end."""
        await self._serve(socket, self._show_steering)

    async def _serve(self, socket: WebSocket, show: Show) -> None:
        if not same_origin(socket):
            await socket.close()  # before it is accepted: HTTP 403
            return
        await socket.accept()
        try:
            await show(socket)
        except Closed as closed:
            with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
                async with asyncio.timeout(CLOSE_WITHIN):
                    await socket.close(int(closed.code), closed.reason)
        except WebSocketDisconnect:
            return

    async def _show(self, socket: WebSocket) -> None:
        camera: UUID = socket.path_params["camera"]
        which = str(socket.path_params["which"])
        showing, book = await self._begin()
        self._check_room(1)
        session, language, address = who_asks(socket)
        seen = await self._ask(partial(open_door, session, camera, book, address, language))
        if which not in seen.streams and not (which == CODED and seen.streams):
            raise Closed(Close.NO_STREAM, "no address of this stream is recorded")
        masked, heard = seen.veil is not None, (camera, seen.stream(which))
        door = {"t": "door", "mark": seen.mark, "streams": seen.streams, "masked": masked}
        await socket.send_text(json.dumps(door))
        viewer, end = Viewer(language=language), self.watch(seen)
        try:
            await showing.join(heard, viewer)
            await until_first(_send(socket, viewer), _hear(socket), over(end))
        finally:
            self.forget(end)
            await showing.leave(heard, viewer)

    async def _show_wall(self, socket: WebSocket) -> None:
        showing, book = await self._begin()
        session, language, address = who_asks(socket)

        async def open_(cameras: Sequence[UUID], note: Looking | None) -> Layout:
            question = partial(open_layout, session, cameras, book, address, language, note)
            return cast("Layout", await self._ask(question))

        wall = Wall(socket, showing, open_, self, language)
        try:
            await wall.go_on()
        finally:
            await wall.end()

    async def _show_playback(self, socket: WebSocket) -> None:
        camera: UUID = socket.path_params["camera"]
        book = await self._begin_book()
        self._check_room(1)
        session, language, address = who_asks(socket)
        question = partial(open_playback, session, camera, book, address, language)
        playback: Playback = await self._ask(question)
        end = self.watch(playback.seen)
        try:
            masked = playback.seen.veil is not None
            door = {"t": "door", "mark": playback.seen.mark, "streams": [], "masked": masked}
            await socket.send_text(json.dumps(door))
            await until_first(play(socket, playback, self._ask, self._hide), over(end))
        finally:
            self.forget(end)

    async def _show_steering(self, socket: WebSocket) -> None:
        camera: UUID = socket.path_params["camera"]
        _showing, book = await self._begin()
        session, language, address = who_asks(socket)
        seen = await self._ask(partial(open_steering, session, camera, book, language))
        end = self.watch(seen)
        steering = Steering(socket, seen, self._nats, self._ask, self, book, address, language)
        try:
            await until_first(steering.go_on(), over(end))
        finally:
            self.forget(end)
            await steering.end()

    async def _hide(self, hiding: Hiding) -> Taken:
        """What was recorded, painted over by an intake process."""
        await self._begin()
        try:
            answer = await self._nats.request(HIDE, encode(hiding), timeout=HIDDEN_WITHIN)
        except nats.errors.Error:
            raise Closed(Close.RESTART, "no intake answers; connect again") from None
        hidden = read_hidden(answer.data)
        if hidden.why:
            with override(hiding.language):
                why = in_words(hidden.why)
            return Taken({"t": "hole", "next": None, "gap": "", "why": why})
        return Taken(hidden.word, hidden.pictures)

    def _check_room(self, more: int) -> None:
        if len(self._open) + more > MOST:
            raise Closed(Close.BUSY, "as many pictures are open as this server can show")

    def watch(self, seen: Pass) -> asyncio.Future[Closed]:
        """Look after an open picture from now on: the future's result says when and why it must end."""
        self._check_room(1)
        end: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()
        self._open[end] = seen
        return end

    def forget(self, end: asyncio.Future[Closed]) -> None:
        self._open.pop(end, None)

    async def _begin(self) -> tuple[Showing, RightsBook]:
        """What live pictures need."""
        book = await self._begin_book()
        async with self._begun:
            if self._showing is None:
                self._nats = await connect(self._nats_url, "pictures")
                self._showing = Showing(self._nats)
                self._tasks.append(asyncio.create_task(self._wish_on()))
            return self._showing, book

    async def _begin_book(self) -> RightsBook:
        """What asks for the rights; all that a playback needs."""
        async with self._begun:
            if self._book is None:
                self._threads = ThreadPoolExecutor(2, thread_name_prefix="doors")
                self._book = RightsBook(bell.words())
                self._book.start()
                duties = (
                    self._look_on(),
                    self._hear_rights(),
                    self._hear_veils(),
                    self._renew_on(),
                )
                self._tasks += [asyncio.create_task(duty) for duty in duties]
            return self._book

    async def _ask(self, question: Any) -> Any:
        """Ask the database in the threads that are there for it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _asked, question)

    async def _look_on(self) -> None:
        """Close at once what may not be seen any more."""
        while True:
            if self._open:
                with _told("cameras.rights_not_read"):
                    await self._look()
            await asyncio.sleep(LOOK)

    async def _look(self) -> None:
        book, looked = self._book, dict(self._open)

        def lost() -> list[asyncio.Future[Closed]]:
            return [end for end, seen in looked.items() if book and not seen.holds(book)]

        def changed() -> list[asyncio.Future[Closed]]:
            pairs = zip(looked.items(), veils(list(looked.values())), strict=True)
            return [end for (end, seen), veil in pairs if veil != seen.veil]

        for end in await self._ask(lost):
            _close(end, Close.NO_RIGHT, "the right to this camera has ended")
        for end in await self._ask(changed):
            _close(end, Close.VEIL_CHANGED, "what is hidden of this camera has changed")

    async def _hear_veils(self) -> None:
        async for _word in bell.hear(VEILS_BELL):
            with _told("cameras.masks_not_read"):
                await self._look()

    async def _hear_rights(self) -> None:
        async for word in bell.hear(RIGHTS_BELL):
            with _told("cameras.sessions_not_read"):
                account = _uuid(word)
                await self._renew(
                    [end for end, seen in self._open.items() if account in (None, seen.account)]
                )

    async def _renew_on(self) -> None:
        while True:
            await asyncio.sleep(SESSIONS)
            with _told("cameras.sessions_not_read"):
                await self._renew(list(self._open))

    async def _renew(self, ends: list[asyncio.Future[Closed]]) -> None:
        for end in ends:
            seen = self._open.get(end)
            if seen is not None and not await self._ask(seen.renew):
                _close(end, Close.SIGNED_OUT, "the session has ended; sign in again")

    async def _wish_on(self) -> None:
        while True:
            await asyncio.sleep(WISH_EVERY)
            if self._showing is not None:
                await self._showing.wish()

    async def _end(self) -> None:
        for end in list(self._open):
            _close(end, Close.RESTART, "the server restarts; connect again")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._book is not None:
            await asyncio.to_thread(self._book.stop)
        if self._nats is not None:
            await self._nats.close()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)


def who_asks(socket: WebSocket) -> tuple[str, str, str]:
    """Session, language and network address of whoever opened socket."""
    session = socket.cookies.get(settings.SESSION_COOKIE_NAME, "")
    language = socket.cookies.get(settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_CODE)
    return session, language, socket.client.host if socket.client else ""


def _asked(question: Any) -> Any:
    try:
        return question()
    finally:
        connection.close()


def _close(end: asyncio.Future[Closed], code: Close, why: str) -> None:
    if not end.done():
        end.set_result(Closed(code, why))


async def _send(socket: WebSocket, viewer: Viewer) -> None:
    while True:
        found = await viewer.take()
        if isinstance(found, bytes):
            await socket.send_bytes(found)
        else:
            await socket.send_text(json.dumps(found))


async def _hear(socket: WebSocket) -> None:
    """Nothing is heard from the page but its end."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"], message.get("reason"))
        raise Closed(Close.BAD_WORD, "this socket only shows")


def _uuid(word: str) -> UUID | None:
    """The account that the bell names; None where any may be meant."""
    try:
        return UUID(word)
    except ValueError:
        return None


@contextlib.contextmanager
def _told(what: str) -> Any:
    """Log what went wrong and go on: the next round may do better."""
    try:
        yield
    except Exception as error:
        log.warning(what, error=f"{type(error).__name__}: {error}")
