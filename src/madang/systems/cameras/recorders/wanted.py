"""What is locked, held by a recorder of the city, and not here."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from madang.systems.cameras.models import FootageLock, Segment
from madang.systems.cameras.recorders.held import Span, spans_held

SLIVER = timedelta(seconds=1)  # a shorter piece that is missing is not asked for


def to_fetch() -> QuerySet[FootageLock]:
    """The locks in force on cameras of recorders, the oldest footage first: it is overwritten first."""
    now = timezone.now()
    rows = FootageLock.objects.filter(released=None, until__gt=now, begins__lt=now)
    rows = rows.exclude(camera__channel=None).exclude(camera__channel__replay_address="")
    return rows.order_by("begins", "pk")


def missing(camera: UUID, begins: datetime, ends: datetime) -> list[Span]:
    """What of a span a recorder says that it holds, and is not here."""
    found: list[Span] = []
    for at, end in spans_held(camera, begins, ends):
        rows = Segment.objects.filter(camera=camera, gone=None, begins__lt=end, ends__gt=at)
        for from_, to in rows.order_by("begins").values_list("begins", "ends"):
            if from_ - at >= SLIVER:
                found.append((at, from_))
            at = max(at, to)
        if end - at >= SLIVER:
            found.append((at, end))
    return found


def failure_of(camera: UUID, begins: datetime, ends: datetime) -> str:
    """Why not all that a recorder holds of a locked span could be fetched; "" where nothing went wrong."""
    rows = to_fetch().filter(camera=camera, begins=begins, ends=ends).exclude(failure="")
    return rows.values_list("failure", flat=True).first() or ""
