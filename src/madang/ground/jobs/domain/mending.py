"""What an administrator may do with a job: begin a failed one again, call off one that waits or runs."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException


class JobError(Exception):
    """It cannot be done with this job; the message says why."""


def retry(job: ProcrastinateJob) -> None:
    """Begin a failed job again, at once."""
    if job.status != "failed":
        raise JobError(_("Only a failed job can be begun again; this one is not."))
    try:
        app.job_manager.retry_job_by_id(job.pk, retry_at=timezone.now())
    except ConnectorException:
        raise JobError(_("Somebody has begun it again meanwhile.")) from None


def cancel(job: ProcrastinateJob) -> None:
    """Call off a job that waits; one that runs is asked to stop, which it may take a while to hear."""
    if job.status not in ("todo", "doing"):
        raise JobError(_("It has ended already."))
    if not app.job_manager.cancel_job_by_id(job.pk, abort=True):
        raise JobError(_("It has ended already."))
