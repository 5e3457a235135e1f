"""An intake process that records is killed: nothing is in the index that cannot be played, nothing is lost
but the second that had not been written."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import av
import pytest

from demo.test_eyes import camera
from fixtures.browser import ROOT
from fixtures.database import TestDatabase
from fixtures.nats import TestNats
from fixtures.sites import make_sites
from madang.ground.city.models import City
from madang.ground.trail.public import Actor
from madang.systems.cameras.models import Health, Recording, Segment
from madang.systems.cameras.public import CameraSpec, record_cameras

PATIENCE = 60


class Intake:
    """An intake process on the test's database, with files of a second."""

    def __init__(self, database: TestDatabase, nats: TestNats, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "intake.log"
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
def intake(
    django_database: TestDatabase, nats_server: TestNats, tmp_path: Path
) -> Iterator[Intake]:
    found = Intake(django_database, nats_server, tmp_path)
    yield found
    found.end()


def plays(folder: Path, segment: Segment) -> int:
    """How many pictures a segment of the index shows."""
    path = folder / segment.path
    assert path.stat().st_size == segment.bytes
    with av.open(str(path)) as file:
        return sum(1 for _frame in file.decode(video=0))


def test_what_a_killed_intake_recorded_is_there_and_plays(intake: Intake) -> None:
    city = City.objects.create(key="quiet", names={"ko": "고요시"}, simulated=True)
    (site,) = make_sites(city, ("경기도 고요시 시장길 2", "crime", 127.004))
    with camera() as port:
        address = f"rtsp://127.0.0.1:{port}/demo/one/main"
        spec = CameraSpec(
            site, 1, main_address=address, user="madang", password="열려라 참깨", records=True
        )
        record_cameras(city, [spec], Actor(name="test"))
        intake.start()
        intake.until(lambda: Segment.objects.count() >= 2 and bool(intake.drafts()))
        intake.kill()
        before = list(Segment.objects.order_by("begins"))
        assert all(plays(intake.folder, one) == one.frames for one in before)

        intake.start()
        intake.until(lambda: Segment.objects.filter(gap="began").count() >= 2)
        intake.until(lambda: Health.objects.filter(recording=Recording.ON).exists())
        intake.end()
    found = list(Segment.objects.order_by("begins"))
    assert all(plays(intake.folder, one) == one.frames for one in found)
    assert intake.drafts() == []
    files = {str(path.relative_to(intake.folder)) for path in intake.folder.glob("*/*/*")}
    assert files == {one.path for one in found}
    first = [one for one in found if one.begins <= before[-1].ends]
    assert all(one.begins == other.ends for other, one in pairwise(first))
