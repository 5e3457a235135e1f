"""One web process: uvicorn on a socket that the supervisor opened, or, alone, on one of its own."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator

import uvicorn

from madang.ground.duty import Duty
from madang.run.settings import settings
from madang.run.sockets import open_web_socket

SOCKET = "MADANG_WEB_SOCKET"  # the number of the inherited socket


class Server(uvicorn.Server):
    """uvicorn that says when it is ready and stops when its duty ends."""

    def __init__(self, config: uvicorn.Config, duty: Duty) -> None:
        super().__init__(config)
        self.duty = duty

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the duty."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.duty.ready()


async def main(duty: Duty) -> None:
    from madang.run.asgi import application

    server = Server(configuration(application()), duty)
    duty.at_end(lambda: setattr(server, "should_exit", True))
    await server.serve([web_socket()])


def configuration(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http="httptools",
        loop="none",
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # p99 of 252 ms against 14 with many live screens
        ws_max_size=1 << 20,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=5,
        forwarded_allow_ips=settings().trusted_proxies,
    )


def web_socket() -> socket.socket:
    inherited = os.environ.get(SOCKET)
    if inherited:
        return socket.socket(fileno=int(inherited))
    return open_web_socket(settings().host, settings().port)
