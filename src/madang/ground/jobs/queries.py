"""The state of the queues, as pages and metrics show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from procrastinate.contrib.django.models import (
    ProcrastinateEvent,
    ProcrastinateJob,
    ProcrastinateWorker,
)

from madang.ground.jobs.models import Failure

ALIVE_WITHIN = timedelta(seconds=20)


@dataclass(frozen=True)
class Queue:
    """One queue: how many jobs wait (due now, or later), run and have failed, and since when one waits."""

    name: str
    due: int
    later: int
    doing: int
    failed: int
    oldest: datetime | None


def queues() -> list[Queue]:
    now = timezone.now()
    due = Q(status="todo") & (Q(scheduled_at__isnull=True) | Q(scheduled_at__lte=now))
    deferred = ProcrastinateEvent.objects.filter(job=OuterRef("pk"), type="deferred").values("at")
    rows = (
        ProcrastinateJob.objects.filter(status__in=("todo", "doing", "failed"))
        .annotate(since=Subquery(deferred[:1]))
        .values("queue_name")
        .annotate(
            due=Count("pk", filter=due),
            later=Count("pk", filter=Q(status="todo", scheduled_at__gt=now)),
            doing=Count("pk", filter=Q(status="doing")),
            failed=Count("pk", filter=Q(status="failed")),
            oldest=Min("since", filter=due),
        )
        .order_by("queue_name")
    )
    return [
        Queue(r["queue_name"], r["due"], r["later"], r["doing"], r["failed"], r["oldest"])
        for r in rows
    ]


def workers() -> int:
    """How many worker processes have been heard of lately."""
    since = timezone.now() - ALIVE_WITHIN
    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=since).count()


def jobs() -> QuerySet[ProcrastinateJob]:
    """Every job, with the time of its last event (`changed`) and its last failure (`error`)."""
    last = ProcrastinateEvent.objects.filter(job=OuterRef("pk")).order_by("-pk").values("at")
    error = Failure.objects.filter(job=OuterRef("pk")).order_by("-time").values("error")
    found: QuerySet[ProcrastinateJob] = ProcrastinateJob.objects.annotate(
        changed=Subquery(last[:1]), error=Subquery(error[:1])
    )
    return found


def under_way(task_name: str, **words: str) -> bool:
    """Whether a job of the task with these arguments waits or runs."""
    rows = ProcrastinateJob.objects.filter(task_name=task_name, status__in=("todo", "doing"))
    return rows.filter(args__contains=words).exists()


def events(job: ProcrastinateJob) -> QuerySet[ProcrastinateEvent]:
    return ProcrastinateEvent.objects.filter(job=job).order_by("at", "pk")


def failures(job: ProcrastinateJob) -> QuerySet[Failure]:
    return Failure.objects.filter(job=job.pk).order_by("-time")
