from __future__ import annotations

from django.db import models


class Failure(models.Model):
    """Why one attempt at a job failed. Above cities, as the queue itself is.

    The queue keeps only that a job failed. A job is named by its number without a foreign key: the queue's
    tables are procrastinate's, and its jobs go after a while.
    """

    job = models.BigIntegerField()
    attempt = models.PositiveIntegerField()
    time = models.DateTimeField(auto_now_add=True)
    error = models.TextField()
    traceback = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["job", "time"])]
