"""The kinds of things that live screens can follow: each system registers its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from madang.ground.bus.messages import Message

LAYOUT = ("id", "x", "y", "age", "heading", "speed", "state")
"""The columns of moving things in a frame: id is Int32, the others Float32 (metres east and north of the
city's origin, seconds since it was so, degrees clockwise from north, m/s, the place of its state among
the kind's; NaN is unknown)."""


@dataclass(frozen=True)
class Moving:
    """Things with a place: topics are cells of the map, frames are columns.

    devices are the kinds of devices that are of this kind. state is the name under which they say what
    they are about ("mission"), states what it can be; what is not among them is unknown. A thing not
    heard of for stale_after seconds is shown as stale, after forget_after it is gone.
    """

    key: str
    devices: frozenset[str] = frozenset()
    state: str = ""
    states: tuple[str, ...] = ()
    stale_after: float = 15.0
    forget_after: float = 900.0

    def said(self) -> dict[str, Any]:
        """The kind as a screen is told."""
        return {
            "moving": True,
            "columns": LAYOUT,
            "states": self.states,
            "stale_after": self.stale_after,
            "forget_after": self.forget_after,
        }


@dataclass(frozen=True)
class Record:
    """One record as it is now. Of two with one key the one of the higher rank is the newer.

    over: it is said once more, as it ended, and is not among those there are from then on. fields are
    what MessagePack can say (times as ms since 1970 UTC).
    """

    key: str
    rank: int
    fields: dict[str, Any]
    over: bool = False


@dataclass(frozen=True)
class Recorded:
    """Things with words, of which none may be missed: one topic a city, frames are single records.

    message is what the log says of them and record what a screen is told of it; present reads from
    the store what there is in a city, in the words of the log (None: the log alone knows).
    """

    key: str
    message: type[Message]
    record: Callable[[Any], Record]
    present: Callable[[str], Iterable[Message]] | None = None

    def said(self) -> dict[str, Any]:
        """The kind as a screen is told."""
        return {"moving": False}


Kind = Moving | Recorded
_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Add kinds; the same key again replaces the kind. The right to follow one is `live.<key>`."""
    for kind in kinds:
        _kinds[kind.key] = kind


def find(key: str) -> Kind | None:
    return _kinds.get(key)


def kinds() -> list[Kind]:
    """Every kind, by key."""
    return [_kinds[key] for key in sorted(_kinds)]
