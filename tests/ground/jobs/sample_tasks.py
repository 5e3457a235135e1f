"""Tasks that a test's worker does; imported by the test and by the worker's process."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from procrastinate import RetryStrategy

from madang.ground.jobs import worker
from madang.ground.jobs.public import task

worker.BEAT, worker.LOST_AFTER = 0.3, 1.5
AT_ONCE = RetryStrategy(max_attempts=2, wait=0)


@task("test", "Write a line")
def write_line(path: str, text: str) -> None:
    with Path(path).open("a") as file:
        file.write(f"{text}\n")


@task("test", "Fail", retry=AT_ONCE)
def fail(path: str) -> None:
    write_line(path, "tried")
    raise ValueError("the form has no name\0")


@task("test", "Wait")
def wait(path: str) -> None:
    write_line(path, f"began {os.getpid()}")
    if Path(path).read_text().count("began") == 1:
        time.sleep(60)
    write_line(path, "done")


@task("test", "Kill the process that does it")
def kill_process(path: str) -> None:
    write_line(path, "began")
    os.kill(os.getpid(), signal.SIGKILL)
