"""What a recorder of the demo says of its recordings: ONVIF's recording search, and where they are played."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

HELD = 24 * 3600  # seconds that a recorder keeps


class Recordings:
    """Replies of the services search and replay. holds: channel and the address of its recording."""

    def __init__(self, holds: Sequence[tuple[str, str]], now: float) -> None:
        self.holds = holds
        self._first, self._last = (
            f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}" for at in (now - HELD, now)
        )

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
        token = "".join(asked.xpath(".//*[local-name()='RecordingToken']/text()"))
        address = dict(self.holds).get(token.removeprefix("recording-"), "")
        return f"<trp:GetReplayUriResponse><trp:Uri>{escape(address)}</trp:Uri></trp:GetReplayUriResponse>"

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
