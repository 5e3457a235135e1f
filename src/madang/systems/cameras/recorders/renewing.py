"""What a recorder holds of one camera, asked anew: its newest edge moves on, its oldest is overwritten."""

from __future__ import annotations

import asyncio

from django.utils.translation import gettext as _

from madang.systems.cameras.models import OnvifChannel, OnvifDevice
from madang.systems.cameras.onvif.talk import Device, SilentError, Talk
from madang.systems.cameras.recorders.devices import reached
from madang.systems.cameras.recorders.held import Span, hold
from madang.systems.cameras.recorders.searching import spans_of

WITHIN = 20.0  # seconds


def renew_held(channel: OnvifChannel) -> None:
    """Ask the recorder what it holds of channel now; OnvifError says why not, and nothing is changed then."""
    if not (channel.recording and channel.device.searches):
        return
    device = reached(channel.device)
    spans = asyncio.run(_ask(device, channel.recording))
    skew = device.skew.total_seconds() if device.skew is not None else None
    OnvifDevice.objects.filter(pk=channel.device_id).update(skew=skew)
    channel.device.skew = skew
    hold(channel, spans)


async def _ask(device: Device, recording: str) -> list[Span]:
    try:
        async with asyncio.timeout(WITHIN), Talk(device) as talk:
            return await spans_of(talk, recording)
    except TimeoutError:
        raise SilentError(_("The recorder does not answer.")) from None
