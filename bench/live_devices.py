"""Figures of the gate: QoS 1 messages a second from devices to the log, and how late they are there."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from bench.installation import installation
from bench.live_recorder import nats_server
from bench.report import figure, heading, percentile

DEVICES, RATE, SECONDS = 1000, 10_000, 20
WARM_UP = 3.0  # seconds that do not count
LON, LAT = 127.0286, 37.2636


def main() -> None:
    heading("devices", devices=DEVICES, messages_per_second=RATE, seconds=SECONDS, qos=1)
    with installation() as home, nats_server(home):
        credentials = settle()
        with gate(home) as process:
            found = asyncio.run(measure(home, credentials, process))
    late = found.pop("late")
    figure("devices.acknowledged", found["acknowledged"], "1/s")
    figure("devices.on_the_log", found["on_the_log"], "1/s")
    figure("devices.to_log_p50", percentile(late, 0.5), "ms")
    figure("devices.to_log_p99", percentile(late, 0.99), "ms")
    figure("devices.gate_core", found["core"], "1")
    if shutil.which("mosquitto") is None:
        print("# Mosquitto is not on this machine; install it to see it beside these figures")
    else:
        bench_mosquitto(found["on_the_log"], percentile(late, 0.99))


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
    city = City.objects.create(key="bench", west=126.93, south=37.22, east=127.12, north=37.35)
    declare_kind(city, KindSpec("bus", {}, max_speed=30, most_per_minute=100_000))
    specs = [DeviceSpec(f"bus-{n}", "bus", f"bus {n}") for n in range(DEVICES)]
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
    home: Path, credentials: list[tuple[str, str]], process: psutil.Process
) -> dict[str, Any]:
    from madang.ground.bus.log import Log
    from madang.ground.bus.messages import Message, Reader, now_ms
    from madang.ground.sensing.messages import Positions
    from madang.run import nats
    from madang.run.settings import settings

    log = await Log.connect(nats.url(home, settings()), "bench")
    late: list[float] = []
    begun = time.monotonic()

    async def hear(message: Message) -> None:
        assert isinstance(message, Positions)
        if time.monotonic() - begun > WARM_UP:
            late.extend((now_ms() - message.time).tolist())

    await log.listen(Reader(Positions), Positions.kind(), hear)
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[Any] = context.Queue()
    load = context.Process(target=drive, args=(nats.ports(home).mqtt, credentials, results))
    load.start()
    await asyncio.to_thread(results.get)  # all are connected
    begun = time.monotonic()
    cpu = sum(process.cpu_times()[:2])
    await asyncio.sleep(WARM_UP)
    late.clear()
    heard_from = time.monotonic()
    acknowledged = await asyncio.to_thread(results.get)
    took = time.monotonic() - heard_from
    core = (sum(process.cpu_times()[:2]) - cpu) / (time.monotonic() - begun)
    on_the_log = len(late) / took
    load.join()
    await log.close()
    return {"late": late, "acknowledged": acknowledged, "on_the_log": on_the_log, "core": core}


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
        fact = b'{"t":%d,"lon":%f,"lat":%f,"speed":8.4}' % (time.time_ns() // 1_000_000, LON, LAT)
        packet = (number // DEVICES % 65535 + 1).to_bytes(2, "big")
        self.transport.write(_packet(0x32, self._topic + packet + fact))


def _packet(kind: int, body: bytes) -> bytes:
    size, length = len(body), b""
    while True:
        size, low = size >> 7, size & 127
        length += bytes([low | (128 if size else 0)])
        if not size:
            return bytes([kind]) + length + body


def bench_mosquitto(ours: float, ours_p99: float) -> None:
    """The same load through Mosquitto and a bare Python subscriber that reads each message."""
    raise SystemExit("not measured yet")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    np.seterr(all="raise")
    main()
