"""Jobs done by a real worker process, which is killed too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures.database import TestDatabase

TESTS = Path(__file__).resolve().parents[2]


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "lines"
    path.touch()
    return path


@pytest.fixture
def begin(
    django_database: TestDatabase, tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a worker of the test's database; all are stopped at the end."""
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / "worker.log").open("ab") as log:
            made = subprocess.Popen(
                [sys.executable, TESTS / "process.py", "jobs", "ground.jobs.sample_tasks"],
                env={
                    **os.environ,
                    "DATABASE_URL": django_database.app_url,
                    "PYTHONPATH": str(TESTS),
                },
                stdout=log,
                stderr=log,
            )
        running.append(made)
        return made

    yield start
    for process in running:
        process.kill()
        process.wait()


def until(happens: Callable[[], Any], patience: float = 40) -> Any:
    end = time.monotonic() + patience
    while not (found := happens()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


def status(job: int) -> str:
    from procrastinate.contrib.django.models import ProcrastinateJob

    return str(ProcrastinateJob.objects.get(pk=job).status)


def test_a_job_exists_if_and_only_if_its_act_does(django_database: TestDatabase) -> None:
    from django.db import transaction

    from ground.jobs.sample_tasks import write_line
    from madang.ground.jobs.queries import jobs

    @transaction.atomic
    def act() -> None:
        write_line.defer(path="/nowhere", text="never")
        raise RuntimeError("the act failed")

    with pytest.raises(RuntimeError):
        act()
    assert jobs().count() == 0
    with transaction.atomic():
        write_line.defer(path="/nowhere", text="once")
    assert jobs().count() == 1


def test_a_job_is_done(begin: Callable[[], Any], lines: Path) -> None:
    from ground.jobs.sample_tasks import write_line

    begin()
    job = write_line.defer(path=str(lines), text="마당")
    until(lambda: status(job) == "succeeded")
    assert lines.read_text() == "마당\n"


@pytest.mark.one_server
def test_a_job_that_fails_is_tried_again_and_says_why(
    begin: Callable[[], Any], lines: Path
) -> None:
    from ground.jobs.sample_tasks import fail
    from madang.ground.jobs.models import Failure

    begin()
    job = fail.defer(path=str(lines))
    until(lambda: status(job) == "failed")
    assert lines.read_text() == "tried\ntried\ntried\n"
    last = Failure.objects.filter(job=job).order_by("-time")[0]
    assert last.error == "ValueError: the form has no name\\0"
    assert "sample_tasks.py" in last.traceback


@pytest.mark.one_server
def test_a_job_survives_the_kill_of_its_process(begin: Callable[[], Any], lines: Path) -> None:
    from ground.jobs.sample_tasks import wait

    first = begin()
    job = wait.defer(path=str(lines))
    until(lambda: "began" in lines.read_text())
    first.send_signal(signal.SIGKILL)
    begin()
    until(lambda: status(job) == "succeeded")
    assert lines.read_text().count("began") == 2
    assert lines.read_text().endswith("done\n")


@pytest.mark.one_server
def test_a_job_that_kills_its_process_is_given_up(begin: Callable[[], Any], lines: Path) -> None:
    from ground.jobs.sample_tasks import kill_process
    from madang.ground.jobs.models import Failure
    from madang.ground.jobs.public import TRIES

    job = kill_process.defer(path=str(lines))
    for _ in range(TRIES):
        process = begin()
        until(lambda process=process: process.poll() is not None)
    begin()
    until(lambda: status(job) == "failed")
    assert lines.read_text() == "began\n" * TRIES
    assert Failure.objects.filter(job=job).count() == TRIES


def test_a_worker_that_is_asked_to_stop_finishes_what_it_holds(
    begin: Callable[[], Any], lines: Path
) -> None:
    from ground.jobs.sample_tasks import write_line

    worker = begin()
    job = write_line.defer(path=str(lines), text="1")
    until(lambda: status(job) == "succeeded")
    worker.terminate()
    assert worker.wait(20) == 0


def test_a_waiting_job_is_called_off_and_a_failed_one_begun_again(
    begin: Callable[[], Any], lines: Path
) -> None:
    from ground.jobs.sample_tasks import fail, write_line
    from madang.ground.jobs.domain import mending
    from madang.ground.jobs.queries import jobs

    waiting = write_line.defer(path=str(lines), text="never")
    mending.cancel(jobs().get(pk=waiting))
    assert status(waiting) == "cancelled"
    with pytest.raises(mending.JobError):
        mending.cancel(jobs().get(pk=waiting))
    with pytest.raises(mending.JobError):
        mending.retry(jobs().get(pk=waiting))

    begin()
    failing = fail.defer(path=str(lines))
    until(lambda: status(failing) == "failed")
    mending.retry(jobs().get(pk=failing))
    until(lambda: lines.read_text().count("tried") == 4)


def test_the_queues_are_counted(django_database: TestDatabase) -> None:
    from ground.jobs.sample_tasks import write_line
    from madang.ground.jobs import queries

    write_line.defer(path="/nowhere", text="now")
    write_line.configure(schedule_in={"hours": 1}).defer(path="/nowhere", text="later")
    (queue,) = queries.queues()
    assert (queue.name, queue.due, queue.later, queue.doing) == ("test", 1, 1, 0)
    assert queue.oldest is not None
    assert queries.workers() == 0


def test_old_jobs_are_cleared_away(django_database: TestDatabase) -> None:
    from django.utils import timezone

    from ground.jobs.sample_tasks import write_line
    from madang.ground.jobs import tasks
    from madang.ground.jobs.domain import mending
    from madang.ground.jobs.queries import jobs

    done = write_line.defer(path="/nowhere", text="off")
    mending.cancel(jobs().get(pk=done))
    kept = write_line.defer(path="/nowhere", text="waits")
    now = timezone.now().timestamp()
    tasks.clear(int(now))
    assert jobs().count() == 2
    tasks.clear(int(now) + 8 * 24 * 3600)
    assert [job.pk for job in jobs()] == [kept]
