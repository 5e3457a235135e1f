"""What a device of the demo says of its streams: ONVIF Media, and Media2, which alone knows H.265."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from madang.demo.eyes.onvif_soap import text
from madang.demo.eyes.onvif_stations import Channel, Station


class Media:
    """Replies of the services media (say_) and media2 (say2_)."""

    _station: Station

    def say_GetProfiles(self, asked: Any) -> str:
        known = [(one, which) for one, which in self._streams() if _codec(one, which) == "H264"]
        said = "".join(_profile(one, which) for one, which in known)  # it has no word for another
        return f"<trt:GetProfilesResponse>{said}</trt:GetProfilesResponse>"

    def say_GetStreamUri(self, asked: Any) -> str:
        address = self._address_of(text(asked, "ProfileToken"))
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{escape(address)}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false"
            "</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>"
        )

    def say2_GetProfiles(self, asked: Any) -> str:
        said = "".join(_profile2(one, which) for one, which in self._streams())
        return f"<tr2:GetProfilesResponse>{said}</tr2:GetProfilesResponse>"

    def say2_GetStreamUri(self, asked: Any) -> str:
        address = self._address_of(text(asked, "ProfileToken"))
        return (
            f"<tr2:GetStreamUriResponse><tr2:Uri>{escape(address)}</tr2:Uri>"
            "</tr2:GetStreamUriResponse>"
        )

    def _streams(self) -> list[tuple[Channel, str]]:
        return [(one, which) for one in self._station.channels for which in one.streams]

    def _address_of(self, token: str) -> str:
        channel = self._station.channel(token)
        return channel.streams[token.removeprefix(f"{channel.key}-")][0]


def _codec(one: Channel, which: str) -> str:
    return one.codec if which == "main" else "H264"


def _profile(one: Channel, which: str) -> str:
    key = escape(one.key)
    ptz = (
        f'<tt:PTZConfiguration token="ptz-{key}"><tt:Name>ptz</tt:Name><tt:UseCount>2</tt:UseCount>'
        f"<tt:NodeToken>head-{key}</tt:NodeToken></tt:PTZConfiguration>"
        if one.head
        else ""
    )
    return (
        f'<trt:Profiles token="{key}-{which}" fixed="true"><tt:Name>{key} {which}</tt:Name>'
        f'<tt:VideoSourceConfiguration token="source-{key}">{_eye(key)}</tt:VideoSourceConfiguration>'
        f'<tt:VideoEncoderConfiguration token="encoder-{key}-{which}">{_encoded(one, which)}'
        "<tt:Quality>5</tt:Quality><tt:RateControl><tt:FrameRateLimit>15</tt:FrameRateLimit>"
        "<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>1000</tt:BitrateLimit>"
        "</tt:RateControl><tt:SessionTimeout>PT60S</tt:SessionTimeout>"
        f"</tt:VideoEncoderConfiguration>{ptz}</trt:Profiles>"
    )


def _profile2(one: Channel, which: str) -> str:
    key = escape(one.key)
    ptz = (
        f'<tr2:PTZ token="ptz-{key}"><tt:NodeToken>head-{key}</tt:NodeToken></tr2:PTZ>'
        if one.head
        else ""
    )
    return (
        f'<tr2:Profiles token="{key}-{which}" fixed="true"><tr2:Name>{key} {which}</tr2:Name>'
        f'<tr2:Configurations><tr2:VideoSource token="source-{key}">{_eye(key)}</tr2:VideoSource>'
        f'<tr2:VideoEncoder token="encoder-{key}-{which}" GovLength="30">{_encoded(one, which)}'
        "<tt:RateControl><tt:FrameRateLimit>15</tt:FrameRateLimit><tt:BitrateLimit>1000"
        f"</tt:BitrateLimit></tt:RateControl><tt:Quality>5</tt:Quality></tr2:VideoEncoder>{ptz}"
        "</tr2:Configurations></tr2:Profiles>"
    )


def _eye(key: str) -> str:
    """The source of a profile's picture, as both services have it."""
    return (
        f"<tt:Name>{key}</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>eye-{key}"
        '</tt:SourceToken><tt:Bounds x="0" y="0" width="640" height="360"/>'
    )


def _encoded(one: Channel, which: str) -> str:
    """How it is encoded, as far as both services have it."""
    _address, (width, height) = one.streams[which]
    return (
        f"<tt:Name>{which}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>{_codec(one, which)}"
        f"</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
        "</tt:Resolution>"
    )
