"""What a screen may say to the server: MessagePack maps, told apart by `t`."""

from __future__ import annotations

from typing import Annotated

import msgspec

MOST_BYTES = 256 * 1024
MOST_TOPICS = 4096

Name = Annotated[str, msgspec.Meta(max_length=200)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]


class Resume(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a screen was before its connection broke: the hub's epoch, and the last number by topic."""

    epoch: Annotated[str, msgspec.Meta(max_length=64)]
    seq: Annotated[dict[Name, Count], msgspec.Meta(max_length=MOST_TOPICS)]


class Subscribe(msgspec.Struct, frozen=True, tag_field="t", tag="subscribe"):
    topics: Annotated[list[Name], msgspec.Meta(max_length=MOST_TOPICS)]
    resume: Resume | None = None


class Unsubscribe(msgspec.Struct, frozen=True, tag_field="t", tag="unsubscribe"):
    topics: Annotated[list[Name], msgspec.Meta(max_length=MOST_TOPICS)]


class Ack(msgspec.Struct, frozen=True, tag_field="t", tag="ack"):
    """So many messages of this connection have been taken in."""

    n: Count


Word = Subscribe | Unsubscribe | Ack

_decoder: msgspec.msgpack.Decoder[Word] = msgspec.msgpack.Decoder(Word)


class Unreadable(Exception):
    """Not a word of this protocol; the message says why."""


def read(data: bytes) -> Word:
    """The word in data."""
    try:
        return _decoder.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
