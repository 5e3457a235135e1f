"""ONVIF replay over RTSP (Streaming Specification, part 6): pictures of a span, as fast as they come.

FFmpeg's RTSP client knows no `Range: clock=`, by which a recorder is told from when to when, and drops the
header extension that says when each picture was taken; so what is needed of RTSP is spoken here.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
import ssl
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import structlog
from django.utils.translation import gettext as _

from madang.systems.cameras.onvif.talk import OnvifError, RefusedError, SilentError
from madang.systems.cameras.recorders.depacket import Depacketizer
from madang.systems.cameras.troubles import said_of

log = structlog.get_logger(__name__)

CONNECT_WITHIN, SILENT_FOR = 4.0, 3.0  # seconds
LONGEST_HEAD, LONGEST_BODY, MOST_BYTES = 16_384, 65_536, 24_000_000
EXTENSION = 0xABAC  # ONVIF's: when the picture was taken
NTP_BEGAN = datetime(1900, 1, 1, tzinfo=UTC)
LAST = 0x50  # of the extension's flags: nothing follows that goes on from here
WORDS = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass(frozen=True)
class Picture:
    """One picture in Annex B form; at: when it was taken, by the device's clock, None where it does not say;
    stamp: at 90 kHz."""

    data: bytes
    at: datetime | None
    stamp: int
    key: bool


@dataclass
class Reply:
    status: int
    words: dict[str, str]
    body: str


@dataclass
class Replay:
    """A conversation with a recorder; close() it."""

    address: str
    user: str
    password: str = field(repr=False)
    codec: str = ""
    sets: bytes = b""  # parameter sets of the description, in Annex B form

    def __post_init__(self) -> None:
        self._socket: socket.socket | None = None
        self._buffer = b""
        self._number = 0
        self._session = self._realm = self._nonce = self._qop = ""
        self._control = self.address

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def pictures(
        self, begins: datetime, ends: datetime, *, keys: bool = False, most: int = MOST_BYTES
    ) -> Iterator[Picture]:
        """From begins (by the device's clock) until ends, until it has no more, or so many bytes have come;
        OnvifError."""
        try:
            self._open()
            self._describe()
            self._set_up()
            self._play(begins, ends, keys)
            yield from self._taken(ends, most)
            self._ask("TEARDOWN", self.address, {"Session": self._session}, answered=False)
        except OnvifError:
            raise
        except TimeoutError:
            raise SilentError(_("The recorder does not answer.")) from None
        except (OSError, ValueError, struct.error) as error:
            log.warning("cameras.recorder_broke_off", error=f"{type(error).__name__}: {error}")
            raise SilentError(said_of(error)) from None

    def _open(self) -> None:
        parts = urlsplit(self.address)
        port = parts.port or (322 if parts.scheme == "rtsps" else 554)
        self._socket = socket.create_connection((parts.hostname, port), CONNECT_WITHIN)
        if parts.scheme == "rtsps":
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self._socket = context.wrap_socket(self._socket, server_hostname=parts.hostname)
        self._socket.settimeout(SILENT_FOR)

    def _describe(self) -> None:
        reply = self._asked("DESCRIBE", self.address, {"Accept": "application/sdp"})
        base = reply.words.get("content-base") or self.address
        video = re.search(r"(?ms)^m=video .*?(?=^m=|\Z)", reply.body)
        if video is None:
            raise OnvifError(_("The recorder offers no picture."))
        coding = re.search(r"(?m)^a=rtpmap:\d+ (H26[45])/90000", video[0])
        if coding is None:
            raise OnvifError(_("The recorder sends neither H.264 nor H.265."))
        self.codec = {"H264": "h264", "H265": "hevc"}[coding[1]]
        self.sets = _sets(video[0])
        control = re.search(r"(?m)^a=control:(\S+)", video[0])
        if control is not None and control[1] != "*":
            slash = "" if base.endswith("/") else "/"
            self._control = urljoin(base + slash, control[1])

    def _set_up(self) -> None:
        words = {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1", "Require": "onvif-replay"}
        reply = self._asked("SETUP", self._control, words)
        self._session = reply.words.get("session", "").partition(";")[0]

    def _play(self, begins: datetime, ends: datetime, keys: bool) -> None:
        words = {
            "Session": self._session,
            "Require": "onvif-replay",
            "Range": f"clock={_clock(begins)}-{_clock(ends)}",
            "Rate-Control": "no",
        }
        if keys:
            words["Frames"] = "intra"
        self._asked("PLAY", self.address, words)

    def _taken(self, ends: datetime, most: int) -> Iterator[Picture]:
        made, bytes_, at, last = Depacketizer(self.codec), 0, None, False
        while not last:
            try:
                channel, packet = self._packet()
            except (TimeoutError, ConnectionError):
                return  # it has no more, and did not say so
            if channel == 1 and len(packet) > 1 and packet[1] == 203:  # RTCP BYE
                return
            if channel != 0 or len(packet) < 12:
                continue
            taken, flags, payload = _opened(packet)
            at = taken or at
            last = last or bool(flags & LAST)
            marker, stamp = bool(packet[1] & 0x80), struct.unpack(">I", packet[4:8])[0]
            bytes_ += len(packet)
            for unit in made.take(payload, stamp, ends=marker):
                yield Picture(unit.data, at, unit.stamp, unit.key)
            if (at is not None and at >= ends) or bytes_ > most:
                return

    def _packet(self) -> tuple[int, bytes]:
        """The next interleaved packet; a reply in between is left out."""
        while True:
            first = self._read(1)
            if first == b"$":
                channel, size = struct.unpack(">BH", self._read(3))
                return channel, self._read(size)
            self._buffer = first + self._buffer
            self._reply()

    def _asked(self, method: str, url: str, words: dict[str, str]) -> Reply:
        """The reply; once more with a proof of the password where it is asked for."""
        reply = self._ask(method, url, words)
        if reply.status == 401:
            self._challenged(reply.words.get("www-authenticate", ""))
            reply = self._ask(method, url, words)
        if reply.status in (401, 403):
            raise RefusedError(_("The recorder refuses the user or the password."))
        if reply.status != 200:
            raise OnvifError(_("The recorder refuses: %s") % f"{method} {reply.status}")
        return reply

    def _ask(self, method: str, url: str, words: dict[str, str], *, answered: bool = True) -> Reply:
        assert self._socket is not None
        self._number += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._number}", "User-Agent: Madang"]
        lines += [f"{name}: {value}" for name, value in words.items() if value]
        if self._nonce:
            lines.append(f"Authorization: {self._proof(method, url)}")
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return self._reply() if answered else Reply(200, {}, "")

    def _challenged(self, words: str) -> None:
        said = {name.lower(): plain or quoted for name, quoted, plain in WORDS.findall(words)}
        self._realm, self._nonce = said.get("realm", ""), said.get("nonce", "")
        self._qop = "auth" if "auth" in said.get("qop", "") else ""
        if not words.lower().startswith("digest") or not self._nonce:
            raise RefusedError(_("The recorder asks for the password in a way that shows it."))

    def _proof(self, method: str, url: str) -> str:
        who = _md5(f"{self.user}:{self._realm}:{self.password}")
        what, more = _md5(f"{method}:{url}"), ""
        if self._qop:
            nonce = secrets.token_hex(8)
            response = _md5(f"{who}:{self._nonce}:00000001:{nonce}:auth:{what}")
            more = f', qop=auth, nc=00000001, cnonce="{nonce}"'
        else:
            response = _md5(f"{who}:{self._nonce}:{what}")
        return (
            f'Digest username="{self.user}", realm="{self._realm}", nonce="{self._nonce}",'
            f' uri="{url}", response="{response}"{more}'
        )

    def _reply(self) -> Reply:
        head = self._until(b"\r\n\r\n").decode("utf-8", "replace")
        first, *rest = head.strip().split("\r\n")
        found = re.match(r"RTSP/1\.\d (\d{3})", first)
        if found is None:
            raise ValueError("this is no RTSP")
        words = {
            name.strip().lower(): value.strip()
            for name, colon, value in (one.partition(":") for one in rest)
            if colon
        }
        size = int(words.get("content-length", 0))
        if not 0 <= size <= LONGEST_BODY:
            raise ValueError("the description is too long")
        return Reply(int(found[1]), words, self._read(size).decode("utf-8", "replace"))

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            if len(self._buffer) > LONGEST_HEAD:
                raise ValueError("the head of a reply is too long")
            self._more()
        found, _mark, self._buffer = self._buffer.partition(mark)
        return found

    def _read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    def _more(self) -> None:
        assert self._socket is not None
        if not (some := self._socket.recv(65_536)):
            raise ConnectionError("closed")
        self._buffer += some


def _opened(packet: bytes) -> tuple[datetime | None, int, bytes]:
    """When a packet's picture was taken (None: not said), the flags beside it, and its payload."""
    begin = 12 + 4 * (packet[0] & 0x0F)
    end = len(packet) - (packet[-1] if packet[0] & 0x20 else 0)
    at, flags = None, 0
    if packet[0] & 0x10:
        kind, words = struct.unpack(">HH", packet[begin : begin + 4])
        said = packet[begin + 4 : begin + 4 + 4 * words]
        begin += 4 + 4 * words
        if kind == EXTENSION and len(said) >= 9:
            seconds, part = struct.unpack(">II", said[:8])
            at = NTP_BEGAN + timedelta(seconds=seconds + part / 2**32)
            flags = said[8]
    return at, flags, packet[begin:end]


def _sets(words: str) -> bytes:
    """The parameter sets that a description carries, in Annex B form."""
    import base64
    import binascii

    found = re.findall(r"sprop-(?:parameter-sets|vps|sps|pps)=([A-Za-z0-9+/=,]+)", words)
    try:
        units = [base64.b64decode(one) for some in found for one in some.split(",") if one]
    except binascii.Error:
        return b""
    return b"".join(b"\x00\x00\x00\x01" + one for one in units)


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S}.{at.microsecond // 1000:03}Z"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
