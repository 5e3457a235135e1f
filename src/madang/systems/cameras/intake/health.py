"""How the streams of an intake are, into the register."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import close_old_connections
from django.utils import timezone

from madang.systems.cameras.models import Camera, Health

Stream = tuple[UUID, str]


def write_health(accounts: dict[Stream, Any], pulled: bool, recording: dict[UUID, str]) -> None:
    """How the streams are, into the register; of a camera pulled twice its main stream counts.

    recording: how the recording of each recorded camera goes.
    """
    try:
        rows: dict[UUID, Health] = {}
        cities = dict(
            Camera.objects.filter(pk__in={camera for camera, _ in accounts}).values_list(
                "pk", "city_id"
            )
        )
        for (camera, which), account in accounts.items():
            if camera in cities and (which == "main" or camera not in rows):
                rows[camera] = _health(camera, cities[camera], account, pulled)
                rows[camera].recording = recording.get(camera, "")
        names = [one.name for one in Health._meta.fields if one.name not in ("camera", "city")]
        Health.objects.bulk_create(
            rows.values(), update_conflicts=True, unique_fields=["camera"], update_fields=names
        )
    finally:
        close_old_connections()


def _health(camera: UUID, city: UUID, account: Any, pulled: bool) -> Health:
    return Health(
        camera_id=camera,
        city_id=city,
        at=timezone.now(),
        pulled=pulled,
        packet=datetime.fromtimestamp(account.last, UTC) if account.last else None,
        fps=account.fps,
        bits=account.bits,
        codec=account.codec[:8],
        width=account.width,
        height=account.height,
        errors=account.errors,
        error=account.error[:300],
    )
