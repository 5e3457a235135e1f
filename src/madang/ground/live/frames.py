"""The bytes of the live socket, from server to screen.

A frame is a MessagePack array of three: head, a map that says what it is; pad, a few zero bytes; body,
columns of four-byte little-endian numbers, one after the other. pad makes the body begin at a multiple
of four, so that a screen reads the columns where they lie, without copying or parsing them. A WebSocket
message is one or more whole frames back to back, each a multiple of four long.
"""

from __future__ import annotations

from typing import Any

import msgspec

VERSION = 1

_encoder = msgspec.msgpack.Encoder()
_ARRAY_OF_3 = b"\x93"
_PADS = tuple(bytes([0xC4, length]) + bytes(length) for length in range(4))
_BIN32 = b"\xc6"
_AROUND = 1 + 2 + 5  # bytes of the array's, the pad's and the body's own heads


def frame(head: dict[str, Any], body: bytes = b"") -> bytes:
    """One frame; body must be a multiple of four long."""
    said = _encoder.encode(head)
    pad = _PADS[-(_AROUND + len(said)) % 4]
    return b"".join((_ARRAY_OF_3, said, pad, _BIN32, len(body).to_bytes(4, "big"), body))
