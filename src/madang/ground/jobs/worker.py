"""The process that does durable jobs. Any number of them may run, on any number of machines."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from django.db import connection
from procrastinate import App

from madang.ground.duty import Duty
from madang.ground.jobs.domain.failing import note_failure
from madang.ground.jobs.domain.stalled import return_stalled
from madang.ground.jobs.domain.thrift import Thrift

AT_ONCE = 4  # jobs of one process
GRACE = 8.0  # seconds a job gets to finish when the process is asked to stop
BEAT = 5.0
LOST_AFTER = 20.0  # seconds without a beat: the process is taken for dead


async def main(duty: Duty) -> None:
    """Do jobs until the duty ends."""
    thrift = Thrift()
    async with worker_app().open_async() as app:
        work = asyncio.create_task(
            app.run_worker_async(
                name=f"{duty.name} {duty.number}",
                concurrency=AT_ONCE,
                install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE,
                update_heartbeat_interval=BEAT,
                stalled_worker_timeout=LOST_AFTER,
                worker_middleware=[thrift.around, note_failure],
            )
        )
        finder = asyncio.create_task(_look_for_stalled(app))
        duty.ready()
        ends = (asyncio.create_task(end) for end in (thrift.grown.wait(), duty.stopped()))
        await _until_one_ends(work, finder, *ends)


def worker_app() -> App:
    """The application's tasks over connections of the worker's own; tasks themselves use Django's."""
    from procrastinate.contrib.django import app
    from procrastinate.psycopg_connector import PsycopgConnector

    words = connection.get_connection_params()
    for word in ("cursor_factory", "context", "pool"):
        words.pop(word, None)
    connector = PsycopgConnector(kwargs=words, min_size=1, max_size=4)
    return app.with_connector(connector)


async def _look_for_stalled(app: App) -> None:
    while True:
        await return_stalled(app, LOST_AFTER)
        await asyncio.sleep(BEAT)


async def _until_one_ends(*parts: asyncio.Task[Any]) -> None:
    """Wait for the end of the duty; a part that fails ends the process, which is then started again."""
    done, rest = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    for part in rest:
        part.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await part
    for part in done:
        part.result()
