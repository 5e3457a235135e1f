"""Writes down why an attempt failed, which the queue itself does not keep."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from procrastinate import App, JobContext
from procrastinate.jobs import Job

log = structlog.get_logger(__name__)

LONGEST = 20_000  # characters of a traceback
INSERT = """
INSERT INTO jobs_failure (job, attempt, time, error, traceback)
VALUES (%(job)s, %(attempt)s, now(), %(error)s, %(traceback)s)
"""


async def note_failure(
    call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: object
) -> Any:
    """Middleware of the worker: whatever the task raises is kept for the page of jobs."""
    del worker
    try:
        return await call_next()
    except Exception as error:
        told = "".join(traceback.format_exception(error))[-LONGEST:]
        await write_failure(context.app, context.job, f"{type(error).__name__}: {error}", told)
        raise


async def write_failure(app: App, job: Job, error: str, told: str = "") -> None:
    """Keep why this attempt at job failed; a failure to do so is logged and changes nothing else."""
    words = {"job": job.id, "attempt": job.attempts + 1, "error": error, "traceback": told}
    try:
        await app.connector.execute_query_async(
            INSERT, **{name: _storable(value) for name, value in words.items()}
        )
    except Exception:
        log.exception("the reason of a failed job could not be kept", job=job.id, error=error)


def _storable(value: Any) -> Any:
    """PostgreSQL's text holds no NUL."""
    return value.replace("\0", "\\0") if isinstance(value, str) else value
