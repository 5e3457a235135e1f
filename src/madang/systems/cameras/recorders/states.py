"""Holes in a recorder's recordings: the events by which it says from when to when it has pictures (ONVIF
Recording Search, tns1:RecordingHistory/Track/State)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from lxml import etree

from madang.systems.cameras.onvif.talk import every, words
from madang.systems.cameras.onvif.words import moment
from madang.systems.cameras.recorders.held import Span

STATE = "tns1:RecordingHistory/Track/State"
NOTIFIED = "http://docs.oasis-open.org/wsn/b-2"
TOPICS = "http://www.onvif.org/ver10/topics"
DIALECT = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"


@dataclass(frozen=True)
class State:
    """From at on a track of a recording has pictures, or none."""

    recording: str
    track: str
    at: datetime
    there: bool


class Recording(Protocol):
    """What is known of a recording before its holes are."""

    @property
    def token(self) -> str: ...
    @property
    def spans(self) -> tuple[Span, ...]: ...
    @property
    def tracks(self) -> tuple[str, ...]: ...


def topic(name: str) -> Any:
    """The filter that lets events of that name through only."""
    names = {"wsnt": NOTIFIED, "tns1": TOPICS}
    made = etree.Element(f"{{{NOTIFIED}}}TopicExpression", nsmap=names, Dialect=DIALECT)
    made.text = name
    return made


def states_in(answer: Any, skew: timedelta) -> Iterator[State]:
    """The changes that one answer of a search tells, by our clock."""
    for one in every(answer, "Result"):
        said = [
            item.get("Value")
            for item in every(one, "SimpleItem")
            if item.get("Name") == "IsDataPresent"
        ]
        at = moment(words(one, "Time"))
        if at is not None and said:
            there = str(said[0]).strip().lower() in ("true", "1")
            yield State(words(one, "RecordingToken"), words(one, "TrackToken"), at - skew, there)


def present(one: Recording, states: Iterable[State], until: datetime) -> tuple[Span, ...]:
    """The spans of a recording without its holes. until: as far as its changes are known; what comes later
    is taken to be there."""
    changes = sorted(
        (state.at, state.there)
        for state in states
        if state.recording == one.token and (not one.tracks or state.track in one.tracks)
    )
    return tuple(
        part for span in one.spans for part in _without(span, list(_holes(changes, until)))
    )


def _holes(changes: Sequence[tuple[datetime, bool]], until: datetime) -> Iterator[Span]:
    gone: datetime | None = None
    for at, there in changes:
        if not there:
            gone = gone or at
        elif gone is not None:
            yield gone, at
            gone = None
    if gone is not None and gone < until:
        yield gone, until


def _without(span: Span, holes: Sequence[Span]) -> Iterator[Span]:
    at, ends = span
    for gone, back in holes:
        if gone >= ends or back <= at:
            continue
        if gone > at:
            yield at, gone
        at = back
    if at < ends:
        yield at, ends
