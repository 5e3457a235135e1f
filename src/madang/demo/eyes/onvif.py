"""ONVIF devices of the demo: SOAP 1.2 over HTTP with a digest of the password (WS-UsernameToken).

Just what a client needs to find streams and to turn a camera (onvif_device.py, onvif_media.py,
onvif_turning.py), and what a recorder holds (onvif_recordings.py); a recorder wants its password by HTTP's
digest.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from madang.demo.eyes.listening import Listening
from madang.demo.eyes.onvif_device import Replies
from madang.demo.eyes.onvif_soap import Fault, envelope, operation, text
from madang.demo.eyes.onvif_stations import Station

LONGEST_HEAD, LONGEST_BODY = 16_384, 65_536
LATE = 300  # seconds by which a client's clock may differ
REALM = "madang demo device"
PROOF = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
Find = Callable[[str], Awaitable[Station | None]]


class OnvifServer(Listening):
    """find gives the device of a path (what stands before /onvif/), or None."""

    def __init__(
        self, find: Find, user: str, password: str, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(self._serve)
        self._find, self._user, self._password, self._clock = find, user, password, clock
        self._nonces: dict[str, float] = {}
        self._nonce = secrets.token_hex(16)
        self._address = ""

    async def start(self, host: str, port: int) -> int:
        """Listen; the port (chosen where 0 was asked for)."""
        chosen = await super().start(host, port)
        self._address = f"http://{host}:{chosen}"
        return chosen

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while asked := await _read(reader):
            status, body = await self.answer(*asked)
            data = body.encode()
            writer.write(
                f"HTTP/1.1 {status} \r\nContent-Type: application/soap+xml; charset=utf-8\r\n"
                f"{self.headers(status)}"
                f"Content-Length: {len(data)}\r\n\r\n".encode()
                + data
            )
            await writer.drain()

    def headers(self, status: int) -> str:
        """What of HTTP's head depends on the answer."""
        ask = f'WWW-Authenticate: Digest realm="{REALM}", qop="auth", nonce="{self._nonce}"\r\n'
        return ask if status == 401 else ""

    async def answer(self, path: str, body: bytes, proof: str = "") -> tuple[int, str]:
        """The HTTP status and the envelope that answer what was asked; proof: HTTP's own (Authorization)."""
        try:
            where, _slash, _service = path.strip("/").partition("/onvif/")
            station = await self._find(where)
            if station is None:
                return 404, ""
            asked, around = operation(body)
            name = etree.QName(asked)
            if name.localname != "GetSystemDateAndTime" and station.digest:
                if not self._digested(proof):
                    return 401, ""
            elif name.localname != "GetSystemDateAndTime":
                self._check(around)
            replies = Replies(station, f"{self._address}/{where}/onvif", self._clock())
            return 200, envelope(replies.say(name.namespace, name.localname, asked))
        except Fault as fault:
            return 400, fault.envelope()

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
