"""Django as an ASGI application whose whole request runs in one thread of a fixed pool.

Django's own ASGI handler makes a thread for each request and changes threads at every middleware of
the other kind; views here are plain functions, so one change of thread is enough (why:
docs/decisions/0004-django-on-threads.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix
from starlette.types import Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from madang.run import bodies, metrics

BUSY = (
    b"This server has more to do than it can answer. Wait a few seconds and load the page again.\n"
)


class ThreadedDjango(ASGIHandler):
    """Answers HTTP. More than `longest_queue` waiting requests are refused with 503 at once."""

    def __init__(self, threads: int, longest_queue: int) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="django")
        self._most = threads + longest_queue
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 4404})
            return
        if self._held >= self._most:
            metrics.REFUSED.inc()
            await _send_all(send, _busy())
            return
        self._held += 1
        try:
            await self._hold(scope, receive, send)
        finally:
            self._held -= 1

    async def _hold(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()

        async def known(key: str) -> bool:
            return await loop.run_in_executor(self._pool, bodies.signed_in, key)

        try:
            body = await bodies.read_body(scope, receive, known)
        except RequestAborted:
            return
        except bodies.TooLarge as error:
            await _send_all(send, _too_large(error.limit))
            return

        def stream(message: Message) -> None:
            asyncio.run_coroutine_threadsafe(_send_one(send, message), loop).result()

        messages = await loop.run_in_executor(self._pool, self._answer, scope, body, stream)
        await _send_all(send, messages)

    def _answer(self, scope: Scope, body: IO[bytes], stream: Any) -> list[Message]:
        """The whole request, in its thread; a streaming response goes out from here by stream."""
        began = time.perf_counter()
        clear_contextvars()
        bind_contextvars(path=scope["path"])
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, response = self.create_request(scope, body)
        with contextlib.closing(body):
            if request is not None:
                response = self.get_response(request)
            assert response is not None
            _count(request, response, time.perf_counter() - began)
            try:
                messages = _messages(response)
                if not response.streaming:
                    return list(messages)
                for message in messages:
                    stream(message)
                return []
            finally:
                response.close()


def _count(request: HttpRequest | None, response: HttpResponseBase, seconds: float) -> None:
    match = request.resolver_match if request is not None else None
    route = match.view_name or match.route if match is not None else "none"
    method = request.method if request is not None else "none"
    metrics.REQUESTS.labels(route, method, response.status_code).inc()
    metrics.SECONDS.labels(route).observe(seconds)


def _messages(response: HttpResponseBase) -> Iterator[Message]:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    headers += [
        (b"Set-Cookie", cookie.output(header="").encode("ascii").strip())
        for cookie in response.cookies.values()
    ]
    yield {"type": "http.response.start", "status": response.status_code, "headers": headers}
    if response.streaming:
        for part in response:
            yield {"type": "http.response.body", "body": bytes(part), "more_body": True}
        yield {"type": "http.response.body"}
    else:
        yield {"type": "http.response.body", "body": response.content}  # type: ignore[attr-defined]


def _busy() -> list[Message]:
    return _said(503, BUSY, (b"retry-after", b"5"))


def _too_large(limit: int) -> list[Message]:
    """The rest of the request is not read: the connection ends with the answer."""
    words = f"This request carries more than {limit} bytes, which it may not. "
    words += "Sign in to send files; larger ones are imported on the server.\n"
    return _said(413, words.encode(), (b"connection", b"close"))


def _said(status: int, words: bytes, *more: tuple[bytes, bytes]) -> list[Message]:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(words)).encode()),
        *more,
    ]
    return [
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": words},
    ]


async def _send_all(send: Send, messages: list[Message]) -> None:
    for message in messages:
        await send(message)


async def _send_one(send: Send, message: Message) -> None:
    await send(message)
