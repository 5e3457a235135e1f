"""ONVIF devices of the demo: SOAP 1.2 over HTTP with a digest of the password (WS-UsernameToken).

Just what a client needs to find streams and to turn a camera: of the device service what it is, its clock
and its services; of media its profiles and where their streams are; of PTZ moves, presets and home. A
recorder says besides what it holds and where that is played, and wants its password by HTTP's digest.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

from lxml import etree

from madang.demo.eyes.heads import Head, Position, centred
from madang.demo.eyes.onvif_recordings import Recordings
from madang.demo.eyes.picture import Eye

LONGEST_HEAD, LONGEST_BODY = 16_384, 65_536
LATE = 300  # seconds by which a client's clock may differ
SERVICES = {
    "device": "http://www.onvif.org/ver10/device/wsdl",
    "media": "http://www.onvif.org/ver10/media/wsdl",
    "ptz": "http://www.onvif.org/ver20/ptz/wsdl",
    "search": "http://www.onvif.org/ver10/search/wsdl",
    "replay": "http://www.onvif.org/ver10/replay/wsdl",
}
REALM = "madang demo device"
SPACE = "http://www.onvif.org/ver10/tptz"
PROOF = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
FIELD_OF_VIEW = f"{SPACE}/PanTiltSpaces/TranslationSpaceFov"
WORDS = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tse="http://www.onvif.org/ver10/search/wsdl" xmlns:trp="http://www.onvif.org/ver10/replay/wsdl" '
    'xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl" xmlns:ter="http://www.onvif.org/ver10/error"'
)
Streams = Mapping[str, tuple[str, tuple[int, int]]]  # main and sub: address, pixels


class Fault(Exception):
    """What a device refuses, by the codes of ONVIF."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code, self.why = code, why


@dataclass(frozen=True)
class Channel:
    """One camera of a device: its streams, its head where it turns, and where what the device recorded of
    it is played."""

    key: str
    streams: Streams
    head: Head | None = None
    replay: str = ""
    codec: str = "H264"


@dataclass(frozen=True)
class Station:
    """One ONVIF device: a camera, or a recorder with many. digest: it wants HTTP's digest, not SOAP's."""

    name: str
    channels: tuple[Channel, ...]
    model: str = "Turning camera"
    digest: bool = False

    def channel(self, token: str) -> Channel:
        """The channel of a profile; Fault where there is none."""
        for one in self.channels:
            if token in (f"{one.key}-{which}" for which in one.streams):
                return one
        raise Fault("ter:NoProfile", "There is no such profile.")


Find = Callable[[str], Awaitable[Station | None]]


