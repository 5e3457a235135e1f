"""The web server's application: live sockets, static files and health here, everything else Django.

Imported after django.setup(). A room with sockets of its own adds its routes to `routes`, and what
must run beside them (a connection held as long as the server) to LIFESPANS.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

from django.conf import settings
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from madang.ground.live.socket import Sockets
from madang.run import health, metrics
from madang.run.static import Static
from madang.run.threaded_django import ThreadedDjango
from madang.systems.cameras.live.socket import Doors

Lifespan = Callable[[], AbstractAsyncContextManager[None]]

LIVE = Sockets(settings.NATS_URL)
PICTURES = Doors(settings.NATS_URL)
LIFESPANS: tuple[Lifespan, ...] = (LIVE.running, PICTURES.running)


def routes() -> list[BaseRoute]:
    """Every route in the order they are tried; Django, the last, takes what is left."""
    return [
        *health.routes,
        *metrics.routes,
        LIVE.route,
        PICTURES.wall_route,
        PICTURES.playback_route,
        PICTURES.steering_route,
        PICTURES.route,
        Mount("/static", Static(settings.STATIC_ROOT), name="static"),
        Mount("", ThreadedDjango(settings.WEB_THREADS, settings.WEB_LONGEST_QUEUE)),
    ]


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        for hold in LIFESPANS:
            await stack.enter_async_context(hold())
        yield


def application() -> Starlette:
    return Starlette(routes=routes(), lifespan=lifespan)
