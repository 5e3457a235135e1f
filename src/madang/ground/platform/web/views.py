"""The queues of durable jobs, and what an administrator may do with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from procrastinate.contrib.django.models import ProcrastinateJob

from madang.ground.jobs import queries
from madang.ground.jobs.domain import mending
from madang.ground.jobs.public import title_of
from madang.ground.people.public import acting, requires
from madang.ground.platform.web.listing import EVENTS, JOBS, state_badge
from madang.ground.trail.public import Act, record


@require_safe
@requires("platform.operate")
def jobs(request: HttpRequest) -> HttpResponse:
    table = JOBS.read(request, queries.jobs())
    if table.download:
        return table.download  # type: ignore[return-value]
    context = {"table": table, "queues": queries.queues(), "workers": queries.workers()}
    return render(request, "platform/jobs.html", context)


@require_safe
@requires("platform.operate")
def job(request: HttpRequest, number: int) -> HttpResponse:
    found = get_object_or_404(queries.jobs(), pk=number)
    context = {
        "job": found,
        "title": title_of(found.task_name),
        "state": state_badge(found),
        "events": [(event.at, EVENTS[event.type]) for event in queries.events(found)],
        "failures": queries.failures(found),
    }
    return render(request, "platform/job.html", context)


@require_POST
@requires("platform.operate")
def retry(request: HttpRequest, number: int) -> HttpResponse:
    return _mend(request, number, mending.retry, "platform.job.retried", _("It is begun again."))


@require_POST
@requires("platform.operate")
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    return _mend(request, number, mending.cancel, "platform.job.cancelled", _("It is called off."))


def _mend(
    request: HttpRequest,
    number: int,
    act: Callable[[ProcrastinateJob], None],
    action: str,
    said: str,
) -> HttpResponse:
    """Do act and leave its trace, both or neither; then back to the job."""
    found: Any = get_object_or_404(ProcrastinateJob, pk=number)
    try:
        with transaction.atomic():
            act(found)
            detail = {"task": found.task_name, "queue": found.queue_name}
            thing = ("job", str(number))
            record(
                acting(request), Act(action, thing=thing, right="platform.operate", detail=detail)
            )
    except mending.JobError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect(reverse("platform:job", args=[number]))
