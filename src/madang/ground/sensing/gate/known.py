"""What the gate knows of devices while it judges: a picture of the tables, renewed when they change.

Everything about a device lies in arrays whose index is the device's number, so that a whole batch is
looked up at once; index 0 is nobody.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from madang.ground.city.models import City
from madang.ground.city.projection import to_metres
from madang.ground.sensing.domain.devices import credential_hash
from madang.ground.sensing.models import Channel, ChannelLimits, Device, KindLimits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DeviceName = tuple[str, str]  # the city's key and the device's
ANYWHERE = (-np.inf, -np.inf, np.inf, np.inf)


@dataclass(frozen=True)
class KnownChannel:
    """A channel of a kind: its number and the values it can give."""

    number: int
    low: float
    high: float


@dataclass(frozen=True)
class KnownCity:
    """A city: its CRS and its box in metres (west, south, east, north)."""

    key: str
    crs: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Known:
    """The picture. Arrays are indexed by the device's number."""

    cities: dict[str, KnownCity]
    numbers: dict[DeviceName, int]
    credentials: dict[DeviceName, bytes]
    gateways: dict[DeviceName, DeviceName]
    channels: dict[tuple[int, str], KnownChannel]
    kind: Ints
    simulated: NDArray[np.uint8]
    max_speed: Floats
    outside: Floats
    oldest: Ints
    most_per_minute: Ints
    read: datetime = field(default_factory=timezone.now)

    def admits(self, name: DeviceName, credential: str) -> bool:
        """Whether credential is that of the device called name."""
        wanted = self.credentials.get(name)
        return wanted is not None and hmac.compare_digest(wanted, credential_hash(credential))

    def changed_rights(self, before: Known) -> list[DeviceName]:
        """The devices whose credential was another one before, or that had one."""
        return [
            name for name, old in before.credentials.items() if self.credentials.get(name) != old
        ]


def read_known() -> Known:
    """The picture of the tables as they are now; a kind without limits has no device that is known."""
    devices: list[Any] = list(
        Device.objects.filter(withdrawn__isnull=True).values_list(
            "number",
            "city__key",
            "key",
            "kind_id",
            "simulated",
            "credential_hash",
            "gateway__key",
            named=True,
        )
    )
    kinds = _newest(KindLimits.objects, "kind_id")
    devices = [row for row in devices if row.kind_id in kinds]
    index = {kind: place for place, kind in enumerate(kinds)}
    size = max((row.number for row in devices), default=0) + 1
    arrays = _arrays(size)
    for row in devices:
        limits = kinds[row.kind_id]
        arrays["kind"][row.number] = index[row.kind_id]
        arrays["simulated"][row.number] = row.simulated
        arrays["max_speed"][row.number] = limits.max_speed or 0.0
        arrays["outside"][row.number] = limits.outside_metres
        arrays["oldest"][row.number] = limits.oldest.total_seconds() * 1000
        arrays["most_per_minute"][row.number] = limits.most_per_minute
    names = [(row, (row.city__key, row.key)) for row in devices]
    return Known(
        cities={city.key: _city(city) for city in City.objects.all()},
        numbers={name: row.number for row, name in names},
        credentials={
            name: bytes(row.credential_hash) for row, name in names if row.credential_hash
        },
        gateways={
            name: (row.city__key, row.gateway__key) for row, name in names if row.gateway__key
        },
        channels=_channels(index),
        **arrays,
    )


def _arrays(size: int) -> dict[str, Any]:
    return {
        "kind": np.zeros(size, dtype=np.int64),
        "simulated": np.zeros(size, dtype=np.uint8),
        "max_speed": np.zeros(size),
        "outside": np.zeros(size),
        "oldest": np.zeros(size, dtype=np.int64),
        "most_per_minute": np.zeros(size, dtype=np.int64),
    }


def _newest(limits: Any, of: str) -> dict[Any, Any]:
    """The newest limits that have begun, by what they are of."""
    begun: Iterable[Any] = limits.filter(since__lte=timezone.now()).order_by("since")
    return {getattr(one, of): one for one in begun}


def _channels(index: dict[Any, int]) -> dict[tuple[int, str], KnownChannel]:
    limits = _newest(ChannelLimits.objects, "channel_id")
    return {
        (index[channel.kind_id], channel.key): _channel(channel, limits.get(channel.pk))
        for channel in Channel.objects.all()
        if channel.kind_id in index
    }


def _channel(channel: Channel, limits: ChannelLimits | None) -> KnownChannel:
    low = limits.low if limits else None
    high = limits.high if limits else None
    return KnownChannel(
        channel.number,
        -np.inf if low is None else low,
        np.inf if high is None else high,
    )


def _city(city: City) -> KnownCity:
    corners = (city.west, city.south, city.east, city.north)
    if any(corner is None for corner in corners):
        return KnownCity(city.key, city.crs, ANYWHERE)
    west, south, east, north = (float(corner or 0.0) for corner in corners)
    x, y = to_metres([west, east, west, east], [south, south, north, north], city.crs)
    return KnownCity(
        city.key, city.crs, (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    )
