"""Fragments of MP4 as intake/fragments.py writes them: what stands in their boxes, and where."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from madang.systems.cameras.intake.fragments import KEY_FLAGS

# moof(mfhd traf(tfhd tfdt trun)) with one sample, as fragments.fragment writes it, then mdat.
TIME, LENGTH, FLAGS, HEAD = 60, 88, 96, 104
MDAT = HEAD + 8


@dataclass(frozen=True)
class Fragment:
    """One picture in a file: where it lies, when it is decoded and how long it is shown (TIMESCALE)."""

    offset: int
    size: int
    time: int
    length: int
    key: bool


def times(fragment: bytes) -> tuple[int, int]:
    """When the picture is decoded and how long it is shown, in TIMESCALE."""
    (time,) = struct.unpack_from(">Q", fragment, TIME)
    (length,) = struct.unpack_from(">I", fragment, LENGTH)
    return time, length


def newest(fragments: bytes) -> int:
    """When the last of several is decoded, in TIMESCALE."""
    at, size = 0, 0
    while at + size < len(fragments):
        at += size
        size = HEAD + int.from_bytes(fragments[at + HEAD : at + HEAD + 4], "big")
    return times(fragments[at : at + MDAT])[0]


def moved(fragment: bytes, by: int) -> tuple[bytes, memoryview]:
    """The fragment decoded later by so much (earlier where it is negative): its beginning, and its picture
    as it is, not copied."""
    (time,) = struct.unpack_from(">Q", fragment, TIME)
    return fragment[:TIME] + struct.pack(">Q", time + by), memoryview(fragment)[TIME + 8 :]


def lasting(fragment: bytes, length: int) -> bytes:
    """The fragment shown for length: of key frames alone each stays until the next."""
    return fragment[:LENGTH] + struct.pack(">I", length) + fragment[LENGTH + 4 :]


def read(file: BinaryIO) -> tuple[bytes, list[Fragment]]:
    """The initialisation segment of a file and its whole fragments; what is cut off at its end is not
    among them. (b"", []) where the file begins with no initialisation segment."""
    init = b""
    for name in (b"ftyp", b"moov"):
        box = _box(file, name)
        if not box:
            return b"", []
        init += box
    return init, list(_fragments(file, len(init)))


def _box(file: BinaryIO, name: bytes) -> bytes:
    head = file.read(8)
    if len(head) < 8 or head[4:] != name:
        return b""
    size = int.from_bytes(head[:4], "big")
    rest = file.read(size - 8)
    return head + rest if len(rest) == size - 8 else b""


def _fragments(file: BinaryIO, offset: int) -> Iterator[Fragment]:
    end = file.seek(0, 2)
    while offset + MDAT <= end:
        file.seek(offset)
        head = file.read(MDAT)
        if head[4:8] != b"moof" or head[HEAD + 4 : MDAT] != b"mdat":
            return
        size = HEAD + int.from_bytes(head[HEAD : HEAD + 4], "big")
        if offset + size > end:
            return
        time, length = times(head)
        (flags,) = struct.unpack_from(">I", head, FLAGS)
        yield Fragment(offset, size, time, length, flags == KEY_FLAGS)
        offset += size
