"""What the desk knows of devices and channels, read from sensing's tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from madang.ground.cases.domain.linking import Thing
from madang.ground.cases.domain.raising import NOWHERE, Spot
from madang.ground.city.models import City
from madang.ground.city.public import to_metres
from madang.ground.desk.silence import Heard
from madang.ground.sensing.models import Channel, Device, Health, KindLimits


@dataclass(frozen=True)
class ChannelFacts:
    """One channel: its number on the log, and what its values mean."""

    number: int
    city: UUID
    device_kind: str
    key: str
    unit: str
    method: str
    uncertainty: float | None


def channels(city: UUID) -> list[ChannelFacts]:
    """The channels of a city's kinds of devices."""
    rows = Channel.objects.filter(kind__city=city).select_related("kind")
    return [
        ChannelFacts(row.number, city, row.kind.key, row.key, row.unit, row.method, row.uncertainty)
        for row in rows
    ]


def device(city: UUID, number: int) -> Device | None:
    """The device of a number, if it is of this city."""
    rows = Device.objects.select_related("kind", "city", "health")
    return rows.filter(city=city, number=number).first()


def devices(city: UUID, numbers: Iterable[int]) -> list[Device]:
    """The devices of these numbers."""
    rows = Device.objects.select_related("kind", "city", "health")
    return list(rows.filter(city=city, number__in=list(numbers)))


def spot_of(found: Device) -> Spot:
    """Where a device stands, else where it was last."""
    if found.lon is not None:
        return Spot(found.place, "", found.lon, found.lat, found.x, found.y)
    health = getattr(found, "health", None)
    if health is None or health.lon is None:
        return Spot(found.place) if found.place else NOWHERE
    x, y = to_metres([health.lon], [health.lat], found.city.crs)
    return Spot(found.place, "", health.lon, health.lat, float(x[0]), float(y[0]))


def thing_of(found: Device) -> Thing:
    """The device as a case links to it."""
    return Thing("device", str(found.pk), str(found))


def heard(city: City, now: datetime) -> list[Heard]:
    """When each device in service whose kind must not be silent was last heard."""
    limits: dict[UUID, KindLimits] = {}
    dated = KindLimits.objects.filter(kind__city=city, since__lte=now).order_by("since")
    for row in dated:
        limits[row.kind_id] = row
    rows = Health.objects.filter(device__city=city, device__withdrawn=None).values_list(
        "device__number", "device__kind_id", "device__kind__key", "heard"
    )
    return [
        Heard(int(number), key, time, after)
        for number, kind, key, time in rows
        if kind in limits and (after := limits[kind].silence_after) is not None
    ]
