"""What devices say over MQTT and gateways over HTTP: the form of docs/systems/sensing.md, parsed.

Only form is judged here (is it readable, are the fields there, are the words short enough); whether
the values can be true is the gate's question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, get_args

import msgspec

from madang.ground.sensing.dealing import ROOT

What = Literal["positions", "readings", "states", "counts"]
WHATS: tuple[str, ...] = get_args(What)

MOST_BYTES = 64 * 1024
MOST_ROWS = 1000
DEVICE_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Phrase = Annotated[str, msgspec.Meta(max_length=200)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Time = Milliseconds | datetime


class Position(msgspec.Struct, frozen=True):
    """Where the device was at t: degrees (WGS 84), m/s, degrees clockwise from north, metres."""

    t: Time
    lon: float
    lat: float
    speed: float | None = None
    heading: float | None = None
    accuracy: float | None = None


class Reading(msgspec.Struct, frozen=True):
    """What the device measured at t on one of its kind's channels, in the channel's unit."""

    t: Time
    channel: Word
    value: float


class State(msgspec.Struct, frozen=True):
    """What the device says it is since t; about names what it is about, such as a mission's id."""

    t: Time
    name: Word
    value: Phrase
    about: Phrase = ""


class Count(msgspec.Struct, frozen=True):
    """How many passed in the seconds that ended at t."""

    t: Time
    channel: Word
    seconds: Annotated[float, msgspec.Meta(gt=0, le=86_400)]
    count: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


Fact = Position | Reading | State | Count
FORMS: dict[str, type[Fact]] = {
    "positions": Position,
    "readings": Reading,
    "states": State,
    "counts": Count,
}


class Unreadable(Exception):
    """A message that is not of the form; reason is 'malformed' or 'too_large'."""

    def __init__(self, reason: Literal["malformed", "too_large"], text: str) -> None:
        super().__init__(text)
        self.reason = reason


_JSON = {what: msgspec.json.Decoder(form | list[form]) for what, form in FORMS.items()}  # type: ignore[valid-type]
_MSGPACK = {what: msgspec.msgpack.Decoder(form | list[form]) for what, form in FORMS.items()}  # type: ignore[valid-type]
_JSON_BEGINS = frozenset(b"{[ \t\r\n")


def topic(city: str, device: str, what: str) -> str:
    """The MQTT topic on which the device of that city says what."""
    return f"{ROOT}/{city}/{device}/{what}"


def client_id(city: str, device: str) -> str:
    """The MQTT client id and user name of the device; the credential is its password."""
    return f"{city}/{device}"


def parse(what: str, payload: bytes) -> Sequence[Fact]:
    """The facts in payload, JSON or MessagePack (told apart by the first byte); else Unreadable."""
    if len(payload) > MOST_BYTES:
        raise Unreadable("too_large", f"{len(payload)} bytes; at most {MOST_BYTES} are taken")
    decoders = _JSON if payload[:1] and payload[0] in _JSON_BEGINS else _MSGPACK
    try:
        found = decoders[what].decode(payload)
    except KeyError:
        raise Unreadable("malformed", f"nothing is called '{what}'") from None
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable("malformed", str(error)) from error
    facts: Sequence[Fact] = found if isinstance(found, list) else [found]
    if len(facts) > MOST_ROWS:
        raise Unreadable("too_large", f"{len(facts)} facts; at most {MOST_ROWS} in a message")
    return facts


def how_many(payload: bytes) -> int:
    """How many facts a message claims to hold, for one that is not read; 1 where that cannot be told."""
    if not payload or len(payload) > MOST_BYTES:
        return 1
    decode = msgspec.json.decode if payload[0] in _JSON_BEGINS else msgspec.msgpack.decode
    try:
        return max(1, len(decode(payload, type=list[msgspec.Raw])))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return 1


def milliseconds(time: Time) -> int:
    """t as milliseconds since 1970 UTC; Unreadable for a time that does not say its zone."""
    if isinstance(time, int):
        return time
    if time.tzinfo is None:
        raise Unreadable("malformed", "a time without a zone; write Z or an offset after it")
    return round(time.timestamp() * 1000)
