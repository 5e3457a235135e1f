"""How much a request may carry: little from a stranger, a data set from whoever signed in."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import IO

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.db import connection
from starlette.types import Receive, Scope

Known = Callable[[str], Awaitable[bool]]  # session key → whether somebody is signed in by it


class TooLarge(Exception):
    """The request carries more than limit bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


async def read_body(scope: Scope, receive: Receive, known: Known) -> IO[bytes]:
    """The whole body, on disk when it is large. Who is behind it is asked only for a large one, before
    more of it is taken in."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if _declared(scope) > limit:
        limit = await _raised(scope, known, limit)
    body = tempfile.SpooledTemporaryFile(  # noqa: SIM115  (closed by whoever answers)
        max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    )
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            body.close()
            raise RequestAborted
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            limit = await _raised(scope, known, limit)
        if size > limit:
            body.close()
            raise TooLarge(limit)
        body.write(part)
        more = message.get("more_body", False)
    body.seek(0)
    return body


async def _raised(scope: Scope, known: Known, limit: int) -> int:
    """What somebody signed in may send; TooLarge for a stranger, or for more than that too."""
    key = session_key(scope)
    if not key or not await known(key):
        raise TooLarge(limit)
    most: int = settings.LARGEST_UPLOAD
    if _declared(scope) > most:
        raise TooLarge(most)
    return most


def signed_in(key: str) -> bool:
    """Whether the session key is somebody's, read from the database."""
    from madang.ground.live.visits import read_visit

    try:
        return read_visit(key).account is not None
    finally:
        connection.close()


def session_key(scope: Scope) -> str:
    """The session that the request's cookie names, or nothing."""
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(_header(scope, b"cookie"))
    except CookieError:
        return ""
    found = cookies.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else ""


def _declared(scope: Scope) -> int:
    said = _header(scope, b"content-length")
    return int(said) if said.isdecimal() else 0


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin1") for name, value in scope["headers"] if name == wanted), "")
