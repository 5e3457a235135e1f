"""Run one process of the table: what `madang run NAME` does, under the supervisor or alone."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import inspect
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from madang.ground.duty import Duty
from madang.run.processes import Process
from madang.run.settings import home

READY = "MADANG_READY"  # the number of the pipe to the supervisor
METRICS = "PROMETHEUS_MULTIPROC_DIR"


def run(line: Process, number: int = 1) -> None:
    """Do this process's duty until SIGTERM or SIGINT; it returns when the duty is over."""
    duty = Duty(line.name, number, report=_tell_ready)
    _end_on_signals(duty, line.stop_within)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.run.django_settings")
    prepare_metrics(home())
    import django

    django.setup()
    _do(_entry(line.entry), duty)


def prepare_metrics(at: Path) -> None:
    """Name the folder in which the processes' metrics meet; before prometheus_client is imported."""
    folder = os.environ.setdefault(METRICS, str(at / "run" / "metrics"))
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)


def _do(entry: Callable[[Duty], Any], duty: Duty) -> None:
    if inspect.iscoroutinefunction(entry):
        import uvloop

        uvloop.run(entry(duty))
    else:
        entry(duty)


def _entry(name: str) -> Callable[[Duty], Any]:
    module, function = name.split(":")
    entry: Callable[[Duty], Any] = getattr(importlib.import_module(module), function)
    return entry


def _tell_ready() -> None:
    pipe = os.environ.pop(READY, None)
    if pipe is not None:
        with contextlib.suppress(OSError):
            os.write(int(pipe), b"ready\n")
            os.close(int(pipe))


def _end_on_signals(duty: Duty, within: float) -> None:
    """End the duty on SIGTERM or SIGINT, and the process itself if that takes too long."""

    def end(*_: object) -> None:
        if not duty.stop.is_set():
            timer = threading.Timer(within, _give_up)
            timer.daemon = True
            timer.start()
        duty.end()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


def _give_up() -> None:
    """Say where every thread hangs and end; nobody may be left to kill this process."""
    faulthandler.dump_traceback(file=sys.__stderr__ or sys.stderr)
    os._exit(1)