class OnvifServer:
    """find gives the device of a path (what stands before /onvif/), or None."""

    def __init__(
        self, find: Find, user: str, password: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._find, self._user, self._password, self._clock = find, user, password, clock
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.StreamWriter] = set()
        self._nonces: dict[str, float] = {}
        self._nonce = secrets.token_hex(16)
        self._address = ""

    async def start(self, host: str, port: int) -> int:
        """Listen; the port (chosen where 0 was asked for)."""
        self._server = await asyncio.start_server(self._serve, host, port)
        chosen = int(self._server.sockets[0].getsockname()[1])
        self._address = f"http://{host}:{chosen}"
        return chosen

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._talks):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talks.add(writer)
        try:
            while asked := await _read(reader):
                status, body = await self.answer(*asked)
                data = body.encode()
                ask = f'WWW-Authenticate: Digest realm="{REALM}", qop="auth", nonce="{self._nonce}"\r\n'
                writer.write(
                    f"HTTP/1.1 {status} \r\nContent-Type: application/soap+xml; charset=utf-8\r\n"
                    f"{ask if status == 401 else ''}"
                    f"Content-Length: {len(data)}\r\n\r\n".encode()
                    + data
                )
                await writer.drain()
        except (
            ConnectionError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
            ValueError,
        ):
            pass
        finally:
            self._talks.discard(writer)
            writer.close()

    async def answer(self, path: str, body: bytes, proof: str = "") -> tuple[int, str]:
        """The HTTP status and the envelope that answer what was asked; proof: HTTP's own (Authorization)."""
        try:
            where, _slash, _service = path.strip("/").partition("/onvif/")
            station = await self._find(where)
            if station is None:
                return 404, ""
            asked, envelope = _operation(body)
            name = str(etree.QName(asked).localname)
            if name != "GetSystemDateAndTime" and station.digest:
                if not self._digested(proof):
                    return 401, ""
            elif name != "GetSystemDateAndTime":
                self._check(envelope)
            return 200, _envelope(self._say(station, where, name, asked))
        except Fault as fault:
            return 400, _envelope(
                "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>"
                f"{fault.code}</s:Value></s:Subcode></s:Code><s:Reason>"
                f'<s:Text xml:lang="en">{escape(fault.why)}</s:Text></s:Reason></s:Fault>'
            )

    def _say(self, station: Station, where: str, name: str, asked: Any) -> str:
        replies = Replies(station, f"{self._address}/{where}/onvif", self._clock())
        reply = getattr(replies, f"say_{name}", None)
        if reply is None:
            raise Fault("ter:ActionNotSupported", f"{name} is not supported.")
        return str(reply(asked))

    def _digested(self, proof: str) -> bool:
        """Whether proof is a digest of the password (RFC 7616, MD5 as cameras have it)."""
        said = {name: plain or quoted for name, quoted, plain in PROOF.findall(proof)}
        who = _md5(f"{self._user}:{REALM}:{self._password}")
        what = _md5(f"POST:{said.get('uri', '')}")
        parts = (who, self._nonce, *(said.get(one, "") for one in ("nc", "cnonce", "qop")), what)
        return secrets.compare_digest(said.get("response", ""), _md5(":".join(parts)))

    def _check(self, envelope: Any) -> None:
        """That the header carries user, and a fresh digest of the password."""
        refused = Fault("ter:NotAuthorized", "The sender is not authorized.")
        user, digest, nonce, created = (
            text(envelope, f"UsernameToken/{one}")
            for one in ("Username", "Password", "Nonce", "Created")
        )
        try:
            raw = base64.b64decode(nonce)
            at = datetime.fromisoformat(created.replace("Z", "+00:00"))
        except ValueError:
            raise refused from None
        made = hashlib.sha1(raw + created.encode() + self._password.encode(), usedforsecurity=False)
        right = base64.b64encode(made.digest()).decode()
        now = self._clock()
        fresh = abs(at.replace(tzinfo=at.tzinfo or UTC).timestamp() - now) < LATE
        self._nonces = {one: when for one, when in self._nonces.items() if now - when < LATE}
        if user != self._user or not secrets.compare_digest(digest, right) or not fresh:
            raise refused
        if nonce in self._nonces:
            raise refused
        self._nonces[nonce] = now


