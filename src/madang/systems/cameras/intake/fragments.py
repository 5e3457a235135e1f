"""Packets of a camera into fragmented MP4, a fragment a picture, without decoding (ISO/IEC 14496-12).

The initialisation segment is written by FFmpeg's own muxer, which knows how parameter sets are packed;
fragments are written here, so that a picture leaves the moment it has come.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

TIMESCALE = 90_000
# May have one zero more before it: looking for these three bytes alone takes a third of the time.
START_CODE = re.compile(rb"\x00\x00\x01")
LONGEST_GAP = 10 * TIMESCALE  # a clock that jumps further than this has jumped
USUAL = TIMESCALE // 15  # a picture's length until two have come
PARAMETERS = {"h264": {7, 8}, "hevc": {32, 33, 34}}
SIZE_SET = {"h264": 7, "hevc": 33}
KEY_FLAGS, OTHER_FLAGS = 0x02000000, 0x01010000
SIZE = struct.Struct(">I")
# moof(mfhd traf(tfhd tfdt trun)) with one sample, then the head of mdat: each box's size, name and words.
MOOF = struct.Struct(">I4s I4sII I4s I4sII I4sIQ I4sIIi IIIi I4s")
Bytes = bytes | memoryview


class Broken(ValueError):
    """Packets that no player could show; the connection is made anew. kind: one of troubles.WORDS."""

    def __init__(self, said: str = "", *, kind: str = "mute") -> None:
        super().__init__(said)
        self.kind = kind


def units(data: Bytes) -> list[memoryview]:
    """The NAL units of a packet in Annex B form, not copied."""
    whole = memoryview(data)
    codes = [code.span() for code in START_CODE.finditer(whole)]
    begins, ends = [0, *(end for _begin, end in codes)], [begin for begin, _end in codes]
    parts = [whole[one:other] for one, other in zip(begins, [*ends, len(whole)], strict=True)]
    return [one for one in map(_without_zeros, parts) if one]


def _without_zeros(unit: memoryview) -> memoryview:
    """A unit ends with no zero: those belong to the next start code."""
    return unit if unit and unit[-1] else memoryview(bytes(unit).rstrip(b"\0"))


def kind_of(codec: str, unit: Bytes) -> int:
    return unit[0] & 0x1F if codec == "h264" else (unit[0] >> 1) & 0x3F


def split(codec: str, data: Bytes) -> tuple[list[Bytes], list[Bytes]]:
    """A packet's parameter sets, and its picture as MP4 has it: each unit behind its length."""
    sets: list[Bytes] = []
    body: list[Bytes] = []
    for unit in units(data):
        if kind_of(codec, unit) in PARAMETERS[codec]:
            sets.append(unit)
        else:
            body += (SIZE.pack(len(unit)), unit)
    return sets, body


class Clock:
    """A camera's time stamps made to go forward evenly, whatever its own clock does."""

    def __init__(self) -> None:
        self.now = 0
        self.length = USUAL
        self.jumps = 0
        self._before: int | None = None
        self._begun = False

    def next(self, stamp: int | None) -> int:
        """The time of the next picture, in TIMESCALE from the first; stamp is the camera's own."""
        if self._before is None or stamp is None:
            step = self.length if self._begun else 0
        else:
            step = stamp - self._before
            if not 0 < step < LONGEST_GAP:
                self.jumps += 1
                step = self.length
            else:
                self.length = step
        if stamp is not None:
            self._before = stamp
        self._begun = True
        self.now += step
        return self.now


class Unsaid(Broken):
    """What was read of the stream so far does not say what its picture is."""

    def __init__(self, said: str) -> None:
        super().__init__(said, kind="undescribed")


class Changed(Broken):
    """The camera sends another picture size or profile than when it was connected."""


class Fragments:
    """The remux of one stream, as it was when it was connected."""

    def __init__(self, stream: Any) -> None:
        """stream: PyAV's input stream, its parameters known."""
        self.codec = stream.codec_context.name
        if self.codec not in PARAMETERS:
            raise Broken(f"the camera sends {self.codec}, not H.264 or H.265", kind="codec")
        self.init = initialisation(stream)
        self.mime = f'video/mp4; codecs="{codec_words(self.init)}"'
        self.clock = Clock()
        self._sets: dict[int, bytes] = {}
        self._number = 0
        self._begun = False
        self.check(split(self.codec, bytes(stream.codec_context.extradata or b""))[0])

    def take(self, data: Bytes, stamp: int | None, offset: int, key: bool) -> bytes:
        """The fragment of one packet; b"" before the first key frame. Changed when the camera has."""
        sets, body = split(self.codec, data)
        if sets:
            self.check(sets)
        self._begun = self._begun or key
        if not self._begun or not body:
            return b""
        self._number += 1
        time = self.clock.next(stamp)
        return fragment(self._number, time, self.clock.length, body, key=key, offset=offset)

    def check(self, sets: Sequence[Bytes]) -> None:
        """Of the sets only the picture's size and profile (SPS) make another stream of it."""
        kind = SIZE_SET[self.codec]
        for told in [bytes(one) for one in sets if kind_of(self.codec, one) == kind]:
            if self._sets.setdefault(kind, told) != told:
                raise Changed("the camera changed its picture; connecting again")


def initialisation(stream: Any) -> bytes:
    """The initialisation segment (ftyp, moov) of PyAV's input stream."""
    import av

    if not stream.codec_context.extradata or not stream.codec_context.width:
        raise Unsaid("the camera does not say what its picture is (no parameter sets)")
    sink = io.BytesIO()
    options = {"movflags": "empty_moov+default_base_moof+frag_custom"}
    with av.open(sink, "w", format="mp4", options=options) as out:
        copy: Any = out.add_stream_from_template(stream)
        copy.time_base = Fraction(1, TIMESCALE)
        if stream.codec_context.name == "hevc":
            copy.codec_context.codec_tag = "hvc1"
        out.start_encoding()
        return sink.getvalue()


def codec_words(init: bytes) -> str:
    """The codec as RFC 6381 writes it, from an initialisation segment."""
    at = init.find(b"avcC")
    if at >= 0:
        profile, compatible, level = init[at + 5 : at + 8]
        return f"avc1.{profile:02X}{compatible:02X}{level:02X}"
    at = init.find(b"hvcC") + 4
    general, level = init[at + 1], init[at + 12]
    flags = int.from_bytes(init[at + 2 : at + 6], "big")
    turned = int(f"{flags:032b}"[::-1], 2)
    tier = "H" if general & 0x20 else "L"
    rest = "".join(f".{byte:02X}" for byte in init[at + 6 : at + 12].rstrip(b"\0"))
    return f"hvc1.{general & 0x1F}.{turned:X}.{tier}{level}{rest}"


def fragment(
    number: int, time: int, length: int, body: Sequence[Bytes], *, key: bool, offset: int
) -> bytes:
    """One picture as moof and mdat; time, length and offset (shown after decoded) in TIMESCALE."""
    size, flags = sum(map(len, body)), KEY_FLAGS if key else OTHER_FLAGS
    # fmt: off
    head = MOOF.pack(
        MOOF.size - 8, b"moof", 16, b"mfhd", 0, number, 80, b"traf", 16, b"tfhd", 0x020000, 1,
        20, b"tfdt", 1 << 24, time, 36, b"trun", 0x000F01, 1, MOOF.size,
        length, size, flags, offset, size + 8, b"mdat",
    )
    # fmt: on
    return b"".join((head, *body))


def box(name: bytes, content: bytes) -> bytes:
    return SIZE.pack(len(content) + 8) + name + content
