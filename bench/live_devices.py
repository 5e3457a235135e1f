"""QoS 1 messages from devices through the gate to the log and to a screen, beside Mosquitto.

Latency is from the device's own clock, read as it speaks, until a screen (or Mosquitto's subscriber) has
read the fact; all are on one machine. Mosquitto keeps nothing on disk, judges nothing and lets in anybody.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from bench.installation import installation
from bench.live_recorder import nats_server
from bench.live_sockets import Screen, signed_in, web_processes
from bench.report import figure, heading, percentile

DEVICES, RATE, SECONDS = 1000, 10_000, 10
WARM_UP = 3.0  # seconds that do not count
LON, LAT = 127.0286, 37.2636


def main() -> None:
    heading("devices", devices=DEVICES, messages_per_second=RATE, seconds=SECONDS, qos=1)
    with installation() as home, nats_server(home):
        credentials = settle()
        (cookie, *_) = signed_in()
        with gate(home) as process, web_processes(home) as (port, _web):
            found = asyncio.run(measure(home, credentials, process, (port, cookie)))
    report(found, mosquitto() if shutil.which("mosquitto") else None)


def report(found: dict[str, Any], peer: dict[str, Any] | None) -> None:
    """Our figures, beside Mosquitto's and its bare subscriber's where they were measured."""
    if peer is None:
        print("# Mosquitto is not on this machine; install it to see it beside these figures")
    name = "Mosquitto and a bare Python subscriber"
    for what, unit in (("acknowledged", "1/s"), ("arrived", "1/s"), ("p50", "ms"), ("p99", "ms")):
        words = (f"{name}: {peer[what]:.4g}", found[what] / peer[what]) if peer else ("", None)
        figure(f"devices.{what}", found[what], unit, *words)
    figure("devices.to_log_p99", found["log_p99"], "ms")
    figure("devices.gate_core", found["core"], "1")


def settle() -> list[tuple[str, str]]:
    """A city with DEVICES buses; their keys and credentials."""
    from madang.ground.city.models import City
    from madang.ground.sensing.domain.devices import (
        DeviceSpec,
        register_devices,
        set_credentials,
    )
    from madang.ground.sensing.domain.kinds import KindSpec, declare_kind
    from madang.ground.trail.public import Actor

    me = Actor(name="bench")
    city = City.objects.create(
        key="bench", west=126.93, south=37.22, east=127.12, north=37.35, simulated=True
    )
    declare_kind(city, KindSpec("tram", {}, max_speed=30, most_per_minute=100_000))
    specs = [DeviceSpec(f"bus-{n}", "tram", f"tram {n}") for n in range(DEVICES)]
    devices = register_devices(city, specs, me)
    credentials = [(key, f"credential of {key} for the bench") for key in devices]
    set_credentials([(devices[key], word) for key, word in credentials], me, city)
    return credentials


@contextmanager
def gate(home: Path) -> Iterator[psutil.Process]:
    """The gate as `madang run gate` runs it."""
    with (home / "gate.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "madang", "run", "gate"], stdout=log, stderr=log
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


async def measure(
    home: Path,
    credentials: list[tuple[str, str]],
    process: psutil.Process,
    screen_at: tuple[int, str],
) -> dict[str, Any]:
    """acknowledged and arrived (on the log) a second; ms from the device's clock to a screen, to the log."""
    from madang.ground.bus.log import Log
    from madang.ground.bus.messages import Message, Reader, now_ms
    from madang.ground.sensing.messages import Positions
    from madang.run import nats
    from madang.run.settings import settings

    log = await Log.connect(nats.url(home, settings()), "bench")
    late: list[float] = []

    async def hear(message: Message) -> None:
        assert isinstance(message, Positions)
        late.extend((now_ms() - message.time).tolist())

    await log.listen(Reader(Positions), Positions.kind(), hear)
    async with load(nats.ports(home).mqtt, credentials) as results:
        begun, cpu = time.monotonic(), sum(process.cpu_times()[:2])
        screen, port, cookie = Screen(), *screen_at
        begin = time.time() + WARM_UP
        watching = asyncio.create_task(screen.watch(port, cookie, begin, begin + SECONDS))
        await asyncio.sleep(WARM_UP)
        late.clear()
        heard_from = time.monotonic()
        acknowledged = await asyncio.to_thread(results.get, True, SECONDS + 120)
        arrived = len(late) / (time.monotonic() - heard_from)
        core = (sum(process.cpu_times()[:2]) - cpu) / (time.monotonic() - begun)
        watching.cancel()
    await log.close()
    seen = np.concatenate(screen.latencies)
    return {
        "acknowledged": acknowledged,
        "arrived": arrived,
        "p50": float(np.percentile(seen, 50)),
        "p99": float(np.percentile(seen, 99)),
        "log_p99": percentile(late, 0.99),
        "core": core,
    }


@asynccontextmanager
async def load(port: int, credentials: list[tuple[str, str]]) -> AsyncIterator[Any]:
    """All devices connected and speaking, from a process of their own; its queue tells how it went."""
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[Any] = context.Queue()
    speaking = context.Process(target=drive, args=(port, credentials, results))
    speaking.start()
    await asyncio.to_thread(results.get, True, 120)
    yield results
    speaking.join()


def drive(port: int, credentials: list[tuple[str, str]], results: Any) -> None:
    import uvloop

    uvloop.run(_drive(port, credentials, results))


