"""Jobs in the hands of a process that died: begun again, unless it is the job that kills processes."""

from __future__ import annotations

import structlog
from django.utils import timezone
from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status

from madang.ground.jobs.domain.failing import write_failure
from madang.ground.jobs.public import TRIES

log = structlog.get_logger(__name__)


async def return_stalled(app: App, lost_after: float) -> None:
    """Put back in line what workers held that have not been heard of for lost_after seconds."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=lost_after):
        try:
            await _return(app, job)
        except ConnectorException:
            log.info("another worker took up the stalled job", job=job.id)


async def _return(app: App, job: Job) -> None:
    await write_failure(app, job, "The process that was doing it died.")
    if job.attempts + 1 >= TRIES:
        log.error("a job whose process always dies is given up", job=job.id, task=job.task_name)
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
        return
    log.warning("a job of a dead process is begun again", job=job.id, task=job.task_name)
    await app.job_manager.retry_job(job, retry_at=timezone.now())
