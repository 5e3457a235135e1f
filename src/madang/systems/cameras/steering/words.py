"""What web and intake say to each other about steering, on NATS: wishes one way, what came of them back.

Wishes are requests: the intake process that a camera belongs to answers each with a Heard; a wish that
nobody answers was not done. What every viewer may know passes by as Turned and Hand.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

WISHES = "cameras.steer.*"
Do = Literal["look", "move", "stop", "home", "preset", "centre", "keep", "end"]


class Steer(msgspec.Struct, array_like=True, frozen=True):
    """A wish of the session that has its hand on the camera. pan, tilt and zoom are shares of full speed,
    or for centre a place of the picture (across and up, from -1 to 1); word is a preset or its name."""

    camera: UUID
    session: UUID | None
    do: Do
    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0
    word: str = ""
    language: str = "ko"


class Preset(msgspec.Struct, frozen=True):
    """open: whether it lies within the edges. at: where that is, None where the camera does not say."""

    token: str
    name: str
    open: bool = True
    at: tuple[float, float, float] | None = None


class Heard(msgspec.Struct, frozen=True):
    """What came of a wish: why is empty where it is done."""

    why: str = ""
    presets: list[Preset] | None = None


class Turned(msgspec.Struct, frozen=True):
    """Where a camera looks now; position None where it does not say. said: a word for who steers."""

    t: Literal["at"] = "at"
    position: tuple[float, float, float] | None = None
    moving: bool = False
    edge: bool = False
    said: str = ""


class Hand(msgspec.Struct, frozen=True):
    """Whose hand is on a camera now: nobody's without a session. why: how the one before ended."""

    t: Literal["hand"] = "hand"
    session: str = ""
    who: str = ""
    since: str = ""
    rank: int = 0
    before: str = ""
    why: str = ""


def wish_of(camera: UUID) -> str:
    return f"cameras.steer.{camera.hex}"


def told_of(camera: UUID) -> str:
    """Where Turned and Hand pass by, as JSON: what a page may hear as it is."""
    return f"cameras.steered.{camera.hex}"


encode = msgspec.msgpack.Encoder().encode
read_steer = msgspec.msgpack.Decoder(Steer).decode
read_heard = msgspec.msgpack.Decoder(Heard).decode
as_json = msgspec.json.Encoder().encode
