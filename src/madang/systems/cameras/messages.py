"""What intake and web say to each other on NATS: wishes one way, pieces of pictures the other.

Nothing of it is kept: pictures pass by, and whoever was away when one passed waits for the next key frame.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec

Which = Literal["main", "sub", "still"]  # still: a JPEG a second
MASKED, MASKED_STILL = "mask", "maskstill"  # with - and the digest of the veil behind it
CODED = "coded"  # the stream encoded anew as H.264, for browsers without the camera's codec
STILL_MIME = "image/jpeg"
WISHES = "cameras.wish"
MEMBERS = "cameras.intake"
LARGEST = 900_000  # bytes of a message; NATS takes 1 MiB


class Wish(msgspec.Struct, array_like=True, frozen=True):
    """Somebody looks at this stream of this camera."""

    camera: UUID
    which: str


class Wishes(msgspec.Struct, array_like=True, frozen=True):
    """Every stream that a web process has viewers of; said each second and when there is a new one.

    left: those whose last viewer there has just gone."""

    wishes: list[Wish]
    left: list[Wish] = []


class Member(msgspec.Struct, array_like=True, frozen=True):
    """An intake process is there; leaving: it goes, and others take over at once."""

    name: str
    leaving: bool = False


class Piece(msgspec.Struct, array_like=True, frozen=True):
    """One picture as a fragment of MP4, or a word about why there is none.

    source is the pull it comes from: pieces of two sources do not fit together. A key piece begins with
    nothing before it, and carries the initialisation segment and its MIME type. more: the next message
    continues data.
    """

    source: int
    key: bool = False
    mime: str = ""
    init: bytes = b""
    data: bytes = b""
    why: str = ""
    more: bool = False


class Hiding(msgspec.Struct, array_like=True, frozen=True):
    """A web process asks any intake for what was recorded, painted over and as H.264: from at (milliseconds)
    on. Without zones it is only encoded anew. segment None: what a recorder holds of channel."""

    segment: UUID | None
    at: int
    keys: bool
    zones: list[list[tuple[float, float]]]
    coarse: bool
    views: list[tuple[tuple[float, float, float], list[list[tuple[float, float]]]]] = []
    channel: UUID | None = None
    language: str = "ko"


class Hidden(msgspec.Struct, array_like=True, frozen=True):
    """The answer: a word for the page with its pictures, or why there are none."""

    word: dict[str, Any] = {}
    pictures: bytes = b""
    why: str = ""


HIDE = "cameras.hide"  # where it is asked; one of the intakes answers


def subject(camera: UUID, which: str) -> str:
    """Where the pieces of a camera's stream pass by."""
    return f"cameras.live.{camera.hex}.{which}"


def since(camera: UUID, which: str) -> str:
    """Where an intake is asked for a stream since its last key frame: a piece, and nothing behind it."""
    return f"cameras.since.{camera.hex}.{which}"


SINCE = "cameras.since.*.*"

encode = msgspec.msgpack.Encoder().encode


def parts(piece: Piece) -> list[bytes]:
    """piece as messages that NATS takes: a key frame of a large picture is more than one."""
    data = piece.data
    if len(data) <= LARGEST:
        return [encode(piece)]
    cuts = [data[at : at + LARGEST] for at in range(0, len(data), LARGEST)]
    first = Piece(piece.source, piece.key, piece.mime, piece.init, cuts[0], more=True)
    rest = [Piece(piece.source, data=cut, more=cut is not cuts[-1]) for cut in cuts[1:]]
    return [encode(one) for one in (first, *rest)]


read_wishes = msgspec.msgpack.Decoder(Wishes).decode
read_member = msgspec.msgpack.Decoder(Member).decode
read_piece = msgspec.msgpack.Decoder(Piece).decode
read_hiding = msgspec.msgpack.Decoder(Hiding).decode
read_hidden = msgspec.msgpack.Decoder(Hidden).decode
