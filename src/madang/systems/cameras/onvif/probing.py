"""Devices on a network, by one WS-Discovery probe: asked once, heard for a few seconds, nothing kept.

It is a datagram out and some in; the libraries for it keep threads that go on listening, or are not ours to
ship, so it is done here.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from django.utils.translation import gettext as _
from lxml import etree

from madang.systems.cameras.onvif.talk import OnvifError, every, words

GROUP, PORT = "239.255.255.250", 3702
WITHIN = 3.0  # seconds
MOST, LARGEST = 1000, 65_535  # devices; bytes of an answer
SCOPE = "onvif://www.onvif.org/"
PROBE = """<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" \
xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" \
xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" \
xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header>\
<w:MessageID>urn:uuid:{id}</w:MessageID>\
<w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>\
<w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header>\
<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"""


@dataclass(frozen=True)
class Found:
    """A device that answered: its endpoint reference, its address, and how it names itself."""

    endpoint: str
    address: str
    name: str
    hardware: str


def interfaces() -> list[tuple[str, str]]:
    """This machine's IPv4 addresses, each with the name of its interface; loopback last."""
    import psutil

    up = {name for name, one in psutil.net_if_stats().items() if one.isup}
    found = [
        (one.address, name)
        for name, addresses in psutil.net_if_addrs().items()
        for one in addresses
        if one.family == socket.AF_INET and name in up
    ]
    return sorted(found, key=lambda one: (ipaddress.ip_address(one[0]).is_loopback, one[1]))


def probe(interface: str, within: float = WITHIN, port: int = PORT) -> list[Found]:
    """The devices that answer on the network of the interface with that address; OnvifError where nothing
    can be asked there."""
    try:
        with _opened(interface) as out:
            text = PROBE.format(id=uuid4()).encode()
            for _again in range(2):  # a datagram may be lost
                out.sendto(text, (GROUP, port))
            return list(_heard(out, time.monotonic() + within))
    except OSError as error:
        raise OnvifError(
            _("Nothing can be sent on %(interface)s: %(why)s")
            % {"interface": interface, "why": error.strerror or error}
        ) from None


def _opened(interface: str) -> socket.socket:
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
    out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
    out.bind((interface, 0))
    return out


def _heard(out: socket.socket, until: float) -> Iterator[Found]:
    known: set[str] = set()
    while len(known) < MOST and (left := until - time.monotonic()) > 0:
        out.settimeout(left)
        try:
            data, (host, *_rest) = out.recvfrom(LARGEST)
        except TimeoutError:
            return
        for one in read(data, host):
            if one.address not in known:
                known.add(one.address)
                yield one


def read(data: bytes, host: str) -> list[Found]:
    """The devices of one answer; none where it is no such answer. host: who sent it."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        envelope = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return []
    matches = [_match(one, host) for one in every(envelope, "ProbeMatch")]
    return [one for one in matches if one is not None]


def _match(element: object, host: str) -> Found | None:
    addresses = [
        one for one in words(element, "XAddrs").split() if urlsplit(one).scheme in ("http", "https")
    ]
    if not addresses:
        return None
    # Of several addresses the one by which it was heard: others may lie in networks that we do not reach.
    near = [one for one in addresses if urlsplit(one).hostname == host]
    scopes = [one.removeprefix(SCOPE) for one in words(element, "Scopes").split()]
    return Found(
        words(element, "EndpointReference/Address")[:100],
        (near or addresses)[0][:500],
        _scope(scopes, "name/"),
        _scope(scopes, "hardware/"),
    )


def _scope(scopes: list[str], kind: str) -> str:
    said = next((one.removeprefix(kind) for one in scopes if one.startswith(kind)), "")
    return unquote(said)[:100]
