"""The process that does durable jobs: what rooms' tasks.py hold, deferred in the act's own transaction.

Any number of these may run. A job that was in the hands of a killed process is begun again.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import structlog
from procrastinate import App

from madang.ground.duty import Duty

log = structlog.get_logger(__name__)
AT_ONCE = 4
GRACE = 8.0
LOST_AFTER = 60.0
LOOK_FOR_LOST = 30.0


async def main(duty: Duty) -> None:
    """Do jobs until the duty ends; what is being done then gets GRACE seconds to finish."""
    from procrastinate.contrib.django import app

    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with worker_app.open_async():
        work = asyncio.create_task(
            worker_app.run_worker_async(
                name=f"{duty.name} {duty.number}",
                concurrency=AT_ONCE,
                install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE,
            )
        )
        finder = asyncio.create_task(_return_lost(worker_app))
        duty.ready()
        await _first(work, duty)
        finder.cancel()
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


async def _first(work: asyncio.Task[None], duty: Duty) -> None:
    """Wait for the end of the duty; a worker that ends by itself takes the process with it."""
    stopped = asyncio.create_task(duty.stopped())
    await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if work.done():
        work.result()


async def _return_lost(app: App) -> None:
    """Put jobs back in line whose worker does not beat any more."""
    while True:
        lost = await app.job_manager.get_stalled_jobs(
            seconds_since_heartbeat=timedelta(seconds=LOST_AFTER).total_seconds()
        )
        for job in lost:
            log.warning("a job of a killed worker is begun again", job=job.id, task=job.task_name)
            await app.job_manager.retry_job(job)
        await asyncio.sleep(LOOK_FOR_LOST)
