"""Declaring kinds of devices; a declaration made again changes what is different and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from madang.ground.city.models import City
from madang.ground.sensing.models import Channel, ChannelLimits, DeviceKind, KindLimits

Names = dict[str, str]
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ChannelSpec:
    """A channel as it is declared; limits are in its unit, None where there is none."""

    key: str
    names: Names
    unit: str
    low: float | None = None
    high: float | None = None
    method: str = ""
    uncertainty: float | None = None


@dataclass(frozen=True)
class KindSpec:
    """A kind of device as it is declared. max_speed is m/s, None for what stands still."""

    key: str
    names: Names
    channels: Sequence[ChannelSpec] = ()
    max_speed: float | None = None
    outside_metres: float = 2000
    silence_after: timedelta | None = None
    oldest: timedelta = timedelta(days=7)
    most_per_minute: int = 600
    source: str = ""
    since: datetime = field(default=BEGINNING)


BATTERY = ChannelSpec(
    "battery", {"ko": "배터리 잔량", "en": "Battery", "ja": "電池残量"}, "1", low=0, high=1
)


@transaction.atomic
def declare_kind(city: City, spec: KindSpec) -> DeviceKind:
    """Make the kind, its channels and its limits in city, or bring them to what spec says.

    Limits are dated: a spec with a later `since` adds to them and leaves those before it. Every kind
    has the channel `battery`.
    """
    kind, _ = DeviceKind.objects.update_or_create(
        city=city, key=spec.key, defaults={"names": spec.names}
    )
    KindLimits.objects.update_or_create(
        kind=kind,
        since=spec.since,
        defaults={
            "max_speed": spec.max_speed,
            "outside_metres": spec.outside_metres,
            "silence_after": spec.silence_after,
            "oldest": spec.oldest,
            "most_per_minute": spec.most_per_minute,
            "source": spec.source,
        },
    )
    for channel in _with_battery(spec.channels):
        _declare_channel(kind, channel, spec)
    return kind


def _with_battery(channels: Sequence[ChannelSpec]) -> list[ChannelSpec]:
    own = [channel.key for channel in channels]
    return [*channels] if BATTERY.key in own else [*channels, BATTERY]


def _declare_channel(kind: DeviceKind, spec: ChannelSpec, of: KindSpec) -> None:
    about: dict[str, Any] = {
        "names": spec.names,
        "unit": spec.unit,
        "method": spec.method,
        "uncertainty": spec.uncertainty,
    }
    channel, _ = Channel.objects.update_or_create(kind=kind, key=spec.key, defaults=about)
    ChannelLimits.objects.update_or_create(
        channel=channel,
        since=of.since,
        defaults={"low": spec.low, "high": spec.high, "source": of.source},
    )


def withdraw_kind(kind: DeviceKind) -> None:
    """Take out a kind that no device is of; ProtectedError where there is one."""
    Channel.objects.filter(kind=kind).delete()
    kind.delete()
