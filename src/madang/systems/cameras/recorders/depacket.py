"""RTP payloads of H.264 (RFC 6184) and H.265 (RFC 7798) into pictures in Annex B form."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

START = b"\x00\x00\x00\x01"
LARGEST = 8_000_000  # bytes of a picture


@dataclass(frozen=True)
class Unit:
    """One picture; stamp: its RTP time."""

    data: bytes
    stamp: int
    key: bool


class Depacketizer:
    """take() payloads in their order; a picture comes out when its last one has come."""

    def __init__(self, codec: str) -> None:
        self._h264 = codec == "h264"
        self._parts: list[bytes] = []
        self._part = bytearray()
        self._stamp: int | None = None
        self._key = False

    def take(self, payload: bytes, stamp: int, *, ends: bool) -> Iterator[Unit]:
        if self._stamp is not None and stamp != self._stamp:
            yield from self._whole()
        self._stamp = stamp
        if payload:
            (self._take_h264 if self._h264 else self._take_h265)(payload)
        if ends or sum(map(len, self._parts)) > LARGEST:
            yield from self._whole()

    def _whole(self) -> Iterator[Unit]:
        if self._parts and self._stamp is not None:
            yield Unit(b"".join(START + one for one in self._parts), self._stamp, self._key)
        self._parts, self._part, self._key, self._stamp = [], bytearray(), False, None

    def _add(self, unit: bytes) -> None:
        if not unit:
            return
        kind = unit[0] & 0x1F if self._h264 else (unit[0] >> 1) & 0x3F
        self._key = self._key or (kind == 5 if self._h264 else 16 <= kind <= 21)
        self._parts.append(unit)

    def _take_h264(self, payload: bytes) -> None:
        kind = payload[0] & 0x1F
        if kind == 24:  # several units (STAP-A)
            self._take_several(payload[1:])
        elif kind == 28 and len(payload) > 1:  # a part of one (FU-A)
            head = bytes(((payload[0] & 0xE0) | (payload[1] & 0x1F),))
            self._take_part(payload[1], head, payload[2:])
        elif kind < 24:
            self._add(payload)

    def _take_h265(self, payload: bytes) -> None:
        kind = (payload[0] >> 1) & 0x3F
        if kind == 48:
            self._take_several(payload[2:])
        elif kind == 49 and len(payload) > 2:
            head = bytes(((payload[0] & 0x81) | ((payload[2] & 0x3F) << 1), payload[1]))
            self._take_part(payload[2], head, payload[3:])
        elif kind < 48:
            self._add(payload)

    def _take_several(self, data: bytes) -> None:
        while len(data) > 2:
            (size,) = struct.unpack(">H", data[:2])
            self._add(data[2 : 2 + size])
            data = data[2 + size :]

    def _take_part(self, edge: int, head: bytes, data: bytes) -> None:
        if edge & 0x80:
            self._part = bytearray(head)
        if not self._part or len(self._part) > LARGEST:
            return  # its beginning was lost
        self._part += data
        if edge & 0x40:
            self._add(bytes(self._part))
            self._part = bytearray()
