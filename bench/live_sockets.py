"""Log → sockets: 20,000 things at 5 Hz to 50 screens that each see all of them, on two web processes.

The publisher and the screens are processes of their own; latency is from the moment a row is handed to
the log until a screen has read it. Both ends read the same machine's clock.

Beside it stands a bare fan-out: a server of the library `websockets` that sends one made-up message of as
many bytes to as many connections, as often a second. It reads no log, knows no rights and encodes nothing,
so it is what the bytes alone cost here; its latency is from the send until a screen has read it.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from bench import bare_fanout
from bench.bare_fanout import greeting, read_message
from bench.installation import installation
from bench.report import figure, heading

THINGS = 20_000
HERTZ = 5.0
SOCKETS = 50
OPERATORS = 5
SECONDS = 20.0
WARM = 4.0
WEB = 2
BATCH = 1000
SEED = 7
CITY, KIND = "bench", "devices"
SAMPLE = 97  # every so manyeth row of a frame is measured


def main() -> None:
    heading(
        "live sockets",
        things=THINGS,
        hertz=HERTZ,
        sockets=SOCKETS,
        web_processes=WEB,
        seconds=SECONDS,
        seed=SEED,
    )
    with installation() as home, ExitStack() as stack:
        stack.enter_context(nats_server(home))
        numbers = city_with_things()
        cookies = signed_in()
        port, web = stack.enter_context(web_processes(home))
        time.sleep(2)
        publisher = stack.enter_context(part("publish", str(numbers[0]), str(len(numbers))))
        time.sleep(1)
        screens = stack.enter_context(part("screens", str(port), *cookies))
        time.sleep(WARM)
        fullest = max(held(one, port) for one in web)
        memory, busy = watch(web, screens)
        said, _ = screens.communicate()
        publisher.terminate()
        report(json.loads(said), memory, busy)
        figure("live.sockets.share_of_the_fuller_process", fullest / SOCKETS, "of the sockets")
        beside(json.loads(said), busy)


def held(web: psutil.Process, port: int) -> int:
    """How many connections to port that process holds."""
    return sum(
        one.laddr.port == port and one.status == psutil.CONN_ESTABLISHED
        for one in web.net_connections("tcp")
    )


def beside(ours: dict[str, Any], busy: float) -> None:
    """The same bytes, as often, to as many connections, from a bare server."""
    size = round(ours["bytes"] / ours["frames"] / SOCKETS)
    bare = bare_fanout.measure(size, ours["frames"], SOCKETS, SECONDS)
    for name, other in (("p50", bare.p50), ("p99", bare.p99)):
        said = f"a bare fan-out of {size:,} bytes: {other:.3g} ms"
        figure(f"live.sockets.latency_{name}", ours[name], "ms", said, ours[name] / other)
    said = f"the bare fan-out: {bare.cores:.3g}"
    figure("live.web.cores", busy, "cores of all web processes", said, busy / bare.cores)


def report(seen: dict[str, Any], memory: float, busy: float) -> None:
    figure(
        "live.sockets.latency_p99, of 250 ms allowed", seen["p99"], "ms", "250", seen["p99"] / 250
    )
    figure("live.sockets.latency_p99_of_the_slowest", seen["worst_p99"], "ms")
    figure("live.sockets.frames_a_second_of_the_slowest", seen["fewest"], "1/s")
    figure("live.sockets.frames_a_second_mean", seen["frames"], "1/s")
    figure("live.sockets.bytes_a_second", seen["bytes"] / 1e6, "MB/s")
    most = "MB (PSS) of all web processes, at most"
    figure("live.web.memory", memory / 1e6, most, "400 MB allowed", memory / 400e6)


def watch(web: list[psutil.Process], screens: subprocess.Popen[str]) -> tuple[float, float]:
    """The most memory the web processes took, and how many cores they kept busy."""
    began = time.monotonic()
    before = sum(sum(one.cpu_times()[:2]) for one in web)
    most = 0.0
    while screens.poll() is None and time.monotonic() - began < SECONDS:
        most = max(most, sum(one.memory_full_info().pss for one in web))
        time.sleep(0.5)
    spent = sum(sum(one.cpu_times()[:2]) for one in web) - before
    return most, spent / (time.monotonic() - began)


@contextmanager
def nats_server(home: Path) -> Iterator[None]:
    from madang.run import nats

    place = nats.prepare(home)
    log = (home / "nats.log").open("wb")
    server = subprocess.Popen(nats.command(place), stdout=log, stderr=log)
    from madang.run.settings import settings

    os.environ["NATS_URL"] = nats.url(home, settings())
    try:
        yield
    finally:
        server.terminate()
        server.wait(20)


def city_with_things() -> list[int]:
    """The numbers of THINGS devices, registered in a city of Suwon's extent."""
    from madang.ground.city.models import City
    from madang.ground.sensing.domain.devices import DeviceSpec, register_devices
    from madang.ground.sensing.domain.kinds import KindSpec, declare_kind
    from madang.ground.trail.public import Actor

    city = City.objects.create(
        key=CITY,
        names={"ko": "측정"},
        west=126.93,
        south=37.22,
        east=127.10,
        north=37.34,
        simulated=True,
    )
    declare_kind(city, KindSpec("thing", {"ko": "물체"}, max_speed=60))
    specs = [DeviceSpec(f"t{n}", "thing", f"물체 {n}", simulated=True) for n in range(THINGS)]
    devices = register_devices(city, specs, Actor(name="bench"))
    return sorted(device.number for device in devices.values())


