"""What the twin's process is asked about microscopic windows over NATS, and what it answers."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec

SUBJECT = "traffic.window.1"  # another form of question is another subject
State = Literal["preparing", "running", "ended"]


class Question(msgspec.Struct, frozen=True, kw_only=True, tag_field="ask"):
    """city and person by their ids; a person has one window at a time."""

    city: UUID
    person: UUID


class Open(Question, frozen=True, kw_only=True, tag="open"):
    """Begin a window around a point in degrees; the one that the person had ends. emergency: the person may
    see emergency vehicles."""

    lon: float
    lat: float
    emergency: bool = False


class Look(Question, frozen=True, kw_only=True, tag="look"):
    """What happened after second `after` of the day (None: the newest). Who looks keeps the window open;
    street: say the streets and signals too, which stay the same."""

    window: UUID
    after: float | None = None
    street: bool = False


class End(Question, frozen=True, kw_only=True, tag="end"):
    window: UUID


class Picture(msgspec.Struct, frozen=True):
    """All vehicles at a second of the day, as columns: m from the city's origin, degrees, m/s."""

    at: float
    ids: list[int]
    x: list[float]
    y: list[float]
    heading: list[float]
    speed: list[float]


class Figures(msgspec.Struct, frozen=True):
    """The newest picture in numbers: vehicles, how many of them stand, mean km/h, and the mean seconds
    that each of them has lost since it came. None: there is no vehicle."""

    vehicles: int
    waiting: int
    speed: float | None
    lost: float | None


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="answer"):
    pass


class Seen(Answer, frozen=True, kw_only=True, tag="seen"):
    """A window. began: epoch seconds of the state it begins from; why: a word of sentences where it has
    ended, with what that names. street as `street.said` makes it."""

    window: UUID
    state: State
    why: str = ""
    words: dict[str, Any] = {}
    began: float | None = None
    pictures: list[Picture] = []
    figures: Figures | None = None
    street: dict[str, Any] | None = None


class Refused(Answer, frozen=True, kw_only=True, tag="refused"):
    code: str
    words: dict[str, Any]


_encoder = msgspec.msgpack.Encoder(enc_hook=str)
questions = msgspec.msgpack.Decoder(Open | Look | End)
answers = msgspec.msgpack.Decoder(Seen | Refused)


def encode(message: Question | Answer) -> bytes:
    return _encoder.encode(message)
