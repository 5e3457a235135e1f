"""Durable jobs: work that outlives the request that asked for it.

    # <room>/tasks.py
    @task("city", _("Read an uploaded file"))
    def read_upload(import_id: str) -> None:
        uploads.read(UUID(import_id))

    # in the act's transaction: the job exists if, and only if, the act does
    read_upload.defer(import_id=str(made.pk))

Arguments are JSON. A job that raises is done again, up to TRIES times within half an hour; one whose
process died is begun again by another. So a task must bear to be done twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from django.utils.functional import Promise
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

Words = ParamSpec("Words")
Result = TypeVar("Result")
Text = str | Promise

TRIES = 5
RETRIES = RetryStrategy(max_attempts=TRIES - 1, exponential_wait=6)  # after 6, 36, 216, 1,296 s

_titles: dict[str, Text] = {}


def task(
    queue: str,
    title: Text,
    *,
    every: str | None = None,
    retry: RetryStrategy | bool = RETRIES,
    lock: str | None = None,
) -> Callable[[Callable[Words, Result]], Task[Words, Result, Words]]:
    """Make a function of a tasks.py a job. title is what people read on the page of jobs.

    every is a cron line in UTC ("17 3 * * *"): the function is then called with timestamp, the moment
    meant, in Unix seconds. Jobs with the same lock are done one after the other.
    """

    def make(function: Callable[Words, Result]) -> Task[Words, Result, Words]:
        name = f"{_room(function.__module__)}.{function.__name__}"
        made: Any = app.task(name=name, queue=queue, retry=retry, lock=lock)(function)
        _titles[name] = title
        return made if every is None else app.periodic(cron=every)(made)

    return make


def title_of(task_name: str) -> Text:
    """What people read for a task: its title, else its name."""
    return _titles.get(task_name, task_name)


def _room(module: str) -> str:
    """madang.ground.city.tasks → city"""
    return module.removesuffix(".tasks").rsplit(".", 1)[-1]
