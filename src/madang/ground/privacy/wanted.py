"""What requests for footage want kept, told to the systems that keep footage; nothing about who asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max, Q
from django.dispatch import Signal
from django.utils import timezone

from madang.ground.privacy import ledger
from madang.ground.privacy.models import FootageRequest

AFTER = timedelta(days=10)  # that footage is kept beyond an answer: to be shown, or appealed
WHILE_OPEN = timedelta(days=30)  # … beyond the term of a request that waits; it is renewed
SHOWN = timedelta(days=1)

changed = Signal()
"""A request came or was answered, in the transaction in which it did; argument: city (its id)."""


@dataclass(frozen=True)
class Wanted:
    """Footage that a request asks for, in the words of who asked. until: kept at least until then; None:
    not any more."""

    id: UUID
    number: int
    place: str
    begins: datetime
    ends: datetime
    until: datetime | None


@dataclass(frozen=True)
class Kept:
    """Footage of a camera that is kept for a request. there: whether anything was recorded then."""

    camera: str
    url: str
    begins: datetime
    ends: datetime
    there: bool


@dataclass(frozen=True)
class Keeping:
    """What is kept for a request, and the page on which more is."""

    kept: list[Kept] = field(default_factory=list)
    more: str = ""


_keepers: list[Callable[[FootageRequest], Keeping]] = []


def register_keeper(keeping: Callable[[FootageRequest], Keeping]) -> None:
    """Say on a request's page what a system keeps for it."""
    _keepers.append(keeping)


def keepings(request: FootageRequest) -> list[Keeping]:
    return [keeping(request) for keeping in _keepers]


def tell(city: UUID) -> None:
    """Say that a request of city changed."""
    changed.send(sender=FootageRequest, city=city)


def wanted_footage(city: UUID) -> list[Wanted]:
    """The requests of city whose footage is to be kept, and those that were answered lately."""
    now = timezone.now()
    with ledger.opened(city):
        rows = FootageRequest.objects.filter(city=city).annotate(shown=Max("answers__when"))
        recent = Q(due__isnull=False) | Q(decided__gte=now - 3 * WHILE_OPEN)
        return [
            Wanted(one.pk, one.number, one.place, one.begins, one.ends, _until(one, now))
            for one in rows.filter(recent).order_by("number")
        ]


def _until(one: FootageRequest, now: datetime) -> datetime | None:
    if one.due is not None:
        return max(one.due, now) + WHILE_OPEN
    deleted = one.asks == FootageRequest.Asks.DELETE and one.decision == "given"
    if one.decided is None or deleted:
        return None
    until = one.decided + AFTER
    shown: datetime | None = one.shown  # type: ignore[attr-defined]
    if shown is not None and one.decision != FootageRequest.Decision.REFUSED:
        until = max(until, shown + SHOWN)
    return until if until > now else None
