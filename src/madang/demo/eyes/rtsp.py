"""A small RTSP server (RFC 2326) for one picture a path: H.264 over TCP interleaved or UDP, with digest.

Just what a camera's main and sub stream need: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, cast
from urllib.parse import urlsplit

from madang.demo.eyes.listening import Listening

REALM = "madang demo camera"
PAYLOAD = 96
LARGEST_PACKET = 1400
NTP = 2_208_988_800  # seconds from 1900 to 1970
SLOW = 1 << 20  # bytes that wait for a client before pictures are left out until the next key frame
LONGEST_HEAD = 8192
START_CODE = re.compile(rb"\x00\x00\x00?\x01")

Hear = Callable[
    [bytes, int, bool], None
]  # a picture in Annex B form, its time at 90 kHz, key frame


class Span(Protocol):
    """What was recorded: it begins where PLAY says (Range, RFC 2326's clock). began: Unix seconds at 0."""

    began: float

    def begin(self, wanted: str) -> bool: ...


class Picture(Protocol):
    """A stream that is made only while somebody hears it."""

    def join(self, hear: Hear) -> None: ...
    def leave(self, hear: Hear) -> None: ...


@dataclass
class Ask:
    """One request."""

    method: str
    url: str
    words: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.url).path.removesuffix("/track").strip("/")


class RtspServer(Listening):
    """find gives the picture of a path, or None; who asks must know user and password of its city."""

    def __init__(self, find: Callable[[str], Picture | None], user: str, password: str) -> None:
        super().__init__(self._serve)
        self.find = find
        self.user, self.password = user, password

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = Talk(self, reader, writer)
        try:
            await talk.go_on()
        finally:
            talk.end()


@dataclass(eq=False)
class Talk:
    """One client's connection."""

    server: RtspServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    picture: Picture | None = None
    packets: Packets | None = None
    playing: bool = False

    async def go_on(self) -> None:
        while ask := await self._read():
            self.writer.write(self._answer(ask).encode())
            await self.writer.drain()
            if ask.method == "PLAY" and self.picture and self.packets and not self.playing:
                self.playing = True
                self.picture.join(self.packets.send)
            if ask.method == "TEARDOWN":
                return

    def end(self) -> None:
        if self.picture is not None and self.packets is not None and self.playing:
            self.picture.leave(self.packets.send)
        self.playing = False
        if self.packets is not None:
            self.packets.close()

    async def _read(self) -> Ask | None:
        while (first := await self.reader.read(1)) == b"$":  # what the client reports of reception
            _channel, size = struct.unpack(">BH", await self.reader.readexactly(3))
            await self.reader.readexactly(size)
        if not first:
            return None
        head = first + await self.reader.readuntil(b"\r\n\r\n")
        if len(head) > LONGEST_HEAD:
            raise ValueError("the head of a request is too long")
        line, *rest = head.decode("utf-8", "replace").split("\r\n")
        words = {
            name.strip().lower(): value.strip()
            for name, colon, value in (one.partition(":") for one in rest)
            if colon
        }
        if size := int(words.get("content-length", 0)):
            await self.reader.readexactly(min(size, LONGEST_HEAD))
        method, url, *_version = line.split(" ")
        return Ask(method.upper(), url, words)

    def _answer(self, ask: Ask) -> str:
        if ask.method == "OPTIONS":
            methods = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"
            return reply(ask, 200, {"Public": methods})
        if not self._knows_password(ask):
            words = f'Digest realm="{REALM}", nonce="{self.nonce}"'
            return reply(ask, 401, {"WWW-Authenticate": words})
        if ask.method in ("DESCRIBE", "SETUP"):
            self.picture = self.picture or self.server.find(ask.path)
            if self.picture is None:
                return reply(ask, 404)
        ways = {"DESCRIBE": self._describe, "SETUP": self._set_up, "PLAY": self._play}
        if ask.method in ways:
            return ways[ask.method](ask)
        if ask.method not in ("GET_PARAMETER", "TEARDOWN"):
            return reply(ask, 405)
        return reply(ask, 200, {"Session": self.session})

    def _play(self, ask: Ask) -> str:
        if self.packets is None:
            return reply(ask, 455)
        if hasattr(self.picture, "begin"):
            span = cast("Span", self.picture)
            if not span.begin(ask.words.get("range", "")):
                self.packets = None  # nothing is played
                return reply(ask, 457)
            self.packets.began = span.began
        return reply(ask, 200, {"Session": self.session})

    def _knows_password(self, ask: Ask) -> bool:
        given = dict(re.findall(r'(\w+)="([^"]*)"', ask.words.get("authorization", "")))
        who = _md5(f"{self.server.user}:{REALM}:{self.server.password}")
        what = _md5(f"{ask.method}:{given.get('uri', '')}")
        expected = _md5(f"{who}:{self.nonce}:{what}")
        return secrets.compare_digest(given.get("response", ""), expected)

    def _describe(self, ask: Ask) -> str:
        lines = (
            "v=0",
            "o=- 0 0 IN IP4 127.0.0.1",
            "s=madang",
            "t=0 0",
            f"m=video 0 RTP/AVP {PAYLOAD}",
            "c=IN IP4 0.0.0.0",
            f"a=rtpmap:{PAYLOAD} H264/90000",
            f"a=fmtp:{PAYLOAD} packetization-mode=1",
            "a=control:track",
        )
        body = "\r\n".join(lines) + "\r\n"
        return reply(
            ask, 200, {"Content-Base": f"{ask.url}/", "Content-Type": "application/sdp"}, body
        )

    def _set_up(self, ask: Ask) -> str:
        wanted = ask.words.get("transport", "")
        if "TCP" in wanted:
            found = re.search(r"interleaved=(\d+)", wanted)
            channel = int(found[1]) if found else 0
            self.packets = Packets(self._interleaved(channel))
            how = f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}"
            return reply(ask, 200, {"Transport": how, "Session": self.session})
        found = re.search(r"client_port=(\d+)", wanted)
        if not found:
            return reply(ask, 461)
        host = self.writer.get_extra_info("peername")[0]
        self.packets = Packets(*datagrams(host, int(found[1])))
        how = f"RTP/AVP;unicast;client_port={found[1]}-{int(found[1]) + 1}"
        return reply(ask, 200, {"Transport": how, "Session": self.session})

    def _interleaved(self, channel: int) -> Callable[[bytes], bool]:
        def send(packet: bytes) -> bool:
            if self.writer.is_closing():
                return False
            self.writer.write(struct.pack(">cBH", b"$", channel, len(packet)) + packet)
            return self.writer.transport.get_write_buffer_size() < SLOW

        return send


