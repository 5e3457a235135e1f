"""The table of processes: what `madang up` starts, in which order, and how many of each.

A process is a function `main(duty: madang.ground.duty.Duty)`, plain or async, that runs in a process
of its own after django.setup(). `madang run NAME` runs one alone. To add one, add a line here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from madang.run.settings import Settings

SERVERS = ("postgres", "nats")  # the embedded servers; see run/servers.py


@dataclass(frozen=True)
class Process:
    """One line of the table.

    entry is "module:function"; needs names what must be ready before it starts (it is stopped before
    them); patience is how many seconds it may take until it says that it is ready, stop_within how
    many it gets between SIGTERM and SIGKILL.
    """

    name: str
    entry: str
    does: str
    count: Callable[[Settings], int] = lambda settings: 1
    needs: tuple[str, ...] = SERVERS
    patience: float = 60
    stop_within: float = 10


PROCESSES: tuple[Process, ...] = (
    Process(
        "web",
        "madang.run.web:main",
        "pages, API and live sockets",
        count=lambda settings: settings.web_workers,
    ),
    Process(
        "gate",
        "madang.ground.sensing.gate.worker:main",
        "lets devices in, checks what they say and puts it on the log",
    ),
    Process(
        "recorder",
        "madang.ground.sensing.recorder.worker:main",
        "writes what stands on the log into the record",
    ),
    Process(
        "jobs",
        "madang.ground.jobs.worker:main",
        "does durable jobs: imports, and what else takes longer than a page",
        count=lambda settings: settings.job_workers,
        needs=("postgres",),
        stop_within=20,
    ),
    Process(
        "desk",
        "madang.ground.desk.worker:main",
        "raises alarms for levels and silence, and says on the log what became of cases",
    ),
    Process(
        "climate",
        "madang.systems.climate.worker:main",
        "holds surfaces and plans of carbon and heat while somebody looks at them",
    ),
    Process(
        "twin",
        "madang.systems.traffic.micro.worker:main",
        "runs microscopic windows of traffic while somebody looks at them",
    ),
    Process(
        "trail",
        "madang.ground.trail.worker:main",
        "places entries of the trail and signs its heads",
    ),
    Process(
        "intake",
        "madang.systems.cameras.intake.worker:main",
        "pulls the cameras that somebody watches, and records those that are recorded",
    ),
    Process(
        "world",
        "madang.demo.world.worker:main",
        "the demo city's street and the devices in it",
        count=lambda settings: int(settings.demo),
        needs=(*SERVERS, "gate"),
    ),
)

# Done once at every start, before the processes: roles, migrations, the demo city.
# It may be ended at any point: what is half done is done again at the next start.
PREPARATION = Process(
    "preparation", "madang.run.preparation:main", "", patience=3600, stop_within=1
)


def process(name: str) -> Process:
    """The line called name; KeyError when there is none."""
    return {line.name: line for line in (*PROCESSES, PREPARATION)}[name]
