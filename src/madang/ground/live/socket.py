"""The WebSocket endpoint `/live`: who may connect, and bytes in both directions."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from django.conf import settings
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from madang.ground.live.closing import Close, Closed
from madang.ground.live.service import Live
from madang.ground.live.session import Session
from madang.ground.live.visits import Sight
from madang.ground.live.words import MOST_BYTES, Unreadable

MOST_SOCKETS = 2_000  # of one web process
MOST_OF_ONE = 40  # of one session: tabs and monitors
MOST_OF_VISITORS = 500
READY_WITHIN = 20.0
CLOSE_WITHIN = 2.0


class Sockets:
    """The endpoint and the service behind it, made anew each time the server starts."""

    def __init__(self, nats_url: str) -> None:
        self._nats_url = nats_url
        self._live: Live | None = None

    @property
    def route(self) -> WebSocketRoute:
        return WebSocketRoute("/live", self.serve)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hold this as long as the server runs."""
        self._live = Live(self._nats_url)
        async with self._live.running():
            yield

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from its greeting to its end."""
        live = self._live
        if live is None or not same_origin(socket):
            await socket.close()  # before it is accepted: HTTP 403
            return
        await socket.accept()
        try:
            await self._welcome(live, socket)
        except Closed as closed:
            await _close(socket, closed)
        except WebSocketDisconnect:
            return

    async def _welcome(self, live: Live, socket: WebSocket) -> None:
        try:
            async with asyncio.timeout(READY_WITHIN):
                await live.ready.wait()
        except TimeoutError:
            raise Closed(Close.BUSY, "the server is still starting; connect again") from None
        sight = await live.sight(socket.cookies.get(settings.SESSION_COOKIE_NAME, ""))
        _refuse_too_many(live, sight)
        session = Session(live.hub, live.atlas, sight, socket.send_bytes)
        live.sessions[session] = sight
        try:
            await _talk(session, socket)
        finally:
            live.sessions.pop(session, None)
            session.leave_all()


def same_origin(socket: WebSocket) -> bool:
    """Whether the page that connects is one of ours. What is not a browser sends no Origin."""
    origin = socket.headers.get("origin")
    if origin is None:
        return True
    ours = {socket.headers.get("host", "")}
    if settings.PUBLIC_URL:
        ours.add(urlsplit(settings.PUBLIC_URL).netloc)
    return urlsplit(origin).netloc in ours


def _refuse_too_many(live: Live, sight: Sight) -> None:
    if len(live.sessions) >= MOST_SOCKETS:
        raise Closed(Close.BUSY, "this server has as many screens as it can serve; try again later")
    held = Counter(other.visit.session_key for other in live.sessions.values())
    visitors = sum(other.visit.account is None for other in live.sessions.values())
    if sight.visit.account is None and visitors >= MOST_OF_VISITORS:
        raise Closed(Close.BUSY, "too many visitors at the moment; sign in or try again later")
    if sight.visit.account is not None and held[sight.visit.session_key] >= MOST_OF_ONE:
        raise Closed(Close.TOO_MANY, f"more than {MOST_OF_ONE} screens of one session")


async def _talk(session: Session, socket: WebSocket) -> None:
    """Hear and speak until one side ends it. A screen that takes nothing in cannot hold the end up."""
    tasks = [
        asyncio.create_task(duty)
        for duty in (_hear(session, socket), session.speak(), session.ended())
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _hear(session: Session, socket: WebSocket) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"], message.get("reason"))
        data = message.get("bytes")
        if data is None:
            raise Closed(Close.BAD_WORD, "a text message; this socket speaks MessagePack")
        if len(data) > MOST_BYTES:
            raise Closed(Close.TOO_LARGE, f"{len(data)} bytes; at most {MOST_BYTES} are taken")
        try:
            session.hear(data)
        except Unreadable as error:
            raise Closed(Close.BAD_WORD, str(error)) from error


async def _close(socket: WebSocket, closed: Closed) -> None:
    with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        async with asyncio.timeout(CLOSE_WITHIN):
            await socket.close(int(closed.code), closed.reason)
