"""The base: how fast a city starts, how fast a page is, and what an idle platform costs.

A page is measured beside a bare Django page: the same web server, the same Django handler and database,
no middleware and a view that returns a word. The same bare page is also served by Django's own ASGI
handler, which makes a thread a request.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from bench.report import figure, heading, percentile

SOURCES = Path(__file__).resolve().parent.parent / "src"
SECONDS = 10.0
VISITORS = 8
IDLE_SECONDS = 30.0
BASE = ("postgres", "nats", "nursery", "web", "jobs", "trail")  # of these the base consists
PATIENCE = 900.0  # seconds; a first start makes the demo city


def main() -> None:
    heading("base", visitors=VISITORS, seconds_each=SECONDS, web_workers=2)
    home = Path(tempfile.mkdtemp(prefix="madang-bench-"))
    try:
        with up(home) as cold:
            figure("cold start, without the demo city", cold.seconds, "s")
        with up(home) as warm:
            figure("warm start", warm.seconds, "s")
            figure("restart of a killed web process", restart(warm), "s")
            idle(warm)
            ours = load(f"{warm.address}/")
        peers(home, ours)
    finally:
        remove(home)
    with_the_demo_city()


def with_the_demo_city() -> None:
    """The starts as a newcomer meets them: the first makes the demo city, the others find it."""
    home = Path(tempfile.mkdtemp(prefix="madang-bench-"))
    try:
        with up(home, demo=True) as cold:
            figure("cold start, with the demo city made", cold.seconds, "s")
        with up(home, demo=True) as warm:
            figure(
                "warm start, the demo city there",
                warm.seconds,
                "s",
                "the limit, 10 s",
                warm.seconds / 10,
            )
    finally:
        remove(home)


def remove(home: Path) -> None:
    shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


class Running:
    """A started platform and how long the start took."""

    def __init__(self, home: Path, process: subprocess.Popen[bytes]) -> None:
        self.home = home
        self.process = process
        began = time.monotonic()
        while self.state().get("phase") != "running":
            if process.poll() is not None or time.monotonic() - began > PATIENCE:
                raise SystemExit("the platform did not start")
            time.sleep(0.02)
        self.seconds = time.monotonic() - began

    def state(self) -> dict[str, object]:
        try:
            state: dict[str, object] = json.loads((self.home / "run/state.json").read_text())
        except (OSError, ValueError):
            return {}
        return state if state["pid"] == self.process.pid else {}

    @property
    def address(self) -> str:
        return f"http://{self.state()['address']}"

    def children(self) -> list[dict[str, object]]:
        return self.state()["children"]  # type: ignore[return-value]


@contextmanager
def up(
    home: Path, demo: bool = False, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    env = {
        **os.environ,
        **(environment or {}),
        "MADANG_HOME": str(home),
        "MADANG_DEMO": str(demo).lower(),
        "MADANG_WEB_WORKERS": "2",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "madang", "up"], cwd=SOURCES, env=env, stdout=subprocess.DEVNULL
    )
    try:
        yield Running(home, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def restart(running: Running) -> float:
    """Kill a web process; seconds until another is ready in its place."""
    web = next(child for child in running.children() if child["name"] == "web")
    os.kill(int(str(web["pid"])), signal.SIGKILL)
    began = time.monotonic()
    while True:
        now = next(child for child in running.children() if child["name"] == "web")
        if now["pid"] not in (0, web["pid"]) and now["state"] == "ready":
            return time.monotonic() - began
        time.sleep(0.01)


def idle(running: Running) -> None:
    """Memory (each page counted once, shared ones by share: PSS) and processor time when nobody asks.

    Of the base, which this issue limits, and of all processes that a platform without a city has.
    """
    every = processes(running)
    before = {one.pid: cpu_seconds(one) for one, _ in every}
    time.sleep(IDLE_SECONDS)
    for title, wanted in (
        (f"supervisor, {', '.join(BASE)}", [one for one, base in every if base]),
        ("all processes", [one for one, _ in every]),
    ):
        cores = sum(cpu_seconds(one) - before[one.pid] for one in wanted) / IDLE_SECONDS
        memory = sum(one.memory_full_info().pss for one in wanted)
        figure(
            f"idle memory, PSS ({title})", memory / 1e6, "MB", "the limit, 600 MB", memory / 600e6
        )
        figure(f"idle processor time ({title})", cores, "cores", "the limit, 0.1", cores / 0.1)


def processes(running: Running) -> list[tuple[psutil.Process, bool]]:
    """Every process of the platform, and whether it is of the base."""
    named = {int(str(child["pid"])): str(child["name"]) for child in running.children()}
    supervisor = psutil.Process(running.process.pid)
    return [
        (one, named.get(one.pid, BASE[0]) in BASE)
        for one in [supervisor, *supervisor.children(recursive=True)]
    ]


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


class Loaded:
    """What visitors saw: requests a second and the time within which 95 of 100 were answered."""

    def __init__(self, rate: float, p95: float) -> None:
        self.rate = rate
        self.p95 = p95


def load(url: str) -> Loaded:
    """VISITORS connections that each ask again as soon as they are answered."""
    times: list[float] = []
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=visit, args=(url, until, times)) for _ in range(VISITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Loaded(len(times) / SECONDS, percentile(times, 0.95) * 1000)


def visit(url: str, until: float, times: list[float]) -> None:
    words = urlsplit(url)
    connection = http.client.HTTPConnection(words.hostname or "", words.port)
    while time.monotonic() < until:
        began = time.perf_counter()
        connection.request("GET", words.path or "/")
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{url} answered {answer.status}")
        times.append(time.perf_counter() - began)


def peers(home: Path, ours: Loaded) -> None:
    bare = serve(home, "bare_on_threads")
    plain = serve(home, "bare_by_django")
    for name, mine, other, unit in (
        ("page shell", ours.rate, bare.rate, "requests/s"),
        ("page shell, p95", ours.p95, bare.p95, "ms"),
    ):
        figure(name, mine, unit, f"a bare Django page: {other:.4g}", mine / other)
    for name, mine, other, unit in (
        ("bare page", bare.rate, plain.rate, "requests/s"),
        ("bare page, p95", bare.p95, plain.p95, "ms"),
    ):
        figure(name, mine, unit, f"the same by Django's ASGI handler: {other:.4g}", mine / other)


def serve(home: Path, application: str) -> Loaded:
    """Load a bare page served by two processes on one socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        env = {**os.environ, "MADANG_HOME": str(home), "MADANG_WEB_SOCKET": str(listener.fileno())}
        command = [sys.executable, "-m", "bench.bare_page", application]
        servers = [
            subprocess.Popen(command, env=env, pass_fds=(listener.fileno(),)) for _ in range(2)
        ]
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        try:
            wait_for(lambda: answers(url))
            time.sleep(3)
            return load(url)
        finally:
            for server in servers:
                server.terminate()
                server.wait()


def wait_for(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        if time.monotonic() > until:
            raise SystemExit("a peer's server did not start")
        time.sleep(0.1)


def answers(url: str) -> bool:
    words = urlsplit(url)
    connection = http.client.HTTPConnection(words.hostname or "", words.port, timeout=30)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()
