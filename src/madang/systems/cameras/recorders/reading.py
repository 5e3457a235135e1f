"""What an ONVIF device says of itself: who it is, its clock, and each of its video sources with its streams.

It is read whole before anything of it is written: a device that breaks off in between leaves nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.translation import gettext as _

from madang.systems.cameras.onvif.talk import (
    Device,
    OnvifError,
    RefusedError,
    SilentError,
    Talk,
)
from madang.systems.cameras.onvif.words import said
from madang.systems.cameras.recorders.profiles import Media, Profile, offered
from madang.systems.cameras.recorders.searching import Recorded, recordings

WITHIN = 240.0  # seconds for a whole device
MOST = 2048  # channels of one device
AT_ONCE = 4


@dataclass(frozen=True)
class Channel:
    """A video source with its main stream, its sub stream where it has one, and what is recorded of it."""

    token: str
    name: str
    main: Profile
    sub: Profile | None
    recorded: Recorded | None = None


@dataclass(frozen=True)
class Told:
    """All that a device says. skew: by how much its clock is ahead of ours, None where it does not say."""

    maker: str
    model: str
    firmware: str
    serial: str
    mac: str
    endpoint: str
    skew: timedelta | None
    channels: tuple[Channel, ...]
    searches: bool
    replays: bool


async def read_device(device: Device) -> Told:
    """Ask a device for everything; OnvifError says what is wrong with it, and what to do."""
    try:
        async with asyncio.timeout(WITHIN), Talk(device) as talk:
            return await _read(talk)
    except TimeoutError:
        raise SilentError(
            _("The device did not come to an end within %d minutes.") % round(WITHIN / 60)
        ) from None


async def _read(talk: Talk) -> Told:
    await talk.learn()
    device = talk.device
    about = await talk.ask("devicemgmt", "GetDeviceInformation")
    channels = await _channels(talk)
    found = await _recordings(talk, channels) if "search" in device.services else {}
    return Told(
        maker=said(about, "Manufacturer"),
        model=said(about, "Model"),
        firmware=said(about, "FirmwareVersion"),
        serial=said(about, "SerialNumber"),
        mac=await _maybe(talk, "GetNetworkInterfaces", "Info/HwAddress", 17),
        endpoint=await _maybe(talk, "GetEndpointReference", "GUID", 100),
        skew=device.skew,
        channels=tuple(replace(one, recorded=found.get(one.token)) for one in channels),
        searches="search" in device.services,
        replays="replay" in device.services,
    )


async def check_device(device: Device) -> timedelta | None:
    """Whether it answers and takes the password; its clock's skew."""
    async with Talk(device) as talk:
        await talk.learn()
        await talk.ask("devicemgmt", "GetDeviceInformation")
    return device.skew


async def _maybe(talk: Talk, operation: str, path: str, longest: int) -> str:
    """What not every device says; "" where this one does not."""
    try:
        return said(await talk.ask("devicemgmt", operation), path, longest)
    except (RefusedError, SilentError):
        return ""
    except OnvifError:
        return ""


async def _channels(talk: Talk) -> list[Channel]:
    media, profiles = await offered(talk)
    by_source: dict[str, list[Profile]] = {}
    for one in profiles:
        by_source.setdefault(one.source, []).append(one)
    if not by_source:
        raise OnvifError(
            _(
                "The device offers no stream of H.264 or H.265 (no media profile)."
                " Enable one on it, then ask again."
            )
        )
    if len(by_source) > MOST:
        raise OnvifError(_("The device names more than %d channels: that cannot be.") % MOST)
    turn = asyncio.Semaphore(AT_ONCE)
    some = (_channel(talk, media, turn, one) for one in by_source.values())
    return list(await asyncio.gather(*some))


async def _channel(
    talk: Talk, media: Media, turn: asyncio.Semaphore, profiles: Sequence[Profile]
) -> Channel:
    main, sub = _main_and_sub(profiles)
    async with turn:
        main = await media.addressed(talk, main)
        if sub is not None:
            with contextlib.suppress(OnvifError):  # its sub stream is missed, the channel is not
                sub = await media.addressed(talk, sub)
    if sub is not None and (not sub.address or sub.address == main.address):
        sub = None
    return Channel(main.source, main.name, main, sub)


def _main_and_sub(profiles: Sequence[Profile]) -> tuple[Profile, Profile | None]:
    """The largest picture, and beside it the smallest: of H.264 where there is one, for browsers."""
    main = max(profiles, key=lambda one: one.pixels)
    rest = [one for one in profiles if one is not main and one.pixels <= main.pixels]
    sub = min(rest, key=lambda one: (one.codec != "h264", one.pixels), default=None)
    return main, sub


async def _recordings(talk: Talk, channels: Sequence[Channel]) -> dict[str, Recorded]:
    """By a channel's token what the device holds of it; nothing where its search does not do."""
    try:
        found = await recordings(talk)
    except OnvifError:
        return {}
    return _assigned(found, channels)


def _assigned(found: Sequence[Recorded], channels: Sequence[Channel]) -> dict[str, Recorded]:
    """Recordings belong to the channel that they name; one that names none is nobody's: footage of another
    camera under this one's name would be worse than none."""
    names: dict[str, str] = {}
    for one in channels:
        names |= {
            name: one.token
            for name in (one.token, one.main.token, one.main.address, one.sub and one.sub.token)
            if name
        }
    by_name = {one.name: one.token for one in channels if _alone(one, channels)}
    given: dict[str, Recorded] = {}
    for recorded in found:
        token = names.get(recorded.source) or names.get(recorded.address)
        token = token or by_name.get(recorded.name)
        if token and token not in given:
            given[token] = recorded
    return given


def _alone(one: Channel, channels: Sequence[Channel]) -> bool:
    return bool(one.name) and sum(other.name == one.name for other in channels) == 1