class Replies(Recordings):
    """What one device says to each operation."""

    def __init__(self, station: Station, address: str, now: float) -> None:
        super().__init__([(one.key, one.replay) for one in station.channels if one.replay], now)
        self._station, self._address, self._now = station, address, now

    def say_GetSystemDateAndTime(self, asked: Any) -> str:
        now = datetime.fromtimestamp(self._now, UTC)
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP"
            "</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime><tt:Time>"
            f"<tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
            f"<tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}</tt:Year>"
            f"<tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date></tt:UTCDateTime>"
            "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def say_GetDeviceInformation(self, asked: Any) -> str:
        return (
            "<tds:GetDeviceInformationResponse><tds:Manufacturer>Madang demo (simulated)</tds:Manufacturer>"
            f"<tds:Model>{escape(self._station.model)}</tds:Model><tds:FirmwareVersion>1.0"
            f"</tds:FirmwareVersion><tds:SerialNumber>{escape(self._station.name)}</tds:SerialNumber>"
            "<tds:HardwareId>simulated</tds:HardwareId></tds:GetDeviceInformationResponse>"
        )

    def say_GetServices(self, asked: Any) -> str:
        said = "".join(
            f"<tds:Service><tds:Namespace>{space}</tds:Namespace><tds:XAddr>{self._at(name)}</tds:XAddr>"
            "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
            for name, space in SERVICES.items()
            if (name != "ptz" or self._turns) and (name not in ("search", "replay") or self.holds)
        )
        return f"<tds:GetServicesResponse>{said}</tds:GetServicesResponse>"

    def say_GetEndpointReference(self, asked: Any) -> str:
        name = uuid5(NAMESPACE_URL, self._address)
        said = f"<tds:GUID>urn:uuid:{name}</tds:GUID>"
        return f"<tds:GetEndpointReferenceResponse>{said}</tds:GetEndpointReferenceResponse>"

    def say_GetCapabilities(self, asked: Any) -> str:
        ptz = f"<tt:PTZ><tt:XAddr>{self._at('ptz')}</tt:XAddr></tt:PTZ>" if self._turns else ""
        return (
            "<tds:GetCapabilitiesResponse><tds:Capabilities>"
            f"<tt:Device><tt:XAddr>{self._at('device')}</tt:XAddr></tt:Device>"
            f"<tt:Media><tt:XAddr>{self._at('media')}</tt:XAddr></tt:Media>{ptz}"
            "</tds:Capabilities></tds:GetCapabilitiesResponse>"
        )

    def say_GetProfiles(self, asked: Any) -> str:
        said = "".join(
            _profile(one, which) for one in self._station.channels for which in one.streams
        )
        return f"<trt:GetProfilesResponse>{said}</trt:GetProfilesResponse>"

    def say_GetStreamUri(self, asked: Any) -> str:
        token = text(asked, "ProfileToken")
        channel = self._station.channel(token)
        address, _size = channel.streams[token.removeprefix(f"{channel.key}-")]
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{escape(address)}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false"
            "</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>"
        )

    def say_GetStatus(self, asked: Any) -> str:
        head = self._head(asked)
        state = "MOVING" if head.moving else "IDLE"
        now = datetime.fromtimestamp(self._now, UTC)
        return (
            f"<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position>{_vector(head.at())}</tt:Position>"
            f"<tt:MoveStatus><tt:PanTilt>{state}</tt:PanTilt><tt:Zoom>{state}</tt:Zoom></tt:MoveStatus>"
            f"<tt:UtcTime>{now:%Y-%m-%dT%H:%M:%SZ}</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>"
        )

    def say_GetPresets(self, asked: Any) -> str:
        said = "".join(
            f'<tptz:Preset token="{escape(token)}"><tt:Name>{escape(name)}</tt:Name>'
            f"<tt:PTZPosition>{_vector(at)}</tt:PTZPosition></tptz:Preset>"
            for token, (name, at) in self._head(asked).presets.items()
        )
        return f"<tptz:GetPresetsResponse>{said}</tptz:GetPresetsResponse>"

    def say_SetPreset(self, asked: Any) -> str:
        name = text(asked, "PresetName") or "preset"
        token = self._head(asked).keep(name, text(asked, "PresetToken"))
        return (
            f"<tptz:SetPresetResponse><tptz:PresetToken>{escape(token)}</tptz:PresetToken>"
            "</tptz:SetPresetResponse>"
        )

    def say_GotoPreset(self, asked: Any) -> str:
        head, token = self._head(asked), text(asked, "PresetToken")
        if token not in head.presets:
            raise Fault("ter:NoToken", "There is no such preset.")
        head.go(head.presets[token][1])
        return "<tptz:GotoPresetResponse/>"

    def say_GotoHomePosition(self, asked: Any) -> str:
        head = self._head(asked)
        head.go(head.home)
        return "<tptz:GotoHomePositionResponse/>"

    def say_SetHomePosition(self, asked: Any) -> str:
        head = self._head(asked)
        head.home = head.at()
        return "<tptz:SetHomePositionResponse/>"

    def say_ContinuousMove(self, asked: Any) -> str:
        velocity = _read_vector(asked, "Velocity", Position(0.0, 0.0, 0.0))
        self._head(asked).move(velocity, **_seconds(text(asked, "Timeout")))
        return "<tptz:ContinuousMoveResponse/>"

    def say_AbsoluteMove(self, asked: Any) -> str:
        head = self._head(asked)
        head.go(_read_vector(asked, "Position", head.at()))
        return "<tptz:AbsoluteMoveResponse/>"

    def say_RelativeMove(self, asked: Any) -> str:
        head = self._head(asked)
        at, way = head.at(), _read_vector(asked, "Translation", Position(0.0, 0.0, 0.0))
        if attribute(asked, "Translation/PanTilt", "space") == FIELD_OF_VIEW:
            head.go(centred(Eye(0.0, 0.0, 0.0), at, way.pan, way.tilt))
        else:
            head.go(Position(at.pan + way.pan, at.tilt + way.tilt, at.zoom + way.zoom))
        return "<tptz:RelativeMoveResponse/>"

    def say_Stop(self, asked: Any) -> str:
        turning, zooming = (text(asked, one) != "false" for one in ("PanTilt", "Zoom"))
        self._head(asked).stop(turning=turning, zooming=zooming)
        return "<tptz:StopResponse/>"

    @property
    def _turns(self) -> bool:
        return any(one.head for one in self._station.channels)

    def _head(self, asked: Any) -> Head:
        head = self._station.channel(text(asked, "ProfileToken")).head
        if head is None:
            raise Fault("ter:PTZNotSupported", "This camera does not turn.")
        return head

    def _at(self, service: str) -> str:
        return f"{self._address}/{service}_service"


