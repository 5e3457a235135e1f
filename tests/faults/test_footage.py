"""Intake processes that record are stopped and killed: others go on, no camera is recorded twice, nothing is
in the index that cannot be played, nothing is lost but the second that had not been written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import pytest
from django.utils import timezone

from demo.test_eyes import camera
from fixtures.browser import ROOT
from fixtures.database import TestDatabase
from fixtures.nats import TestNats
from fixtures.sites import make_sites
from madang.ground.city.models import City
from madang.ground.trail.public import Actor
from madang.systems.cameras.models import Health, Recording, Segment
from madang.systems.cameras.public import CameraSpec, record_cameras

pytestmark = pytest.mark.fault

PATIENCE, CAMERAS = 60, 6
SLACK = timedelta(seconds=1)  # by which a camera's clock may run away from ours


class Intake:
    """An intake process on the test's database, with files of a second."""

    def __init__(self, database: TestDatabase, nats: TestNats, folder: Path, name: str) -> None:
        self.folder = folder
        self.log = folder / f"{name}.log"
        self._environment = {
            **os.environ,
            "DATABASE_URL": database.app_url,
            "DATABASE_OWNER_URL": database.owner_url,
            "NATS_URL": nats.url,
            "MADANG_FOOTAGE_FOLDER": str(folder),
            "MADANG_FOOTAGE_SECONDS": "1",
            "MADANG_FOOTAGE_LEAST_FREE_MB": "0",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, ROOT / "tests" / "process.py", "intake"],
                env=self._environment,
                stdout=out,
                stderr=out,
            )

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def say(self, word: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(word)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def until(self, true: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not true():
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.1)

    def drafts(self) -> list[Path]:
        return list(self.folder.glob("*/*/*.part"))


@pytest.fixture
def intakes(
    django_database: TestDatabase, nats_server: TestNats, tmp_path: Path
) -> Iterator[tuple[Intake, Intake]]:
    """Two that record into one folder."""
    one, other = (Intake(django_database, nats_server, tmp_path, name) for name in "ab")
    yield one, other
    for intake in (one, other):
        if intake.process is not None and intake.process.poll() is None:
            intake.say(signal.SIGCONT)
        intake.end()


def plays(folder: Path, segment: Segment) -> int:
    """How many pictures a segment of the index shows."""
    path = folder / segment.path
    assert path.stat().st_size == segment.bytes
    with av.open(str(path)) as file:
        return sum(1 for _frame in file.decode(video=0))


def all_recorded_since(moment: datetime) -> Callable[[], bool]:
    """Whether each camera has a file that began after moment."""
    rows = Segment.objects.filter(begins__gt=moment).values("camera").distinct()
    return lambda: rows.count() == CAMERAS


def test_stopped_and_killed_intakes_lose_nothing_and_record_nothing_twice(
    intakes: tuple[Intake, Intake],
) -> None:
    one, other = intakes
    city = City.objects.create(key="quiet", names={"ko": "고요시"}, simulated=True)
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    with camera() as port:
        address = f"rtsp://127.0.0.1:{port}/demo/one/main"
        words = {"main_address": address, "user": "madang", "password": "열려라 참깨"}
        specs = [CameraSpec(site, n + 1, records=True, **words) for n in range(CAMERAS)]  # type: ignore[arg-type]
        record_cameras(city, specs, Actor(name="test"))
        one.start()
        other.start()
        one.until(all_recorded_since(timezone.now()))
        other.until(lambda: other.log.read_bytes() != b"")

        other.say(signal.SIGSTOP)  # it does not know that it stands still
        one.until(all_recorded_since(timezone.now() + timedelta(seconds=4)))
        other.say(signal.SIGCONT)
        other.until(all_recorded_since(timezone.now() + timedelta(seconds=1)))

        one.kill()
        left = set(one.drafts())
        before = list(Segment.objects.order_by("begins"))
        assert all(plays(one.folder, seen) == seen.frames for seen in before)
        other.until(all_recorded_since(timezone.now() + timedelta(seconds=1)))
        one.start()
        one.until(lambda: not left & set(one.drafts()))
        one.until(lambda: Health.objects.filter(recording=Recording.ON).count() == CAMERAS)
        one.end()
        other.end()
    found = list(Segment.objects.order_by("camera", "begins"))
    assert all(plays(one.folder, seen) == seen.frames for seen in found)
    assert one.drafts() == []
    files = {str(path.relative_to(one.folder)) for path in one.folder.glob("*/*/*")}
    assert files == {seen.path for seen in found}
    twice = [
        (after.begins - seen.ends).total_seconds()
        for seen, after in pairwise(found)
        if seen.camera_id == after.camera_id and after.begins - seen.ends < -SLACK
    ]
    assert twice == []
