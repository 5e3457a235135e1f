"""What a recorder of the demo says of its recordings: ONVIF's recording search, and where they are played."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from madang.demo.eyes.onvif_soap import Fault, text
from madang.demo.eyes.onvif_stations import Rests, rests_between

HELD = 24 * 3600  # seconds that a recorder keeps


class Recordings:
    """Replies of the services search and replay. holds: channel and the address of its recording."""

    def __init__(
        self, holds: Sequence[tuple[str, str]], now: float, rests: Rests | None = None
    ) -> None:
        self.holds = holds
        self._first, self._last = _text(now - HELD), _text(now)
        self._rests = rests_between(rests, now - HELD, now)

    def say_FindRecordings(self, asked: Any) -> str:
        return (
            "<tse:FindRecordingsResponse><tse:SearchToken>all</tse:SearchToken>"
            "</tse:FindRecordingsResponse>"
        )

    def say_GetRecordingSearchResults(self, asked: Any) -> str:
        said = "".join(self._recording(escape(key)) for key, _address in self.holds)
        return (
            "<tse:GetRecordingSearchResultsResponse><tse:ResultList><tt:SearchState>Completed"
            f"</tt:SearchState>{said}</tse:ResultList></tse:GetRecordingSearchResultsResponse>"
        )

    def say_EndSearch(self, asked: Any) -> str:
        return f"<tse:EndSearchResponse><tse:Endpoint>{self._last}</tse:Endpoint></tse:EndSearchResponse>"

    def say_GetReplayUri(self, asked: Any) -> str:
        address = dict(self.holds).get(_key(asked), "")
        return f"<trp:GetReplayUriResponse><trp:Uri>{escape(address)}</trp:Uri></trp:GetReplayUriResponse>"

    def say_GetRecordingInformation(self, asked: Any) -> str:
        if _key(asked) not in dict(self.holds):
            raise Fault("ter:InvalidToken", "There is no such recording.")
        said = self._recording(escape(_key(asked)))
        return f"<tse:GetRecordingInformationResponse>{said}</tse:GetRecordingInformationResponse>"

    def say_FindEvents(self, asked: Any) -> str:
        only = text(asked, "IncludedRecordings").removeprefix("recording-") or "all"
        return (
            f"<tse:FindEventsResponse><tse:SearchToken>{escape(only)}</tse:SearchToken>"
            "</tse:FindEventsResponse>"
        )

    def say_GetEventSearchResults(self, asked: Any) -> str:
        only = text(asked, "SearchToken")
        keys = [key for key, _address in self.holds if only in ("all", key)]
        said = "".join(
            _state(escape(key), _text(at), there)
            for key in keys
            for gone, back in self._rests
            for at, there in ((gone, "false"), (back, "true"))
        )
        return (
            "<tse:GetEventSearchResultsResponse><tse:ResultList><tt:SearchState>Completed"
            f"</tt:SearchState>{said}</tse:ResultList></tse:GetEventSearchResultsResponse>"
        )

    def _recording(self, key: str) -> str:
        return (
            f"<tt:RecordingInformation><tt:RecordingToken>recording-{key}</tt:RecordingToken>"
            f"<tt:Source><tt:SourceId>eye-{key}</tt:SourceId><tt:Name>{key}</tt:Name>"
            "<tt:Location/><tt:Description>simulated</tt:Description><tt:Address/></tt:Source>"
            f"<tt:EarliestRecording>{self._first}</tt:EarliestRecording>"
            f"<tt:LatestRecording>{self._last}</tt:LatestRecording><tt:Content/>"
            f"<tt:Track><tt:TrackToken>video-{key}</tt:TrackToken><tt:TrackType>Video</tt:TrackType>"
            f"<tt:Description/><tt:DataFrom>{self._first}</tt:DataFrom><tt:DataTo>{self._last}"
            "</tt:DataTo></tt:Track><tt:RecordingStatus>Recording</tt:RecordingStatus>"
            "</tt:RecordingInformation>"
        )


def _state(key: str, at: str, there: str) -> str:
    return (
        f"<tt:Result><tt:RecordingToken>recording-{key}</tt:RecordingToken><tt:TrackToken>video-{key}"
        f"</tt:TrackToken><tt:Time>{at}</tt:Time><tt:Event><wsnt:Topic>tns1:RecordingHistory/Track/State"
        f'</wsnt:Topic><wsnt:Message><tt:Message UtcTime="{at}"><tt:Data><tt:SimpleItem '
        f'Name="IsDataPresent" Value="{there}"/></tt:Data></tt:Message></wsnt:Message></tt:Event>'
        "<tt:StartStateEvent>false</tt:StartStateEvent></tt:Result>"
    )


def _key(asked: Any) -> str:
    return text(asked, "RecordingToken").removeprefix("recording-")


def _text(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
