"""Reads of the privacy officer's room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.people.models import Account, BreakGlass
from madang.ground.privacy import ledger
from madang.ground.privacy.anomalies import anomalies
from madang.ground.privacy.models import (
    Breach,
    FootageAnswer,
    FootageRequest,
    MonthReview,
    ProcessorContract,
)
from madang.ground.trail.actions import actions
from madang.ground.trail.models import Entry, SignedHead


def names_of(accounts: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of accounts, for pages that show actors."""
    wanted = {one for one in accounts if one}
    return {one.pk: str(one) for one in Account.objects.filter(pk__in=wanted)}


def titles() -> dict[str, str]:
    """Every action's name in the active language."""
    return {action.name: str(action.title) for action in actions()}


@dataclass(frozen=True)
class MonthReport:
    """A month of the trail in numbers, as the review shows and keeps them."""

    month: str
    entries: int
    people: int
    views: int
    exports: int
    emergencies: int
    emergencies_unreviewed: int
    anomalies: int
    failed_sign_ins: int
    head_size: int

    def figures(self) -> dict[str, Any]:
        return asdict(self)


def month_span(city: City, month: date) -> tuple[datetime, datetime]:
    """The first moment of a month and of the next, by the city's clock."""
    zone = ZoneInfo(city.time_zone)
    following = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    start = datetime(month.year, month.month, 1, tzinfo=zone)
    return start, datetime(following.year, following.month, 1, tzinfo=zone)


def month_report(city: City, month: date) -> MonthReport:
    """What happened in a month, counted."""
    begin, end = month_span(city, month)
    entries = Entry.objects.filter(city=city.pk, time__gte=begin, time__lt=end)
    by_action = dict(
        entries.order_by().values("action").annotate(n=Count("id")).values_list("action", "n")
    )
    kinds: Counter[str] = Counter()
    for action in actions():
        kinds[action.kind] += by_action.get(action.name, 0)
    glasses = BreakGlass.objects.filter(city=city, begins__gte=begin, begins__lt=end)
    heads = SignedHead.objects.filter(time__lt=end).order_by("-size")
    return MonthReport(
        month=f"{month:%Y-%m}",
        entries=sum(by_action.values()),
        people=entries.exclude(actor=None).order_by().values("actor").distinct().count(),
        views=kinds["view"],
        exports=kinds["export"],
        emergencies=glasses.count(),
        emergencies_unreviewed=glasses.filter(reviewed=None).count(),
        anomalies=len(anomalies(city, begin, end)),
        failed_sign_ins=_failed_sign_ins(city, begin, end),
        head_size=heads.values_list("size", flat=True).first() or 0,
    )


def _failed_sign_ins(city: City, begin: datetime, end: datetime) -> int:
    """Of people with a role in the city; signing in itself belongs to no city."""
    members = Account.objects.filter(memberships__city=city).values_list("pk", flat=True)
    return Entry.objects.filter(
        action="people.sign_in_failed",
        time__gte=begin,
        time__lt=end,
        thing_id__in=[str(one) for one in members.distinct()],
    ).count()


def open_breaches(city: UUID) -> list[Breach]:
    return [one for one in Breach.objects.filter(city=city, closed=None) if one.waits_for]


def late_requests(city: UUID) -> int:
    """Requests for footage that wait longer than the law, or the delay they were told of, allows."""
    with ledger.opened(city):
        return FootageRequest.objects.filter(city=city, due__lt=timezone.now()).count()


def waiting_requests(city: UUID) -> int:
    """Requests for footage that are not answered yet."""
    with ledger.opened(city):
        return FootageRequest.objects.filter(city=city, due__isnull=False).count()


def requests_of(city: UUID, most: int) -> list[FootageRequest]:
    """The ledger: what waits first, by its term, then what was answered, the newest first."""
    with ledger.opened(city):
        found = FootageRequest.objects.filter(city=city)
        return list(found.order_by(F("due").asc(nulls_last=True), "-number")[:most])


def answers_of(request: FootageRequest) -> list[FootageAnswer]:
    """What was answered to a request, in order, each with the letter that told it if there is one."""
    with ledger.opened(request.city_id):
        return list(request.answers.select_related("by", "letter").order_by("at"))


@dataclass(frozen=True)
class Asked:
    """Requests for one's own footage since a day: how many came, were answered, are late now."""

    came: int
    answered: int
    late: int


def requests_since(city: UUID, begin: datetime) -> Asked:
    """How requests that came since begin fared."""
    answered = Q(decision__in=["given", "partly", "refused"])
    with ledger.opened(city):
        found = FootageRequest.objects.filter(city=city, asked__gte=begin).aggregate(
            came=Count("pk"),
            answered=Count("pk", filter=answered),
            late=Count("pk", filter=Q(due__lt=timezone.now())),
        )
    return Asked(**found)


@dataclass(frozen=True)
class Footage:
    """What a request for one's own footage asks for and how it was decided; nothing about who asked."""

    number: int
    asks: str
    decision: str
    place: str
    begins: datetime
    ends: datetime


def find_footage_request(city: UUID, number: int) -> Footage | None:
    """The request of that number; None where there is none."""
    return next(iter(_footage(city, number=number)), None)


def granted_footage(city: UUID) -> list[Footage]:
    """Requests to see footage that were granted, at least in part, the newest first."""
    return _footage(city, decision__in=["given", "partly"], asks=FootageRequest.Asks.VIEW)


def _footage(city: UUID, **words: Any) -> list[Footage]:
    names = ("number", "asks", "decision", "place", "begins", "ends")
    with ledger.opened(city):
        rows = FootageRequest.objects.filter(city=city, **words).order_by("-number")[:200]
        return [Footage(*row) for row in rows.values_list(*names)]


def contracts_in_force(city: UUID) -> list[ProcessorContract]:
    """The contracts with processors that count today, by their end."""
    today = timezone.localdate()
    found = ProcessorContract.objects.filter(city=city, begins__lte=today, ends__gte=today)
    return list(found.select_related("organisation").order_by("ends"))


def last_review(city: UUID) -> date | None:
    """The last month of the trail that a privacy officer reviewed: its first day."""
    found = MonthReview.objects.filter(city=city).order_by("-month").first()
    return found.month if found else None
