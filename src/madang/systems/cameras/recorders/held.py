"""What a recorder holds of a camera, as it said when it was asked last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Min

from madang.systems.cameras.models import OnvifChannel, OnvifHeld
from madang.systems.cameras.queries import Kept

Span = tuple[datetime, datetime]


def held_at(camera: UUID, at: datetime) -> OnvifHeld | None:
    """The span that a recorder holds of camera at that moment."""
    rows = OnvifHeld.objects.select_related("channel__device").filter(channel__camera=camera)
    return rows.filter(begins__lte=at, ends__gt=at).exclude(channel__replay_address="").first()


def next_held(camera: UUID, at: datetime) -> datetime | None:
    """When a recorder holds something of camera again, after that moment."""
    rows = OnvifHeld.objects.filter(channel__camera=camera, begins__gt=at)
    rows = rows.exclude(channel__replay_address="").order_by("begins")
    return rows.values_list("begins", flat=True).first()


def spans_held(camera: UUID, begins: datetime, ends: datetime) -> list[Span]:
    """What a recorder holds of camera between two moments."""
    rows = OnvifHeld.objects.filter(channel__camera=camera, begins__lt=ends, ends__gt=begins)
    rows = rows.exclude(channel__replay_address="").order_by("begins")
    return [
        (max(one, begins), min(other, ends)) for one, other in rows.values_list("begins", "ends")
    ]


def reach_of(camera: UUID, kept: Kept) -> Kept:
    """kept as far as something can be played back: what a recorder holds counts too."""
    rows = OnvifHeld.objects.filter(channel__camera=camera).exclude(channel__replay_address="")
    found = rows.aggregate(begins=Min("begins"), ends=Max("ends"))
    if found["begins"] is None:
        return kept
    begins = min(kept.begins or found["begins"], found["begins"])
    return replace(kept, begins=begins, ends=max(kept.ends or found["ends"], found["ends"]))


@transaction.atomic
def hold(channel: OnvifChannel, spans: Sequence[Span]) -> None:
    """What the device holds of channel now; what it overwrote meanwhile is not shown any more."""
    OnvifChannel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
    if list(spans) == list(channel.held.order_by("begins").values_list("begins", "ends")):
        return
    channel.held.all().delete()
    OnvifHeld.objects.bulk_create(
        OnvifHeld(channel=channel, begins=begins, ends=ends) for begins, ends in spans
    )
