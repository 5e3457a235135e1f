"""The queue's own housekeeping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from madang.ground.jobs.models import Failure
from madang.ground.jobs.public import task

KEEP_DONE = timedelta(days=7)
KEEP_FAILED = timedelta(days=90)
FORGET = """
DELETE FROM procrastinate_jobs job WHERE status::text = ANY(%s) AND NOT EXISTS (
    SELECT 1 FROM procrastinate_events event WHERE event.job_id = job.id AND event.at >= %s
)
"""


@task("platform", _("Clear away old jobs"), every="17 18 * * *", lock="jobs.clear")
def clear(timestamp: int) -> None:
    """Forget jobs that were done a week ago, and failed ones after three months, with their reasons."""
    now = datetime.fromtimestamp(timestamp, UTC)
    _forget(["succeeded", "cancelled", "aborted"], now - KEEP_DONE)
    _forget(["failed"], now - KEEP_FAILED)
    Failure.objects.filter(time__lt=now - KEEP_FAILED).delete()


def _forget(states: list[str], before: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FORGET, [states, before])
