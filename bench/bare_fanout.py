"""A bare fan-out over WebSockets: what bytes alone cost, without a log, rights or encoding.

`measure` runs a server of the library `websockets` and its readers in processes of their own.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
import psutil

WARM = 2.0


@dataclass(frozen=True)
class Bare:
    """Milliseconds from the send to the reader, and the server's cores."""

    p50: float
    p99: float
    cores: float


def measure(size: int, hertz: float, connections: int, seconds: float) -> Bare:
    """One message of size bytes to every connection, so often a second."""
    port = _free_port()
    server = _part("serve", port, size, hertz)
    try:
        _wait_for(port)
        process = psutil.Process(server.pid)
        before = sum(process.cpu_times()[:2])
        said, _ = _part("read", port, connections, seconds).communicate()
        cores = (sum(process.cpu_times()[:2]) - before) / (seconds + WARM)
    finally:
        server.kill()
        server.wait()
    return Bare(**json.loads(said), cores=cores)


def _part(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.bare_fanout", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=2).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def greeting(port: int, cookie: str) -> bytes:
    return (
        f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {'A' * 22}==\r\n"
        f"Sec-WebSocket-Version: 13\r\nCookie: {cookie}\r\n\r\n"
    ).encode()


async def read_message(reader: asyncio.StreamReader) -> bytes:
    while True:
        first, size = await reader.readexactly(2)
        if size == 126:
            size = int.from_bytes(await reader.readexactly(2), "big")
        elif size == 127:
            size = int.from_bytes(await reader.readexactly(8), "big")
        data = await reader.readexactly(size)
        if first & 0x0F == 2:
            return data
        if first & 0x0F == 8:
            raise SystemExit(f"closed: {data!r}")


async def serve_bytes(port: int, size: int, hertz: float) -> None:
    """Send one message of that size to every connection, so often a second, with the time in front."""
    from websockets.asyncio.server import ServerConnection, serve

    connections: set[ServerConnection] = set()

    async def welcome(one: ServerConnection) -> None:
        connections.add(one)
        await one.wait_closed()
        connections.discard(one)

    async with serve(welcome, "127.0.0.1", port, compression=None, ping_interval=None):
        due = time.monotonic()
        while True:
            due += 1 / hertz
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            message = struct.pack("d", time.time()) + bytes(size - 8)
            await asyncio.gather(*(one.send(message) for one in list(connections)))


async def read_bytes(port: int, sockets: int, seconds: float) -> None:
    """As many connections as the screens; how old each message was when it was read."""
    begin = time.time() + WARM
    end = begin + seconds
    latencies: list[float] = []

    async def watch() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        writer.write(greeting(port, ""))
        await reader.readuntil(b"\r\n\r\n")
        while time.time() < end:
            data = await read_message(reader)
            now = time.time()
            if begin <= now < end:
                latencies.append((now - struct.unpack("d", data[:8])[0]) * 1000)
        writer.close()

    await asyncio.gather(*(watch() for _ in range(sockets)))
    p50, p99 = np.percentile(latencies, [50, 99]).tolist()
    print(json.dumps({"p50": p50, "p99": p99}))


if __name__ == "__main__":
    import uvloop

    if sys.argv[1] == "serve":
        uvloop.run(serve_bytes(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
    else:
        uvloop.run(read_bytes(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