def signed_in() -> list[str]:
    """The cookies of OPERATORS operators of the city."""
    from django.conf import settings
    from django.contrib.auth import login
    from django.contrib.sessions.backends.db import SessionStore
    from django.http import HttpRequest

    from madang.ground.city.models import City
    from madang.ground.people.public import create_account, create_organisation, give_role
    from madang.ground.trail.public import Actor

    actor = Actor(name="bench")
    city = City.objects.get(key=CITY)
    body = create_organisation(actor, city, "centre", "department", {"ko": "센터"})
    cookies = []
    for number in range(OPERATORS):
        password = secrets.token_urlsafe(24)
        account = create_account(
            actor, f"operator{number}@bench.example", "관제요원", password, demo=True
        )
        give_role(actor, account, body, "operator")
        request = HttpRequest()
        request.session = SessionStore()
        login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
        request.session.save()
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={request.session.session_key}")
    return cookies


@contextmanager
def web_processes(home: Path) -> Iterator[tuple[int, list[psutil.Process]]]:
    from madang.run.web import SOCKET

    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    log = (home / "web.log").open("wb")
    number = listener.fileno()
    env = {**os.environ, SOCKET: str(number)}
    words = [sys.executable, "-m", "madang", "run", "web"]
    processes = [
        subprocess.Popen(words, env=env, stdout=log, stderr=log, pass_fds=[number])
        for _ in range(WEB)
    ]
    port = listener.getsockname()[1]
    try:
        wait_for_web(port)
        yield port, [psutil.Process(one.pid) for one in processes]
    finally:
        for one in processes:
            one.terminate()
        for one in processes:
            one.wait(20)
        listener.close()
        if "-v" in sys.argv:
            print((home / "web.log").read_text())


def wait_for_web(port: int) -> None:
    from urllib.request import urlopen

    until = time.monotonic() + 60
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


