"""How devices are: their states, how many there are of each, and what was not believed of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Now

from madang.ground.cases.quantities import Quantity
from madang.ground.city.models import City
from madang.ground.sensing.models import (
    Channel,
    Device,
    DeviceKind,
    KindLimits,
    Quarantine,
    QuarantineSample,
)

LOW_BATTERY = 0.2
STATES = ("ok", "low_battery", "silent", "unheard", "withdrawn")


def devices(city: UUID) -> QuerySet[Device]:
    """The city's devices with their kind, health and `state`, one of STATES.

    silent: not heard for longer than its kind's dated limit. unheard: never heard at all.
    """
    allowed = [When(kind=kind, then=Value(span)) for kind, span in silences(city).items() if span]
    return (
        Device.objects.filter(city=city)
        .select_related("kind", "health")
        .annotate(
            deadline=ExpressionWrapper(
                F("health__heard") + Case(*allowed, output_field=DurationField()),
                output_field=DateTimeField(),
            ),
        )
        .annotate(
            state=Case(
                When(withdrawn__isnull=False, then=Value("withdrawn")),
                When(health__heard__isnull=True, then=Value("unheard")),
                When(deadline__lt=Now(), then=Value("silent")),
                When(health__battery__lt=LOW_BATTERY, then=Value("low_battery")),
                default=Value("ok"),
                output_field=CharField(),
            )
        )
    )


def silences(city: UUID) -> dict[UUID, timedelta | None]:
    """How long a device of each of the city's kinds may be silent, by the limits that count now."""
    limits = KindLimits.objects.filter(kind__city=city, since__lte=Now()).order_by("since")
    return dict(limits.values_list("kind_id", "silence_after"))


def quantities(city: UUID, language: str) -> list[Quantity]:
    """What the city's kinds of devices measure, for thresholds to be set."""
    channels = Channel.objects.filter(kind__city=city).select_related("kind")
    return [
        Quantity(
            one.kind.key, one.key, one.unit, f"{one.kind.name(language)}: {one.name(language)}"
        )
        for one in channels
    ]


@dataclass(frozen=True)
class KindHealth:
    """How many devices of a kind are in each state."""

    kind: DeviceKind
    silence_after: timedelta | None
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def health_by_kind(city: UUID) -> list[KindHealth]:
    """Every kind of the city with its devices' states, the largest kind first."""
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    states: QuerySet[Any] = devices(city).order_by()
    for kind, state, count in states.values_list("kind_id", "state").annotate(Count("pk")):
        counts[kind][state] = count
    silence = silences(city)
    kinds = [
        KindHealth(kind, silence.get(kind.pk), counts[kind.pk])
        for kind in DeviceKind.objects.filter(city=city)
    ]
    return sorted(kinds, key=lambda one: (-one.total, one.kind.key))


def state_counts(city: UUID) -> dict[str, int]:
    """How many of the city's devices are in each state."""
    counts = dict.fromkeys(STATES, 0)
    for kind in health_by_kind(city):
        for state, count in kind.counts.items():
            counts[state] += count
    return counts


def quarantine(city: UUID, days: int = 7) -> QuerySet[Quarantine]:
    """What was not believed in the last days of the city, by device, day and reason."""
    zone = City.objects.values_list("time_zone", flat=True).get(pk=city)
    since = datetime.now(ZoneInfo(zone)).date() - timedelta(days=days - 1)
    return Quarantine.objects.filter(city=city, day__gte=since).select_related("device")


def quarantined_today(city: UUID) -> int:
    total: int | None = quarantine(city, days=1).aggregate(total=Sum("facts"))["total"]
    return total or 0


def samples(city: UUID, key: str) -> QuerySet[QuarantineSample]:
    """The newest messages of the device called key that were not believed, the newest first."""
    return QuarantineSample.objects.filter(city=city, key=key).order_by("-time", "-id")