def text(element: Any, path: str) -> str:
    """The text of the first element below this one whose path ends so, by local names; "" without one."""
    found = _first(element, path)
    return "" if found is None else (found.text or "").strip()


def attribute(element: Any, path: str, name: str) -> str:
    found = _first(element, path)
    return "" if found is None else str(found.get(name) or "")


def _first(element: Any, path: str) -> Any:
    steps = "//".join(f"*[local-name()='{one}']" for one in path.split("/"))
    return next(iter(element.xpath(f".//{steps}")), None)


def _operation(body: bytes) -> tuple[Any, Any]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        envelope = etree.fromstring(body, parser)
        return envelope.xpath("/*/*[local-name()='Body']/*")[0], envelope
    except (etree.XMLSyntaxError, IndexError):
        raise Fault("ter:WellFormed", "This is no SOAP envelope.") from None


def _envelope(inner: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {WORDS}><s:Body>{inner}</s:Body></s:Envelope>'


def _profile(one: Channel, which: str) -> str:
    _address, (width, height) = one.streams[which]
    key = escape(one.key)
    ptz = (
        f'<tt:PTZConfiguration token="ptz-{key}"><tt:Name>ptz</tt:Name><tt:UseCount>2</tt:UseCount>'
        f"<tt:NodeToken>head-{key}</tt:NodeToken></tt:PTZConfiguration>"
        if one.head
        else ""
    )
    return (
        f'<trt:Profiles token="{key}-{which}" fixed="true"><tt:Name>{key} {which}</tt:Name>'
        f'<tt:VideoSourceConfiguration token="source-{key}"><tt:Name>{key}</tt:Name><tt:UseCount>2'
        f"</tt:UseCount><tt:SourceToken>eye-{key}</tt:SourceToken>"
        '<tt:Bounds x="0" y="0" width="640" height="360"/></tt:VideoSourceConfiguration>'
        f'<tt:VideoEncoderConfiguration token="encoder-{key}-{which}"><tt:Name>{which}</tt:Name>'
        f"<tt:UseCount>1</tt:UseCount><tt:Encoding>{one.codec}</tt:Encoding><tt:Resolution>"
        f"<tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution>"
        "<tt:Quality>5</tt:Quality><tt:RateControl><tt:FrameRateLimit>15</tt:FrameRateLimit>"
        "<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>1000</tt:BitrateLimit>"
        "</tt:RateControl><tt:SessionTimeout>PT60S</tt:SessionTimeout>"
        f"</tt:VideoEncoderConfiguration>{ptz}</trt:Profiles>"
    )


def _vector(at: Position) -> str:
    return (
        f'<tt:PanTilt x="{at.pan:.5f}" y="{at.tilt:.5f}" '
        f'space="{SPACE}/PanTiltSpaces/PositionGenericSpace"/>'
        f'<tt:Zoom x="{at.zoom:.5f}" space="{SPACE}/ZoomSpaces/PositionGenericSpace"/>'
    )


def _read_vector(asked: Any, name: str, usual: Position) -> Position:
    """A vector; what it leaves out is as usual says."""
    said = (
        attribute(asked, f"{name}/PanTilt", "x"),
        attribute(asked, f"{name}/PanTilt", "y"),
        attribute(asked, f"{name}/Zoom", "x"),
    )
    try:
        return Position(*(float(one) if one else at for one, at in zip(said, usual, strict=True)))
    except ValueError:
        raise Fault("ter:InvalidArgVal", f"{name} is no vector.") from None


def _seconds(duration: str) -> dict[str, float]:
    """xs:duration as far as moves need it."""
    found = re.fullmatch(r"PT(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?", duration)
    if not found or duration == "PT":
        return {}
    return {"seconds": int(found[1] or 0) * 60 + float(found[2] or 0)}


async def _read(reader: asyncio.StreamReader) -> tuple[str, bytes, str] | None:
    """Path, body and Authorization of one request; None where the client is gone."""
    if not (first := await reader.read(1)):
        return None
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    if len(head) > LONGEST_HEAD:
        raise ValueError("the head of a request is too long")
    _method, path, *_version = head.split("\r\n", 1)[0].split(" ")
    length = re.search(r"(?im)^content-length:\s*(\d+)", head)
    size = int(length[1]) if length else 0
    if size > LONGEST_BODY:
        raise ValueError("a request is too long")
    proof = re.search(r"(?im)^authorization:\s*Digest\s(.*?)\r?$", head)
    return path, await reader.readexactly(size), proof[1] if proof else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
