"""Jobs of cameras."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.jobs.public import task
from madang.systems.cameras.domain import bookmarks, footage, heads, requested
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.giving import steps
from madang.systems.cameras.models import FootageLock, Giving, OnvifChannel, OnvifDevice
from madang.systems.cameras.recorders import devices, renewing
from madang.systems.cameras.recorders.wanted import to_fetch

FETCH_FOR = 120.0  # seconds of one job, so that others are not kept waiting


@task("cameras", _("Keep the footage that a request asks for"))
def keep_requested(city: str) -> None:
    """Of the city of that id."""
    requested.keep_requested(City.objects.get(pk=city))


def keep_requested_later(city: UUID, **rest: Any) -> None:
    """In the transaction of the request: its footage will be kept, or it has not come."""
    keep_requested.defer(city=str(city))


@task(
    "cameras", _("Destroy footage whose term is over"), every="13 * * * *", lock="cameras.footage"
)
def end_footage(timestamp: int) -> None:
    """Every hour, in every city."""
    for city in City.objects.all():
        requested.keep_requested(city)  # before anything is destroyed that somebody asked for
    footage.end_terms(datetime.fromtimestamp(timestamp, UTC))
    bookmarks.end()
    heads.end_stands()


@task("cameras", _("Pack footage that was approved"))
def pack_giving(giving: str) -> None:
    """In the approval's own transaction."""
    steps.pack_now(Giving.objects.select_related("city").get(pk=UUID(giving)))


@task(
    "cameras", _("Destroy packages whose time is over"), every="43 * * * *", lock="cameras.giving"
)
def end_packages(timestamp: int) -> None:
    """Every hour, in every city."""
    steps.end_packages(datetime.fromtimestamp(timestamp, UTC))


@task("cameras", _("Fetch locked footage from a recorder"), lock="cameras.fetching")
def fetch_footage(lock: str) -> None:
    """What a lock keeps and a recorder holds; in turns, so that it bears to be cut off."""
    from madang.systems.cameras.recorders import fetching

    for held in to_fetch().filter(pk=UUID(lock)):
        if not fetching.fetch_locked(held, time.monotonic() + FETCH_FOR):
            fetch_footage.defer(lock=lock)


@task(
    "cameras",
    _("Fetch what is missing of locked footage from recorders"),
    every="*/10 * * * *",
    lock="cameras.fetching",
)
def fetch_all(timestamp: int) -> None:
    """Every ten minutes, in every city: what was not reached before, and what was recorded since."""
    from madang.systems.cameras.recorders import fetching

    until = time.monotonic() + FETCH_FOR
    for held in to_fetch():
        if time.monotonic() < until:
            fetching.fetch_locked(held, until)


def fetch_later(held: FootageLock) -> None:
    """In the transaction of a lock: what a recorder holds of its span will be fetched."""
    if to_fetch().filter(pk=held.pk).exists():
        fetch_footage.defer(lock=str(held.pk))


@task("cameras", _("Ask a recorder what it holds of a camera"), retry=False)
def renew_held(channel: str) -> None:
    """While somebody plays back its newest: its edge moves on."""
    rows = OnvifChannel.objects.select_related("device").filter(pk=UUID(channel))
    for one in rows:
        with contextlib.suppress(CameraError):  # its page says how the device does
            renewing.renew_held(one)


@task("cameras", _("Ask an ONVIF device for its channels"))
def ask_device(device: str) -> None:
    """What goes wrong is written at the device."""
    found = OnvifDevice.objects.select_related("city").filter(pk=UUID(device)).first()
    if found is not None:
        devices.ask_device(found)


@task("cameras", _("See whether ONVIF devices answer"), every="*/10 * * * *", lock="cameras.onvif")
def check_devices(timestamp: int) -> None:
    """Every ten minutes, in every city."""
    devices.check_devices(OnvifDevice.objects.all())
