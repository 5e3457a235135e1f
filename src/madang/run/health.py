"""Is it alive, is it ready: what load balancers and people who watch ask the web server."""

from __future__ import annotations

import asyncio

from django.conf import settings
from django.db import connection
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from madang.run import nats

PATIENCE = 3.0


async def alive(request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def ready(request: Request) -> Response:
    """200 when the store and the log answer, else 503; each part says how it is."""
    names = ("database", "log")
    answers = await asyncio.gather(_database(), _log(), return_exceptions=True)
    parts = {name: str(answer or "ready") for name, answer in zip(names, answers, strict=True)}
    down = any(isinstance(answer, BaseException) for answer in answers)
    return JSONResponse({"ready": not down, "parts": parts}, status_code=503 if down else 200)


async def _database() -> None:
    async with asyncio.timeout(PATIENCE):
        await asyncio.to_thread(_ask_database)


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


async def _log() -> None:
    async with asyncio.timeout(PATIENCE):
        await asyncio.to_thread(nats.greet, settings.NATS_URL)


routes = [Route("/healthz", alive), Route("/readyz", ready)]
