"""The list of jobs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.ground.jobs import queries
from madang.ground.jobs.public import title_of
from madang.ground.web.tables import Badge, Column, Filter, Link, Listing

STATES = {
    "todo": (pgettext_lazy("job", "Waiting"), "info"),
    "doing": (pgettext_lazy("job", "Running"), "ok"),
    "failed": (pgettext_lazy("job", "Failed"), "down"),
    "succeeded": (pgettext_lazy("job", "Done"), "empty"),
    "cancelled": (pgettext_lazy("job", "Called off"), "empty"),
    "aborted": (pgettext_lazy("job", "Stopped"), "attention"),
}

EVENTS = {
    "deferred": _("Asked for"),
    "scheduled": _("Put off until its time"),
    "started": _("Begun"),
    "deferred_for_retry": _("Put back to be tried again"),
    "failed": _("Failed for good"),
    "succeeded": pgettext_lazy("job", "Done"),
    "cancelled": pgettext_lazy("job", "Called off"),
    "abort_requested": _("Asked to stop"),
    "aborted": pgettext_lazy("job", "Stopped"),
}


def state_badge(job: Any) -> Badge:
    title, level = STATES[job.status]
    return Badge(title, level)


def _link(job: Any) -> Link:
    return Link(title_of(job.task_name), reverse("platform:job", args=[job.pk]))


JOBS: Listing[Any] = Listing(
    "jobs",
    _("Jobs"),
    columns=(
        Column("task", _("Job"), _link, sort="task_name"),
        Column("state", _("State"), state_badge, sort="status"),
        Column("queue", _("Queue"), lambda job: job.queue_name, sort="queue_name"),
        Column("tries", _("Tries"), lambda job: job.attempts, sort="attempts", number=True),
        Column("changed", _("Last change"), lambda job: job.changed),
        Column("error", _("Last failure"), lambda job: job.error or ""),
        Column("number", _("Job number"), lambda job: job.pk, sort="pk", number=True),
    ),
    filters=(
        Filter(
            "state",
            _("State"),
            lambda rows, value: rows.filter(status=value) if value in STATES else rows,
            lambda: [(key, title) for key, (title, _level) in STATES.items()],
        ),
        Filter(
            "queue",
            _("Queue"),
            lambda rows, value: rows.filter(queue_name=value),
            lambda: [(queue.name, queue.name) for queue in queries.queues()],
        ),
        Filter("task", _("Task"), lambda rows, value: rows.filter(task_name__icontains=value)),
    ),
    order="-number",
    empty=_("No job has been asked for yet."),
)
