"""Cameras under load: 64 streams of 720p15 taken in, recorded and indexed, beside `ffmpeg -c copy` of
the same; then 100 viewers of 16 of them; then jumps in playback in Chromium, all while the 64 are recorded.

The streams are one encoded clip looped as packets by a process of its own (bench/looping.py). `--short` takes
half a minute where the whole takes ten.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from bench import copying, looping
from bench.bare_fanout import greeting
from bench.browsing import chromium
from bench.installation import installation
from bench.live_sockets import CITY, nats_server, signed_in, web_processes
from bench.report import figure, heading, percentile

if TYPE_CHECKING:
    from playwright.sync_api import Page

STREAMS, WATCHED, VIEWERS, JUMPS, SEED = 64, 16, 100, 40, 7
LONG, SHORT = (600.0, 90.0, 90.0), (75.0, 20.0, 20.0)  # the whole, beside ffmpeg, with viewers
CALM = 12.0  # seconds after a beginning until it is measured
PATIENCE = 240.0
MOST_CPU, MOST_MEMORY, MOST_JUMP = 1.5, 600e6, 1.5
JUMPED = """() => {
  const play = document.querySelector(".play"), video = play.querySelector("video");
  const line = play.querySelector(".play-line");
  window.jumped = new Promise((seen, fail) => {
    setTimeout(() => fail("no picture within a minute"), 60000);
    line.addEventListener("pointerdown", () => {
      const began = performance.now();
      const look = () => play.dataset.state === "shown" && !video.seeking && video.readyState >= 2
        ? seen((performance.now() - began) / 1000) : requestAnimationFrame(look);
      setTimeout(() => requestAnimationFrame(look));
    }, { once: true });
  });
}"""


def main() -> None:
    whole, beside, watched = SHORT if "--short" in sys.argv else LONG
    heading("cameras under load", streams=STREAMS, seconds=whole, clip_bits=looping.BITS, seed=SEED)
    with installation() as home, ExitStack() as stack:
        stack.enter_context(nats_server(home))
        port, _rate = stack.enter_context(streams())
        cameras, cookies = register(port)
        database = psutil.Process(_postgres(home))
        with intake(home) as taking:
            began = time.monotonic()
            memory = Memory([taking])
            wait_until_recorded()
            against_ffmpeg(home, port, [taking, database], beside)
            with web_processes(home) as (web, webs):
                memory.add(webs)
                viewers(web, cookies[0], cameras[:WATCHED], taking, watched)
                memory.look()
                jumps(web, cookies[0], cameras[0])
                while time.monotonic() - began < whole:
                    memory.look()
                    time.sleep(5)
                memory.look()
        memory.report()
        gaps(cameras)


@contextmanager
def streams() -> Iterator[tuple[int, int]]:
    """The port of the looping cameras, and what each sends (bytes a second)."""
    command = [sys.executable, "-m", "bench.looping"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port, rate = process.stdout.readline().split()
        yield int(port), int(rate)
    finally:
        process.kill()
        process.wait()


def address(port: int, number: int) -> str:
    return f"rtsp://127.0.0.1:{port}/{number}"


def register(port: int) -> tuple[list[Any], list[str]]:
    """Cameras that are recorded, and the cookies of an operator who may watch and play back all of them."""
    from shapely import Point

    from madang.ground.city.models import City
    from madang.ground.city.public import Record, Source, write
    from madang.ground.people.domain.grants import give_scope
    from madang.ground.people.models import Account, Membership
    from madang.ground.people.public import choose_reason
    from madang.ground.trail.public import Actor
    from madang.systems.cameras.models import Camera, Site
    from madang.systems.cameras.public import CameraSpec, record_cameras

    me = Actor(name="bench")
    box = {"west": 126.93, "south": 37.22, "east": 127.10, "north": 37.34}
    city = City.objects.create(key=CITY, names={"ko": "측정"}, simulated=True, **box)
    words = {"purpose": "crime", "cameras": STREAMS, "details": {}}
    pole = Record(Site, "CCTV-1", words, Point(127.0, 37.26))
    write(city, Source("camera-sites", {"ko": "카메라"}), [pole], me)
    site = Site.objects.get()
    specs = [
        CameraSpec(site, number + 1, main_address=address(port, number), records=True)
        for number in range(STREAMS)
    ]
    record_cameras(city, specs, me)
    cookies = signed_in()
    for account in Account.objects.filter(email__endswith="@bench.example"):
        give_scope(me, Membership.objects.get(account=account), ["view", "play"])
        choose_reason(account, city, "patrol")
    return list(Camera.objects.order_by("number").values_list("pk", flat=True)), cookies


def _postgres(home: Path) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        row = cursor.fetchone()
    return psutil.Process(row[0]).ppid()


@contextmanager
def intake(home: Path) -> Iterator[psutil.Process]:
    with (home / "intake.log").open("wb") as log:
        command = [sys.executable, "-m", "madang", "run", "intake"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(60)


def wait_until(true: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > until:
            raise SystemExit(f"{what} within {PATIENCE:g} s")
        time.sleep(0.5)


def wait_until_recorded() -> None:
    from madang.systems.cameras.models import Health

    def all_recorded() -> bool:
        return Health.objects.filter(recording="on").count() == STREAMS

    wait_until(all_recorded, "not every stream is recorded")


@dataclass
class Busy:
    """What processes and their children take of the processor, from its making on."""

    processes: list[psutil.Process]

    def __post_init__(self) -> None:
        self._began, self._before = time.monotonic(), self._seconds()

    def _seconds(self) -> float:
        found = 0.0
        for one in self.processes:
            times = one.cpu_times()
            found += times.user + times.system + times.children_user + times.children_system
            found += sum(sum(child.cpu_times()[:2]) for child in one.children())
        return found

    def cores(self) -> float:
        return (self._seconds() - self._before) / (time.monotonic() - self._began)


def against_ffmpeg(home: Path, port: int, ours: list[psutil.Process], seconds: float) -> None:
    """Both take in the same streams at the same time, so that both have the same machine."""
    alone = Busy(ours)
    time.sleep(seconds / 2)
    figure("cameras.load.cores_alone", alone.cores(), f"cores for {STREAMS} streams recorded")
    folder = Path(tempfile.mkdtemp(prefix="copied-", dir=home))
    with copying.copiers(folder, [address(port, n) for n in range(STREAMS)]) as others:
        copied = lambda: len(list(folder.glob("*/*.mp4"))) >= STREAMS  # noqa: E731
        wait_until(copied, "not every stream is copied by the peer")
        time.sleep(CALM)
        mine, theirs = Busy(ours), Busy(others)
        time.sleep(seconds)
        ours_cores, theirs_cores = mine.cores(), theirs.cores()
    said = f"{copying.name()}: {theirs_cores:.3g}"
    ratio = ours_cores / theirs_cores
    figure("cameras.load.cores", ours_cores, "cores, intake and database", said, ratio)
    limit = f"the limit, {MOST_CPU:g} times"
    figure("cameras.load.times_the_peer", ratio, "times", limit, ratio / MOST_CPU)


def viewers(
    port: int, cookie: str, cameras: list[Any], taking: psutil.Process, seconds: float
) -> None:
    """VIEWERS pages at once, each with one of WATCHED pictures."""
    words = [sys.executable, "-m", "bench.cameras_load", "viewers", str(port), cookie, str(seconds)]
    viewing = subprocess.Popen([*words, *map(str, cameras)], stdout=subprocess.PIPE, text=True)
    time.sleep(CALM)
    busy = Busy([taking])
    said = json.loads(viewing.communicate(timeout=seconds + PATIENCE)[0])
    figure("cameras.load.cores_with_viewers", busy.cores(), "cores of intake")
    figure("cameras.load.viewers", said["seen"], "viewers served", f"of {VIEWERS}")
    least = said["least"] / said["usual"]
    figure("cameras.load.slowest_viewer", least, "of what the median viewer got")


async def view(port: int, cookie: str, cameras: list[str], seconds: float) -> None:
    got = [0] * VIEWERS
    shut = [False] * VIEWERS

    async def one(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        path = f"/live/cameras/{cameras[number % len(cameras)]}/main"
        writer.write(greeting(port, cookie).replace(b"GET /live ", f"GET {path} ".encode()))
        await reader.readuntil(b"\r\n\r\n")
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                got[number] += await frame(reader, writer)
        shut[number] = True

    tasks = [asyncio.create_task(one(number)) for number in range(VIEWERS)]
    await asyncio.sleep(CALM)
    before = list(got)
    await asyncio.sleep(seconds)
    each = sorted(after - before for after, before in zip(got, before, strict=True))
    seen = sum(size > 0 for size in each) - sum(shut)
    for task in tasks:
        task.cancel()
    print(json.dumps({"seen": seen, "least": each[0], "usual": max(1, each[VIEWERS // 2])}))


async def frame(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    """Read a frame of a WebSocket; its size. A ping is answered: who does not is closed after 40 seconds."""
    kind, size = await reader.readexactly(2)
    if size > 125:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
    data = await reader.readexactly(size)
    if kind & 15 == 9:
        writer.write(bytes((0x8A, 0x80 | size)) + bytes(4) + data)
    return size


def jumps(port: int, cookie: str, camera: Any) -> None:
    """From a press on the timeline until the picture of that moment stands, in Chromium."""
    name, value = cookie.split("=", 1)
    home = f"http://127.0.0.1:{port}"
    took = []
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 1500}, locale="ko-KR")
        context.add_cookies([{"name": name, "value": value, "url": home}])
        page = context.new_page()
        page.goto(f"{home}/{CITY}/cameras/devices/{camera}/playback/", wait_until="commit")
        page.locator('.play[data-state="shown"]').wait_for(timeout=60_000)
        page.locator(".play-speeds").nth(1).locator("button").first.click()  # ten minutes
        page.locator(".play-span").first.wait_for()
        chance = random.Random(SEED)
        for _ in range(JUMPS):
            took.append(jump(page, chance.random()))
    figure("cameras.load.jump_p50", percentile(took, 0.5), "s")
    worst = percentile(took, 0.95)
    said = f"the limit, {MOST_JUMP:g} s"
    figure("cameras.load.jump_p95", worst, "s", said, worst / MOST_JUMP)


def jump(page: Page, where: float) -> float:
    page.locator(".play-line").scroll_into_view_if_needed()
    line = page.locator(".play-line").bounding_box()
    span = page.locator(".play-span").last.bounding_box()
    assert line is not None
    assert span is not None
    left = max(span["x"], line["x"]) + 4
    right = min(span["x"] + span["width"], line["x"] + line["width"]) - 12
    page.evaluate(JUMPED)
    page.mouse.click(left + where * (right - left), line["y"] + line["height"] / 2)
    return float(page.evaluate("window.jumped"))


class Memory:
    """The most that processes held at once (PSS), seen from time to time."""

    def __init__(self, processes: list[psutil.Process]) -> None:
        self._processes, self._most, self._intake = processes, 0.0, 0.0

    def add(self, more: list[psutil.Process]) -> None:
        self._processes = self._processes + more

    def look(self) -> None:
        each = [float(one.memory_full_info().pss) for one in self._processes]
        self._most, self._intake = max(self._most, sum(each)), max(self._intake, each[0])

    def report(self) -> None:
        limit = f"the limit, {MOST_MEMORY / 1e6:g} MB"
        figure("cameras.load.memory_of_intake", self._intake / 1e6, "MB (PSS)")
        said = "MB (PSS), intake and both web processes"
        share = self._most / MOST_MEMORY
        figure("cameras.load.memory", self._most / 1e6, said, limit, share)


def gaps(cameras: list[Any]) -> None:
    """What is missing in the index of everything that was recorded."""
    from madang.systems.cameras.models import Segment

    holes, worst, shown, frames = 0, 0.0, 0.0, 0
    for camera in cameras:
        rows = list(Segment.objects.filter(camera=camera).order_by("begins"))
        holes += sum(one.gap != "" for one in rows[1:])
        seams = [(after.begins - before.ends).total_seconds() for before, after in pairwise(rows)]
        worst = max([worst, *map(abs, seams)])
        shown += sum((one.ends - one.begins).total_seconds() for one in rows)
        frames += sum(one.frames for one in rows)
    since = Segment.objects.order_by("begins").first()
    assert since is not None
    minutes = (datetime.now(UTC) - since.begins).total_seconds() / 60
    figure("cameras.load.gaps", holes, f"gaps in {minutes:.1f} minutes of {len(cameras)} streams")
    figure("cameras.load.widest_seam", worst, "s between two files of one stream")
    lost = 1 - frames / (shown * looping.FPS)
    figure("cameras.load.pictures_lost", max(0.0, lost), "of all pictures")


if __name__ == "__main__":
    if sys.argv[1:2] == ["viewers"]:
        words = sys.argv[2:]
        asyncio.run(view(int(words[0]), words[1], words[3:], float(words[2])))
    else:
        os.environ.setdefault("MADANG_FOOTAGE_LEAST_FREE_MB", "0")
        main()