async def _drive(port: int, credentials: list[tuple[str, str]], results: Any) -> None:
    """RATE messages a second from all devices in turn for SECONDS; what was acknowledged a second."""
    buses = []
    for key, credential in credentials:
        buses.append(await _connected(port, key, credential))
    results.put("connected")
    begun = time.monotonic()
    sent = 0
    while (now := time.monotonic() - begun) < SECONDS + WARM_UP:
        while sent < now * RATE:
            buses[sent % len(buses)].say(sent)
            sent += 1
        await asyncio.sleep(0.005)
    acknowledged = sum(bus.acknowledged for bus in buses)
    results.put(acknowledged / (time.monotonic() - begun))
    for bus in buses:
        bus.transport.close()


async def _connected(port: int, key: str, credential: str) -> Bus:
    """A connected device; while the gate is starting nobody is let in."""
    until = time.monotonic() + 60
    while True:
        loop = asyncio.get_running_loop()
        _, bus = await loop.create_connection(lambda: Bus(key, credential), "127.0.0.1", port)
        try:
            await asyncio.wait_for(bus.connected, 30)
        except ConnectionError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.2)
        else:
            return bus


class Bus(asyncio.Protocol):
    """A device that says where it is; as little Python as a fair load allows."""

    def __init__(self, key: str, credential: str) -> None:
        name = f"bench/{key}".encode()
        words = [b"MQTT", b"\x04\xc2" + (60).to_bytes(2, "big"), name, name, credential.encode()]
        body = b"".join(
            w if at == 1 else len(w).to_bytes(2, "big") + w for at, w in enumerate(words)
        )
        self._connect = _packet(0x10, body)
        topic = f"m/bench/{key}/positions".encode()
        self._topic = len(topic).to_bytes(2, "big") + topic
        self.connected = asyncio.get_running_loop().create_future()
        self.acknowledged = 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self._connect)

    def data_received(self, data: bytes) -> None:
        if self.connected.done():
            self.acknowledged += len(data) // 4
        elif data[3]:
            self.connected.set_exception(ConnectionError(f"refused: {data[3]}"))
        else:
            self.connected.set_result(None)

    def say(self, number: int) -> None:
        fact = b'{"t":%d,"lon":%f,"lat":%f,"speed":8.4}' % (
            time.time_ns() // 1_000_000,
            LON + number // DEVICES % 100 * 1e-5,
            LAT,
        )
        packet = (number // DEVICES % 65535 + 1).to_bytes(2, "big")
        self.transport.write(_packet(0x32, self._topic + packet + fact))


def _packet(kind: int, body: bytes) -> bytes:
    size, length = len(body), b""
    while True:
        size, low = size >> 7, size & 127
        length += bytes([low | (128 if size else 0)])
        if not size:
            return bytes([kind]) + length + body


def mosquitto() -> dict[str, Any]:
    """The same load through Mosquitto and a bare Python subscriber that reads each message."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        words = Path(folder) / "mosquitto.conf"
        words.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
            "persistence false\nlog_type none\n"
        )
        held.close()
        server = subprocess.Popen(["mosquitto", "-c", str(words)])
        try:
            return asyncio.run(measure_mosquitto(port))
        finally:
            server.terminate()
            server.wait(20)


async def measure_mosquitto(port: int) -> dict[str, Any]:
    await asyncio.sleep(1)
    loop = asyncio.get_running_loop()
    _, subscriber = await loop.create_connection(Subscriber, "127.0.0.1", port)
    async with load(port, [(f"bus-{n}", "") for n in range(DEVICES)]) as results:
        await asyncio.sleep(WARM_UP)
        subscriber.late.clear()
        heard_from = time.monotonic()
        acknowledged = await asyncio.to_thread(results.get, True, SECONDS + 120)
        arrived = len(subscriber.late) / (time.monotonic() - heard_from)
    return {
        "acknowledged": acknowledged,
        "arrived": arrived,
        "p50": percentile(subscriber.late, 0.5),
        "p99": percentile(subscriber.late, 0.99),
    }


class Subscriber(asyncio.Protocol):
    """Takes every message with QoS 1, reads its time, and does nothing else with it."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._rest = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        name = b"\0\x04MQTT\x04\x02\0\x3c\0\x0asubscriber"
        transport.write(_packet(0x10, name) + _packet(0x82, b"\0\x01\0\x03m/#\x01"))

    def data_received(self, data: bytes) -> None:
        data, acks, now = self._rest + data, [], time.time_ns() / 1e6
        while (size := _whole(data)) and len(data) >= sum(size):
            head, length = size
            if data[0] >> 4 == 3:
                body = data[head : head + length]
                topic = 2 + int.from_bytes(body[:2], "big")
                acks.append(b"\x40\x02" + body[topic : topic + 2])
                self.late.append(now - json.loads(body[topic + 2 :])["t"])
            data = data[head + length :]
        self._rest = data
        self.transport.write(b"".join(acks))


def _whole(data: bytes) -> tuple[int, int] | None:
    """How long the first packet's head and its rest are, if that much can be read."""
    length = 0
    for at in range(1, min(len(data), 5)):
        length |= (data[at] & 127) << 7 * (at - 1)
        if not data[at] & 128:
            return at + 1, length
    return None


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    np.seterr(all="raise")
    main()
