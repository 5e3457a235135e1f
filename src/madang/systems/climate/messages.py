"""What the climate process is asked over NATS, and what it answers: typed, versioned by subject."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

SUBJECT = "climate.ask.1"  # another form of question is another subject


class Question(msgspec.Struct, frozen=True, kw_only=True, tag_field="ask"):
    """city by its id; scenario None is the city as it is."""

    city: UUID
    scenario: UUID | None = None


class View(Question, frozen=True, kw_only=True, tag="view"):
    """A picture of a layer within west, south, east, north (metres of EPSG:3857)."""

    layer: str
    box: tuple[float, float, float, float]
    width: int
    height: int
    raw: bool = False  # float32 rows from the north-west, NaN where nothing is known


class Total(Question, frozen=True, kw_only=True, tag="total"):
    """What the plan comes to, with every edit that stands in the store; zones by district too.

    Without a plan the scales of the layers alone.

    drawn is something not kept yet: (kind, rings in metres, code, what). It is looked at and forgotten.
    look is what whoever asks has before them, as it was at `since`: what of it is another now comes as a
    picture with the numbers.
    """

    since: int = 0  # edits after this one are new to whoever asks: where did they change the air?
    zones: bool = False
    drawn: tuple[str, list[list[tuple[float, float]]], int | None, dict[str, Any]] | None = None
    look: View | None = None


class Result(Question, frozen=True, kw_only=True, tag="result"):
    """What the plan comes to, computed from its rows by nobody's memory, and all that it stands on."""


class Places(Question, frozen=True, kw_only=True, tag="places"):
    """What a measure of each polygon would give, alone: Δ t C and people-degrees."""

    kind: str
    what: dict[str, Any]
    rings: list[list[list[tuple[float, float]]]]


class Zones(Question, frozen=True, kw_only=True, tag="zones"):
    """Indicators of polygons, each its rings in metres: of the city, or as the plan would have them."""

    rings: list[list[list[tuple[float, float]]]]


class Squares(Question, frozen=True, kw_only=True, tag="squares"):
    """Indicators of the squares of a grid, `size` metres, of the city or as the plan would have them."""

    size: float


class Now(Question, frozen=True, kw_only=True, tag="now"):
    """The air of this moment by the city's weather stations, how old that is and how far it may be off."""


class Exposure(Question, frozen=True, kw_only=True, tag="exposure"):
    """1 - mixed HM of the city as it is at points (metres), with these distances; None off its ground."""

    x: list[float]
    y: list[float]
    mixing: float
    parks: float


class Walk(Question, frozen=True, kw_only=True, tag="walk"):
    """How a square around x and y (metres of the city) feels to somebody who walks there, now and with
    the plan; with a layer its picture.
    """

    x: float
    y: float
    side: float
    hour: float
    humidity: float
    wind: float
    tree: float
    layer: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="answer"):
    pass


class Said(Answer, frozen=True, kw_only=True, tag="said"):
    body: dict[str, Any]


class Picture(Answer, frozen=True, kw_only=True, tag="picture"):
    data: bytes


class Refused(Answer, frozen=True, kw_only=True, tag="refused"):
    code: str
    words: dict[str, Any]


_encoder = msgspec.msgpack.Encoder(enc_hook=str)
Asked = Total | Result | View | Places | Zones | Squares | Now | Walk | Exposure
questions: msgspec.msgpack.Decoder[Asked] = msgspec.msgpack.Decoder(Asked)
answers: msgspec.msgpack.Decoder[Said | Picture | Refused] = msgspec.msgpack.Decoder(
    Said | Picture | Refused
)


def encode(message: Question | Answer) -> bytes:
    return _encoder.encode(message)
