"""The streams that an ONVIF device offers: by Media2, which knows H.265, else by Media."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from madang.systems.cameras.onvif.talk import OnvifError, RefusedError, Talk, every, words
from madang.systems.cameras.onvif.words import reachable, said

CODECS = {"H264": "h264", "H265": "hevc", "HEVC": "hevc"}
STREAM = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}


@dataclass(frozen=True)
class Profile:
    """A stream as the device offers it; source: the video source that it shows."""

    token: str
    source: str
    name: str
    codec: str
    width: int | None
    height: int | None
    fps: float | None
    turns: bool
    address: str = ""

    @property
    def pixels(self) -> int:
        return (self.width or 0) * (self.height or 0)


@dataclass(frozen=True)
class Media:
    """One of the two services: what it is asked, and how it names what it says."""

    service: str
    profiles: Mapping[str, Any]
    source: str
    encoder: str
    head: str

    async def found(self, talk: Talk) -> list[Profile]:
        """The profiles that show a video source in a codec that we take, each token once."""
        answer = await talk.ask(self.service, "GetProfiles", self.profiles)
        found: dict[str, Profile] = {}
        for one in every(answer, "Profiles"):
            if (profile := self._profile(one)) is not None:
                found.setdefault(profile.token, profile)
        return list(found.values())

    async def addressed(self, talk: Talk, profile: Profile) -> Profile:
        """The profile with where its stream is; OnvifError where the device does not say."""
        asked: dict[str, Any] = {"ProfileToken": profile.token}
        asked |= {"Protocol": "RTSP"} if self is MEDIA2 else {"StreamSetup": STREAM}
        answer = await talk.ask(self.service, "GetStreamUri", asked)
        address = reachable(said(answer, "Uri", 500), talk.device)
        if not address:
            raise OnvifError(
                _("The device gives no RTSP address for its profile “%s”.") % (profile.name or "?")
            )
        return replace(profile, address=address)

    def _profile(self, one: Any) -> Profile | None:
        token = str(one.get("token") or "")[:100]
        source = said(one, f"{self.source}/SourceToken")
        encoding = words(one, f"{self.encoder}/Encoding").upper().replace(".", "")
        codec = CODECS.get(encoding)
        if not (token and source and codec):
            return None
        return Profile(
            token=token,
            source=source,
            name=said(one, f"{self.source}/Name") or said(one, "Name"),
            codec=codec,
            width=_whole(words(one, f"{self.encoder}/Resolution/Width"), 100_000),
            height=_whole(words(one, f"{self.encoder}/Resolution/Height"), 100_000),
            fps=_whole(words(one, f"{self.encoder}/RateControl/FrameRateLimit"), 1000),
            turns=bool(every(one, self.head)),
        )


MEDIA = Media(
    "media", {}, "VideoSourceConfiguration", "VideoEncoderConfiguration", "PTZConfiguration"
)
MEDIA2 = Media(
    "media2",
    {"Type": ["VideoSource", "VideoEncoder", "PTZ"]},
    "Configurations/VideoSource",
    "Configurations/VideoEncoder",
    "PTZ",
)


async def offered(talk: Talk) -> tuple[Media, list[Profile]]:
    """The profiles of the device, and the service that names them: Media where Media2 is not there, errs
    or names none that we take."""
    known = talk.device.services
    services = [one for one in (MEDIA2, MEDIA) if one.service in known] or [MEDIA]
    for number, media in enumerate(services, start=1):
        try:
            found = await media.found(talk)
            # That it names where streams are, too, shows with the first.
            if found and await media.addressed(talk, found[0]):
                return media, found
        except RefusedError:
            raise
        except OnvifError:
            if number == len(services):
                raise
    return MEDIA, []


def _whole(text: str, most: int) -> int | None:
    try:
        value = round(float(text))
    except (ValueError, OverflowError):
        return None
    return value if 0 < value <= most else None
