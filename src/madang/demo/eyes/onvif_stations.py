"""ONVIF devices of the demo, as they are made up: what they have, not what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from madang.demo.eyes.heads import Head
from madang.demo.eyes.onvif_soap import Fault

Streams = Mapping[str, tuple[str, tuple[int, int]]]  # main and sub: address, pixels
Rests = tuple[int, int]
DAY = 86_400


@dataclass(frozen=True)
class Channel:
    """One camera of a device: its streams, its head where it turns, and where what the device recorded of
    it is played."""

    key: str
    streams: Streams
    head: Head | None = None
    replay: str = ""
    codec: str = "H264"  # of its main stream; its sub stream is H.264


@dataclass(frozen=True)
class Station:
    """One ONVIF device: a camera, or a recorder with many. digest: it wants HTTP's digest, not SOAP's.
    media2: it speaks Media2 too. rests: the second of each UTC day from which on a recorder has no pictures
    for so many seconds."""

    name: str
    channels: tuple[Channel, ...]
    model: str = "Turning camera"
    digest: bool = False
    media2: bool = True
    rests: Rests | None = None

    def channel(self, token: str) -> Channel:
        """The channel of a profile; Fault where there is none."""
        for one in self.channels:
            if token in (f"{one.key}-{which}" for which in one.streams):
                return one
        raise Fault("ter:NoProfile", "There is no such profile.")


def rests_between(rests: Rests | None, begins: float, ends: float) -> list[tuple[float, float]]:
    """From when to when there are no pictures between two moments (Unix seconds)."""
    if rests is None:
        return []
    second, length = rests
    first = begins - begins % DAY - DAY + second
    found = [
        (at, at + length)
        for at in (first + DAY * day for day in range(int((ends - first) // DAY) + 1))
    ]
    return [(at, end) for at, end in found if end > begins and at < ends]
