"""A server of the demo's cameras on TCP: each client is talked to by a task, and none is left at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OVER = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError)
"""How talks end besides their own end: the client is gone, or says what is no request."""


class Listening:
    """talk talks with one client; its connection is closed when it returns."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; the port (chosen where 0 was asked for)."""
        self._server = await asyncio.start_server(self._begin, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hear nobody any more, and wait until nobody is talked to."""
        if self._server is not None:
            self._server.close()
        for talk in (talks := tuple(self._talks)):
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.create_task(self._go_on(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _go_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except OVER:
            pass
        finally:
            writer.close()
