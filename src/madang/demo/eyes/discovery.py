"""The demo's recorder answers WS-Discovery on loopback, as devices do on a city's own network."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

GROUP, PORT, LOOPBACK = "239.255.255.250", 3702, "127.0.0.1"
ASKED = re.compile(rb"MessageID[^>]*>\s*([\w:.-]+)\s*<")
MATCH = """<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" \
xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" \
xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" \
xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header><a:RelatesTo>{asked}</a:RelatesTo>\
<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header>\
<s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>{endpoint}</a:Address>\
</a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>\
onvif://www.onvif.org/name/{name} onvif://www.onvif.org/hardware/simulated</d:Scopes>\
<d:XAddrs>{address}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch>\
</d:ProbeMatches></s:Body></s:Envelope>"""


class Responder(asyncio.DatagramProtocol):
    """devices: the name of each, by the address of its device service."""

    def __init__(self, devices: Mapping[str, str]) -> None:
        self._devices = devices
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self, port: int = PORT) -> int:
        """Hear probes on loopback; the port (chosen where 0 was asked for)."""
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((GROUP, port))  # what is sent to the group, and nothing else
        member = socket.inet_aton(GROUP) + socket.inet_aton(LOOPBACK)
        listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, sock=listening)
        return int(listening.getsockname()[1])

    def stop(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Python 3.11's own is none by its class.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asked = ASKED.search(data)
        if asked is None or b"Probe" not in data or self._transport is None:
            return
        for address, name in self._devices.items():
            endpoint = f"urn:uuid:{uuid5(NAMESPACE_URL, address.rpartition('/')[0])}"
            text = MATCH.format(
                asked=asked[1].decode(),
                endpoint=endpoint,
                name=quote(name),
                address=escape(address),
            )
            self._transport.sendto(text.encode(), addr)
