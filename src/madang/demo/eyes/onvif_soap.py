"""SOAP 1.2 as far as the demo's devices speak it: envelopes, faults, and texts by local names."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

WORDS = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tse="http://www.onvif.org/ver10/search/wsdl" xmlns:trp="http://www.onvif.org/ver10/replay/wsdl" '
    'xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" '
    'xmlns:tns1="http://www.onvif.org/ver10/topics" '
    'xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl" xmlns:ter="http://www.onvif.org/ver10/error"'
)


class Fault(Exception):
    """What a device refuses, by the codes of ONVIF."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code, self.why = code, why

    def envelope(self) -> str:
        return envelope(
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>"
            f"{self.code}</s:Value></s:Subcode></s:Code><s:Reason>"
            f'<s:Text xml:lang="en">{escape(self.why)}</s:Text></s:Reason></s:Fault>'
        )


def operation(body: bytes) -> tuple[Any, Any]:
    """What is asked, and the envelope around it; Fault where there is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        envelope = etree.fromstring(body, parser)
        return envelope.xpath("/*/*[local-name()='Body']/*")[0], envelope
    except (etree.XMLSyntaxError, IndexError):
        raise Fault("ter:WellFormed", "This is no SOAP envelope.") from None


def envelope(inner: str) -> str:
    """inner as the body of an envelope."""
    return f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {WORDS}><s:Body>{inner}</s:Body></s:Envelope>'


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
