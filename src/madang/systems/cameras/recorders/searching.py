"""What a recorder holds, by ONVIF's recording search: recordings, of which source, from when to when."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from madang.systems.cameras.onvif.talk import OnvifError, Talk, every, words
from madang.systems.cameras.onvif.words import reachable, said

AT_ONCE, ROUNDS = 100, 60  # results of an answer; answers of a search
LONGEST = timedelta(days=3660)
STREAM = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Recorded:
    """A recording on the device. spans: what it holds, by our clock; uri: where it is played."""

    token: str
    source: str
    name: str
    address: str
    spans: tuple[Span, ...]
    uri: str = ""


async def recordings(talk: Talk) -> list[Recorded]:
    """Every recording of the device; OnvifError where its search fails."""
    begun = await talk.ask(
        "search", "FindRecordings", {"Scope": {}, "KeepAliveTime": timedelta(seconds=60)}
    )
    token = words(begun, "SearchToken")
    found: dict[str, Recorded] = {}
    skew = talk.device.skew or timedelta()
    for _round in range(ROUNDS):
        answer = await _results(talk, token)
        some = [_recorded(one, skew) for one in every(answer, "RecordingInformation")]
        found.update({one.token: one for one in some if one is not None})
        if words(answer, "SearchState") == "Completed":
            break
        if not some:
            await asyncio.sleep(0.2)
    with contextlib.suppress(OnvifError):  # many end it by themselves
        await talk.ask("search", "EndSearch", {"SearchToken": token})
    if "replay" not in talk.device.services:
        return list(found.values())
    return [await _played(talk, one) for one in found.values()]


async def _results(talk: Talk, token: str) -> Any:
    return await talk.ask(
        "search",
        "GetRecordingSearchResults",
        {
            "SearchToken": token,
            "MinResults": 1,
            "MaxResults": AT_ONCE,
            "WaitTime": timedelta(seconds=2),
        },
    )


async def _played(talk: Talk, one: Recorded) -> Recorded:
    try:
        answer = await talk.ask(
            "replay", "GetReplayUri", {"StreamSetup": STREAM, "RecordingToken": one.token}
        )
    except OnvifError:
        return one
    uri = reachable(said(answer, "Uri", 500), talk.device)
    return Recorded(one.token, one.source, one.name, one.address, one.spans, uri)


def _recorded(element: Any, skew: timedelta) -> Recorded | None:
    token = words(element, "RecordingToken")[:100]
    if not token:
        return None
    spans = [
        span
        for track in every(element, "Track")
        if words(track, "TrackType") == "Video"
        and (span := _span(track, "DataFrom", "DataTo", skew))
    ]
    whole = _span(element, "EarliestRecording", "LatestRecording", skew)
    return Recorded(
        token,
        words(element, "Source/SourceId")[:100],
        words(element, "Source/Name")[:100],
        words(element, "Source/Address")[:500],
        joined(spans or ([whole] if whole else [])),
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


def moment(text: str) -> datetime | None:
    """xs:dateTime; one without a zone is UTC, as ONVIF has it."""
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