def datagrams(host: str, port: int) -> tuple[Callable[[bytes], bool], Callable[[], None]]:
    """A way to send RTP to host over UDP, and its end."""
    import socket

    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setblocking(False)

    def send(packet: bytes) -> bool:
        try:
            out.sendto(packet, (host, port))
        except OSError:  # a full buffer or nobody there: UDP loses packets
            return True
        return True

    return send, out.close


def reply(ask: Ask, status: int, words: dict[str, str] | None = None, body: str = "") -> str:
    titles = {200: "OK", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed"}
    head = {"CSeq": ask.words.get("cseq", "0"), **(words or {})}
    if body:
        head["Content-Length"] = str(len(body.encode()))
    lines = [f"RTSP/1.0 {status} {titles.get(status, 'Refused')}"]
    lines += [f"{name}: {value}" for name, value in head.items()]
    return "\r\n".join(lines) + "\r\n\r\n" + body


class Packets:
    """Pictures into RTP packets (RFC 6184): whole NAL units, or FU-A where they are too large."""

    def __init__(
        self, send: Callable[[bytes], bool], close: Callable[[], None] = lambda: None
    ) -> None:
        self._send = send
        self.close = close
        self.began: float | None = None  # Unix seconds at time 0, of what was recorded
        self._sequence = random.getrandbits(16)
        self._source = random.getrandbits(32)
        self._behind = False

    def send(self, picture: bytes, time: int, key: bool) -> None:
        """Send one picture; one that a slow client cannot take waits for the next key frame."""
        if self._behind and not key:
            return
        units = [one for one in START_CODE.split(picture) if one]
        keeps_up = True
        for at, unit in enumerate(units):
            for payload, ends in _payloads(unit):
                last = ends and at == len(units) - 1
                keeps_up = self._send(self._header(time, last) + payload) and keeps_up
        self._behind = not keeps_up

    def _header(self, time: int, last: bool) -> bytes:
        self._sequence = (self._sequence + 1) & 0xFFFF
        kind = PAYLOAD | (0x80 if last else 0)
        first = 0x80 if self.began is None else 0x90
        head = struct.pack(">BBHII", first, kind, self._sequence, time & 0xFFFFFFFF, self._source)
        return head if self.began is None else head + taken(self.began + time / 90_000)


def taken(at: float) -> bytes:
    """ONVIF's header extension of a replay: when the picture was taken (NTP)."""
    whole = int(at)
    return struct.pack(">HHIIBBH", 0xABAC, 3, whole + NTP, int((at - whole) * 2**32), 0, 0, 0)


def _payloads(unit: bytes) -> list[tuple[bytes, bool]]:
    """A NAL unit as payloads, each with whether it ends the unit."""
    if len(unit) <= LARGEST_PACKET:
        return [(unit, True)]
    indicator, kind = (unit[0] & 0xE0) | 28, unit[0] & 0x1F
    cuts = [unit[at : at + LARGEST_PACKET] for at in range(1, len(unit), LARGEST_PACKET)]
    found = []
    for at, cut in enumerate(cuts):
        edge = (0x80 if at == 0 else 0) | (0x40 if at == len(cuts) - 1 else 0)
        found.append((bytes((indicator, edge | kind)) + cut, at == len(cuts) - 1))
    return found


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
