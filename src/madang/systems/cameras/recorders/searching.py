"""What a recorder holds, by ONVIF's recording search: recordings, of which source, from when to when."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from madang.systems.cameras.onvif.talk import OnvifError, Talk, every, words
from madang.systems.cameras.onvif.words import moment, reachable, said
from madang.systems.cameras.recorders.held import Span
from madang.systems.cameras.recorders.states import STATE, present, states_in, topic

AT_ONCE, ROUNDS = 100, 60  # results of an answer; answers of a search
LONGEST = timedelta(days=3660)
STREAM = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
LASTS = timedelta(seconds=60)  # of a search


@dataclass(frozen=True)
class Recorded:
    """A recording on the device. spans: what it holds, by our clock; tracks: those of pictures; uri: where it
    is played."""

    token: str
    source: str
    name: str
    address: str
    spans: tuple[Span, ...]
    tracks: tuple[str, ...] = ()
    uri: str = ""


async def recordings(talk: Talk) -> list[Recorded]:
    """Every recording of the device; OnvifError where its search fails."""
    skew = talk.device.skew or timedelta()
    begun = await talk.ask("search", "FindRecordings", {"Scope": {}, "KeepAliveTime": LASTS})
    token = words(begun, "SearchToken")
    found: dict[str, Recorded] = {}
    async for answer in results(talk, "GetRecordingSearchResults", token):
        some = [_recorded(one, skew) for one in every(answer, "RecordingInformation")]
        found.update({one.token: one for one in some if one is not None})
    whole = await without_holes(talk, list(found.values()))
    if "replay" not in talk.device.services:
        return whole
    return [await _played(talk, one) for one in whole]


async def spans_of(talk: Talk, recording: str) -> list[Span]:
    """What the device holds of one recording now; OnvifError where it does not say."""
    answer = await talk.ask("search", "GetRecordingInformation", {"RecordingToken": recording})
    element = next(iter(every(answer, "RecordingInformation")), answer)
    one = _recorded(element, talk.device.skew or timedelta())
    if one is None:
        raise OnvifError(_("The recorder does not know this recording any more."))
    (whole,) = await without_holes(talk, [one])
    return list(whole.spans)


async def results(talk: Talk, operation: str, token: str) -> AsyncIterator[Any]:
    """Answer after answer of a search, until it is completed or too long."""
    asked = {"SearchToken": token, "MinResults": 1, "MaxResults": AT_ONCE}
    for _round in range(ROUNDS):
        answer = await talk.ask("search", operation, {**asked, "WaitTime": timedelta(seconds=2)})
        yield answer
        if words(answer, "SearchState") == "Completed":
            break
        if not every(answer, "Result") and not every(answer, "RecordingInformation"):
            await asyncio.sleep(0.2)
    with contextlib.suppress(OnvifError):  # many end it by themselves
        await talk.ask("search", "EndSearch", {"SearchToken": token})


async def _played(talk: Talk, one: Recorded) -> Recorded:
    try:
        answer = await talk.ask(
            "replay", "GetReplayUri", {"StreamSetup": STREAM, "RecordingToken": one.token}
        )
    except OnvifError:
        return one
    return replace(one, uri=reachable(said(answer, "Uri", 500), talk.device))


def _recorded(element: Any, skew: timedelta) -> Recorded | None:
    token = words(element, "RecordingToken")[:100]
    if not token:
        return None
    tracks = [one for one in every(element, "Track") if words(one, "TrackType") == "Video"]
    spans = [span for one in tracks if (span := _span(one, "DataFrom", "DataTo", skew))]
    whole = _span(element, "EarliestRecording", "LatestRecording", skew)
    return Recorded(
        token,
        words(element, "Source/SourceId")[:100],
        words(element, "Source/Name")[:100],
        words(element, "Source/Address")[:500],
        joined(spans or ([whole] if whole else [])),
        tuple(token for one in tracks if (token := words(one, "TrackToken"))),
    )


def joined(spans: list[Span]) -> tuple[Span, ...]:
    """Without overlap, in order."""
    found: list[Span] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = found[-1][0], max(ends, found[-1][1])
        else:
            found.append((begins, ends))
    return tuple(found)


def _span(element: Any, first: str, last: str, skew: timedelta) -> Span | None:
    begins, ends = (moment(words(element, one)) for one in (first, last))
    if begins is None or ends is None or not timedelta() < ends - begins <= LONGEST:
        return None
    return begins - skew, ends - skew


async def without_holes(talk: Talk, found: list[Recorded]) -> list[Recorded]:
    """The recordings as far as the device has pictures of them; as they are where it does not say."""
    if not (spans := [span for one in found for span in one.spans]):
        return found
    skew = talk.device.skew or timedelta()
    begins, ends = min(one for one, _ends in spans), max(one for _begins, one in spans)
    try:
        token = words(await _find_states(talk, begins + skew, ends + skew, found), "SearchToken")
        answers = [one async for one in results(talk, "GetEventSearchResults", token)]
    except OnvifError:
        return found
    states = [one for answer in answers for one in states_in(answer, skew)]
    done = words(answers[-1], "SearchState") == "Completed"
    until = ends if done else max((one.at for one in states), default=begins)
    return [replace(one, spans=present(one, states, until)) for one in found]


async def _find_states(talk: Talk, begins: datetime, ends: datetime, found: list[Recorded]) -> Any:
    only = {"IncludedRecordings": [found[0].token]} if len(found) == 1 else {}
    asked = {
        "StartPoint": begins,
        "EndPoint": ends,
        "Scope": only,
        "SearchFilter": {"_value_1": [topic(STATE)]},
        "IncludeStartState": True,
        "KeepAliveTime": LASTS,
    }
    return await talk.ask("search", "FindEvents", asked)