@contextmanager
def part(*words: str) -> Iterator[subprocess.Popen[str]]:
    """Another process of this script."""
    command = [sys.executable, "-m", "bench.live_sockets", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def publish(first: int, count: int) -> None:
    """Every thing a step further, HERTZ times a second, in batches spread over the time between."""
    from django.conf import settings

    from madang.ground.bus.log import Log
    from madang.ground.sensing.messages import STREAMS

    bus = await Log.connect(settings.NATS_URL, "bench")
    await bus.ensure(*STREAMS)
    random = np.random.default_rng(SEED)
    x = random.uniform(194_000, 206_000, count)
    y = random.uniform(514_000, 527_000, count)
    numbers = np.arange(first, first + count, dtype=np.int32)
    batches = [slice(at, at + BATCH) for at in range(0, count, BATCH)]
    pause = 1 / HERTZ / len(batches)
    due = time.monotonic()
    while True:
        x += random.uniform(-3, 3, count)
        y += random.uniform(-3, 3, count)
        for rows in batches:
            due += pause
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await bus.publish(positions(numbers[rows], x[rows], y[rows]))


def positions(numbers: Any, x: Any, y: Any) -> Any:
    from madang.ground.bus.messages import now_ms
    from madang.ground.sensing.messages import Positions

    rows = len(numbers)
    return Positions(
        city=CITY,
        source="bench",
        device=numbers,
        time=np.full(rows, now_ms(), dtype=np.int64),
        lon=np.full(rows, 127.0),
        lat=np.full(rows, 37.3),
        x=x,
        y=y,
        speed=np.full(rows, 8, dtype=np.float32),
        heading=np.full(rows, 90, dtype=np.float32),
        accuracy=np.full(rows, 5, dtype=np.float32),
        simulated=np.ones(rows, dtype=np.uint8),
    )


class Screen:
    """One screen: takes in every message, acknowledges it, and notes how old its rows were."""

    def __init__(self) -> None:
        self.frames = 0
        self.bytes = 0
        self.latencies: list[np.ndarray[Any, Any]] = []
        self._messages = 0

    async def watch(self, port: int, cookie: str, begin: float, end: float) -> None:
        import msgpack

        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        writer.write(greeting(port, cookie))
        await reader.readuntil(b"\r\n\r\n")
        say(writer, {"t": "subscribe", "topics": [f"{CITY}/{KIND}"]})
        while time.time() < end:
            data = await read_message(reader)
            now = time.time()
            self._messages += 1
            say(writer, {"t": "ack", "n": self._messages})
            if begin <= now < end:
                self.note(data, now, msgpack)

    def note(self, data: bytes, now: float, msgpack: Any) -> None:
        at = 0
        while at < len(data):
            unpacker = msgpack.Unpacker(raw=False)
            unpacker.feed(data[at : at + (400 if len(data) - at > 400 else len(data) - at)])
            unpacker.read_array_header()
            try:
                head = unpacker.unpack()
                unpacker.unpack()
            except msgpack.OutOfData:
                return  # a long head: hello or names
            body = at + unpacker.tell() + 5
            size = int.from_bytes(data[body - 4 : body], "big")
            at = body + size
            self.bytes += size
            if head["t"] == "change":
                self.frames += 1
                rows = head["rows"]
                ages = np.frombuffer(data, "<f4", rows, body + 12 * rows)[::SAMPLE]
                self.latencies.append(now * 1000 - head["time"] + ages * 1000)


def say(writer: asyncio.StreamWriter, word: dict[str, Any]) -> None:
    import msgpack

    data = msgpack.packb(word)
    writer.write(struct.pack("!BB4s", 0x82, 0x80 | len(data), b"\0\0\0\0") + data)


async def screens(port: int, cookies: list[str]) -> None:
    begin = time.time() + WARM
    end = begin + SECONDS
    seen = [Screen() for _ in range(SOCKETS)]
    watching = [
        screen.watch(port, cookies[number % len(cookies)], begin, end)
        for number, screen in enumerate(seen)
    ]
    await asyncio.gather(*watching)
    each = [np.concatenate(screen.latencies) for screen in seen]
    everything = np.concatenate(each)
    print(
        json.dumps(
            {
                "p50": float(np.percentile(everything, 50)),
                "p99": float(np.percentile(everything, 99)),
                "worst_p99": max(float(np.percentile(one, 99)) for one in each),
                "fewest": min(screen.frames for screen in seen) / SECONDS,
                "frames": sum(screen.frames for screen in seen) / SECONDS / SOCKETS,
                "bytes": sum(screen.bytes for screen in seen) / SECONDS,
            }
        )
    )


def run_part() -> None:
    import uvloop

    if sys.argv[1] == "publish":
        os.environ["DJANGO_SETTINGS_MODULE"] = "madang.run.django_settings"
        import django

        django.setup()
        uvloop.run(publish(int(sys.argv[2]), int(sys.argv[3])))
    else:
        uvloop.run(screens(int(sys.argv[2]), sys.argv[3:]))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in {"publish", "screens"}:
        run_part()
    else:
        main()
