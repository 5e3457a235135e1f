"""What other rooms and systems may call of sensing."""

from __future__ import annotations

from datetime import datetime

from madang.ground.sensing.domain.devices import (
    DeviceError,
    DeviceSpec,
    bearer,
    register_devices,
    renew_credential,
    set_credentials,
    withdraw,
)
from madang.ground.sensing.domain.history import HistoryError, HistoryWritten, write_history
from madang.ground.sensing.domain.kinds import ChannelSpec, KindSpec, declare_kind
from madang.ground.sensing.last_places import last_places
from madang.ground.sensing.models import Device, TrackHold
from madang.ground.sensing.queries import (
    Counted,
    Point,
    counted,
    counted_by,
    counted_on,
    devices,
    measures,
    newest,
    newest_readings,
    series,
    stated,
    timed_readings,
)

__all__ = [
    "ChannelSpec",
    "Counted",
    "Device",
    "DeviceError",
    "DeviceSpec",
    "HistoryError",
    "HistoryWritten",
    "KindSpec",
    "Point",
    "bearer",
    "counted",
    "counted_by",
    "counted_on",
    "declare_kind",
    "devices",
    "hold_track",
    "last_places",
    "measures",
    "newest",
    "newest_readings",
    "register_devices",
    "renew_credential",
    "series",
    "set_credentials",
    "stated",
    "timed_readings",
    "withdraw",
    "write_history",
]


def hold_track(device: Device, begins: datetime, ends: datetime, reason: str) -> TrackHold:
    """Keep this piece of device's track whole, whatever thinning and retention do; once for a reason."""
    hold, _ = TrackHold.objects.update_or_create(
        device=device,
        begins=begins,
        reason=reason,
        defaults={"city": device.city, "ends": ends},
    )
    return hold
