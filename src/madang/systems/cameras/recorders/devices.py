"""ONVIF devices of a city: added, asked, known again where their address changed, and forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.trail.public import Act, Actor, record
from madang.systems.cameras.domain.sealing import seal, unseal
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import DeviceState, OnvifChannel, OnvifDevice
from madang.systems.cameras.onvif.talk import Device, OnvifError, RefusedError
from madang.systems.cameras.recorders import taking
from madang.systems.cameras.recorders.held import hold
from madang.systems.cameras.recorders.reading import Channel, Told, check_device, read_device
from madang.systems.cameras.troubles import said_of

log = structlog.get_logger(__name__)

USUAL_PATH = "/onvif/device_service"
ASKER = Actor(name="onvif")
ABOUT = ("maker", "model", "firmware", "serial", "mac", "endpoint", "searches", "replays")


@transaction.atomic
def add_device(
    city: City, actor: Actor, address: str, user: str, password: str, name: str = ""
) -> OnvifDevice:
    """Write a device down, to be asked; one that is known by this address takes the new user and password.
    CameraError where the address is none."""
    address = whole_address(address)
    device = OnvifDevice.objects.select_for_update().filter(city=city, address=address).first()
    if device is not None:
        change_access(device, actor, user, password)
        return device
    device = OnvifDevice(city=city, address=address, user=user, name=name[:100])
    device.by_id = actor.account
    device.sealed = seal(device.pk, password)
    device.save(force_insert=True)
    record(actor, act("cameras.device_added", device))
    return device


def whole_address(words: str) -> str:
    """What somebody wrote as the address of a device service: a host is enough."""
    words = words.strip()
    parts = urlsplit(words if "://" in words else f"http://{words}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if parts.scheme not in ("http", "https") or not host or any(one.isspace() for one in words):
        raise CameraError(
            _("Write the device's host, as 10.0.0.20, or its address, as http://10.0.0.20:8000/…")
        )
    if parts.username or parts.password:
        raise CameraError(_("Write name and password into their own fields, not into the address."))
    shown = f"[{host}]" if ":" in host else host
    place = f"{shown}:{port}" if port else shown
    path = parts.path if parts.path.strip("/") else USUAL_PATH
    return parts._replace(netloc=place, path=path, query="", fragment="").geturl()[:500]


@transaction.atomic
def change_access(device: OnvifDevice, actor: Actor, user: str, password: str) -> None:
    """Other user and password, for the device and for each camera that is a channel of it."""
    device.user, device.sealed = user, seal(device.pk, password)
    device.state, device.error, device.asked = DeviceState.ASKING, "", timezone.now()
    device.save(update_fields=["user", "sealed", "state", "error", "asked"])
    for channel in device.channels.exclude(camera=None).select_related("camera__city"):
        taking.unlock(channel, device, password)
    record(actor, act("cameras.device_changed", device))


@transaction.atomic
def begin_asking(device: OnvifDevice) -> None:
    """Say that it is being asked, until the job has written what came of it."""
    OnvifDevice.objects.filter(pk=device.pk).update(
        state=DeviceState.ASKING, error="", asked=timezone.now()
    )


@transaction.atomic
def forget_device(device: OnvifDevice, actor: Actor) -> None:
    """Ask it no more. Its cameras stay in the register as they are."""
    record(actor, act("cameras.device_forgotten", device))
    device.delete()


def ask_device(device: OnvifDevice, actor: Actor = ASKER) -> OnvifDevice | None:
    """Ask a device for everything, and write it down; the device as it is known, None where it was
    forgotten meanwhile. What goes wrong is written at the device."""
    try:
        told = asyncio.run(read_device(reached(device)))
    except (CameraError, OnvifError) as error:
        _note(device.pk, error)
        return OnvifDevice.objects.filter(pk=device.pk).first()
    return take_told(device.pk, told, actor)


def check_devices(devices: Iterable[OnvifDevice]) -> None:
    """Whether each answers still; its health is written."""

    async def check_all() -> list[timedelta | BaseException | None]:
        turn = asyncio.Semaphore(8)

        async def check(device: Device) -> timedelta | None:
            async with turn:
                return await check_device(device)

        return await asyncio.gather(*(check(one) for one in known.values()), return_exceptions=True)

    known: dict[UUID, Device] = {}
    for one in devices:
        try:
            known[one.pk] = reached(one)
        except CameraError as error:
            _note(one.pk, error)
    for pk, found in zip(known, asyncio.run(check_all()), strict=True):
        if isinstance(found, BaseException):
            _note(pk, found)
        else:
            _well(pk, skew=found.total_seconds() if found is not None else None)


def reached(device: OnvifDevice) -> Device:
    """How it is spoken to; CameraError where its password cannot be opened."""
    return Device(device.address, device.user, unseal(device.pk, bytes(device.sealed)))


def _note(pk: UUID, error: BaseException) -> None:
    state = DeviceState.REFUSED if isinstance(error, RefusedError) else DeviceState.FAILED
    words = said_of(error)
    if not isinstance(error, CameraError):
        log.warning("cameras.device_not_read", error=f"{type(error).__name__}: {error}")
    OnvifDevice.objects.filter(pk=pk).update(state=state, error=words[:300], asked=timezone.now())


def _well(pk: UUID, **values: Any) -> None:
    now = timezone.now()
    OnvifDevice.objects.filter(pk=pk).update(
        state=DeviceState.OK, error="", asked=now, contact=now, **values
    )


@transaction.atomic
def take_told(pk: UUID, told: Told, actor: Actor) -> OnvifDevice | None:
    """Write down what a device said of itself and of its channels. One that is known already, by what it
    is, is reached where this one is from now on."""
    device = OnvifDevice.objects.select_for_update().filter(pk=pk).first()
    if device is None:
        return None
    device = _known_again(device, told, actor)
    skew = told.skew.total_seconds() if told.skew is not None else None
    _well(device.pk, skew=skew, **{name: getattr(told, name) for name in ABOUT})
    device.refresh_from_db()
    _take_channels(device, told, actor)
    return device


def _known_again(device: OnvifDevice, told: Told, actor: Actor) -> OnvifDevice:
    same = Q(endpoint=told.endpoint) if told.endpoint else Q(pk=None)
    if told.serial:
        same |= Q(maker=told.maker, model=told.model, serial=told.serial)
    others = OnvifDevice.objects.select_for_update().filter(same, city=device.city_id)
    before = others.exclude(pk=device.pk).order_by("made").first()
    if before is None:
        return device
    address, user = device.address, device.user
    password = unseal(device.pk, bytes(device.sealed))
    device.delete()
    before.address = address
    before.save(update_fields=["address"])
    change_access(before, actor, user, password)
    return before


def _take_channels(device: OnvifDevice, told: Told, actor: Actor) -> None:
    before = {one.token: one for one in device.channels.select_related("camera")}
    for number, said in enumerate(told.channels, start=1):
        channel = before.pop(said.token, None)
        values = _values(number, said)
        if channel is None:
            channel = OnvifChannel(device=device, city_id=device.city_id, token=said.token)
        changed = [name for name, value in values.items() if getattr(channel, name) != value]
        _write(channel, {name: values[name] for name in changed})
        if channel.camera is not None and changed:
            taking.follow(channel, device, actor, changed)
        hold(channel, said.recorded.spans if said.recorded else ())
    gone = [one.pk for one in before.values() if one.gone is None]
    OnvifChannel.objects.filter(pk__in=gone).update(gone=timezone.now())


def _write(channel: OnvifChannel, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(channel, name, value)
    if channel._state.adding or values:
        channel.save()


def _values(number: int, said: Channel) -> dict[str, Any]:
    main, sub, recorded = said.main, said.sub, said.recorded
    return {
        "number": number,
        "name": said.name,
        "main_profile": main.token,
        "sub_profile": sub.token if sub else "",
        "main_address": main.address,
        "sub_address": sub.address if sub else "",
        "codec": main.codec,
        "sub_codec": sub.codec if sub else "",
        "width": main.width,
        "height": main.height,
        "fps": main.fps,
        "turns": main.turns,
        "recording": recorded.token if recorded else "",
        "replay_address": recorded.uri if recorded else "",
        "gone": None,
    }


def act(name: str, device: OnvifDevice, detail: dict[str, Any] | None = None) -> Act:
    """An act on a device, as the trail keeps it."""
    return Act(
        name,
        city=device.city_id,
        thing=("onvif-device", str(device.pk)),
        detail={"address": device.address, **(detail or {})},
    )
