"""Sockets on a port that is wanted, or on the next free one when it is taken."""

from __future__ import annotations

import contextlib
import errno
import socket

TRIES = 100


def open_web_socket(host: str, port: int) -> socket.socket:
    """A listening socket on the first free port from port on; OSError when none of 100 is."""
    for candidate in range(port, min(port + TRIES, 65536)):
        try:
            return _listen(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, f"no free port from {port} to {port + TRIES - 1}")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.ExitStack() as undo:
        listener = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
        undo.pop_all()
    return listener


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with contextlib.suppress(OSError):
        _listen(host, port).close()
        return True
    return False


def free_port(host: str, wanted: int) -> int:
    """The first free port from wanted on."""
    with open_web_socket(host, wanted) as listener:
        port: int = listener.getsockname()[1]
    return port
