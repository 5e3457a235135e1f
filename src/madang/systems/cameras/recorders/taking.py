"""Channels of ONVIF devices into the register: which camera each is, and that camera following it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.trail.public import Actor, record
from madang.systems.cameras.domain.devices import CameraSpec, act, plan_camera, record_cameras
from madang.systems.cameras.domain.life import heard, step
from madang.systems.cameras.domain.sealing import seal, unseal
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import (
    Camera,
    Kind,
    LifeState,
    Onvif,
    OnvifChannel,
    OnvifDevice,
    Site,
)

WORD = re.compile(r"[^\s,;()\[\]/|]+")
ADDRESSES = {"main_address", "sub_address", "main_profile", "turns"}


def suggestions(device: OnvifDevice) -> dict[UUID, str]:
    """For each channel that is nobody's yet the management number of the camera that it seems to be: by the
    address of its stream, else by a number that stands in its name."""
    cameras = Camera.objects.filter(city=device.city_id, channel=None)
    cameras = cameras.exclude(state=LifeState.REMOVED)
    keys: set[str] = set()
    streams: dict[str, str] = {}
    for key, stream in cameras.values_list("key", "main_address"):
        keys.add(key)
        streams[stream] = key
    found: dict[UUID, str] = {}
    for one in device.channels.filter(camera=None, gone=None).order_by("number"):
        named = [word for word in WORD.findall(one.name) if word in keys]
        key = streams.get(one.main_address) or (named[0] if len(named) == 1 else "")
        if key and key not in found.values():
            found[one.pk] = key
    return found


@transaction.atomic
def take_over(device: OnvifDevice, actor: Actor, chosen: Mapping[UUID, str]) -> list[Camera]:
    """Let each channel be the camera of that management number, or a new one of the site of that number.
    CameraError names every line that does not do; then none is taken."""
    channels = device.channels.select_for_update(of=("self",)).filter(pk__in=chosen, camera=None)
    password = unseal(device.pk, bytes(device.sealed))
    made, wrong = [], []
    for channel in channels.order_by("number"):
        key = chosen[channel.pk].strip()
        try:
            with transaction.atomic():
                made.append(_take(channel, device, actor, key, password))
        except CameraError as error:
            wrong.append(f"{channel} → {key}: {error}")
    if wrong:
        raise CameraError("\n".join(wrong[:20]))
    return made


def _take(
    channel: OnvifChannel, device: OnvifDevice, actor: Actor, key: str, password: str
) -> Camera:
    camera = _camera(device, actor, key)
    if OnvifChannel.objects.filter(camera=camera).exists():
        raise CameraError(_("Another channel is this camera already."))
    if camera.state == LifeState.REMOVED:
        raise CameraError(_("This camera was removed."))
    channel.camera, channel.taken = camera, timezone.now()
    channel.save(update_fields=["camera", "taken"])
    camera.user, camera.sealed = device.user, seal(camera.pk, password)
    _know(camera, channel)
    _write(camera, channel, device)
    detail = {"device": device.address, "channel": channel.token}
    record(actor, act("cameras.channel_taken", camera, detail=detail))
    return camera


def _camera(device: OnvifDevice, actor: Actor, key: str) -> Camera:
    """The camera of that number, or a new one on the pole of that number: one that the register counts
    stands there already; one more than it counts is planned, and installed where residents were heard."""
    found = Camera.objects.select_related("site", "city").filter(city=device.city_id, key=key)
    if camera := found.first():
        return camera
    site = Site.objects.select_for_update().filter(city=device.city_id, key=key).first()
    if site is None:
        raise CameraError(_("No camera and no site has this number."))
    taken = set(Camera.objects.filter(site=site).values_list("number", flat=True))
    free = next((one for one in range(1, site.cameras + 1) if one not in taken), None)
    if free is not None:
        record_cameras(device.city, [CameraSpec(site, free)], actor)
        return Camera.objects.select_related("site", "city").get(site=site, number=free)
    camera = plan_camera(site, actor)
    if heard(site.pk):
        step(camera, LifeState.INSTALLED, _("A channel of %s") % device, actor)
        camera.refresh_from_db()
    return camera


def _know(camera: Camera, channel: OnvifChannel) -> None:
    """What the device says and nobody has recorded; what somebody recorded stays."""
    camera.codec = camera.codec or channel.codec
    if camera.width is None or camera.height is None:
        camera.width, camera.height = channel.width, channel.height
    if channel.turns and camera.kind == Kind.UNKNOWN:
        camera.kind = Kind.TURNING


def _write(camera: Camera, channel: OnvifChannel, device: OnvifDevice) -> None:
    camera.main_address, camera.sub_address = channel.main_address, channel.sub_address
    camera.save()
    said = {
        "address": device.address,
        "profile": channel.main_profile,
        "turns": channel.turns,
        "city_id": camera.city_id,
    }
    Onvif.objects.update_or_create(camera=camera, defaults=said)


def follow(
    channel: OnvifChannel, device: OnvifDevice, actor: Actor, changed: Sequence[str]
) -> None:
    """The device moved, or its streams did: so does the camera."""
    camera: Any = channel.camera
    if not ADDRESSES.intersection(changed):
        return
    _write(camera, channel, device)
    detail = {"changed": sorted(ADDRESSES.intersection(changed)), "device": device.address}
    record(actor, act("cameras.changed", camera, detail=detail))


def unlock(channel: OnvifChannel, device: OnvifDevice, password: str) -> None:
    """The camera of a channel by the device's own user and password, where the device is reached now."""
    camera: Any = channel.camera
    camera.user, camera.sealed = device.user, seal(camera.pk, password)
    camera.save(update_fields=["user", "sealed"])
    Onvif.objects.filter(camera=camera).update(address=device.address)


@transaction.atomic
def let_go(channel: OnvifChannel, actor: Actor) -> None:
    """The channel is that camera no more: it was taken for the wrong one. Its addresses go with it."""
    camera: Any = channel.camera
    if camera is None:
        return
    channel.camera = channel.taken = None
    channel.save(update_fields=["camera", "taken"])
    camera.main_address = camera.sub_address = camera.user = ""
    camera.sealed = b""
    camera.save(update_fields=["main_address", "sub_address", "user", "sealed"])
    Onvif.objects.filter(camera=camera).delete()
    record(actor, act("cameras.channel_let_go", camera, detail={"channel": channel.token}))
