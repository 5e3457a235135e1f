"""What a device of the demo says to each operation of ONVIF: of itself here, the rest beside."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

from madang.demo.eyes.onvif_media import Media
from madang.demo.eyes.onvif_recordings import Recordings
from madang.demo.eyes.onvif_soap import Fault
from madang.demo.eyes.onvif_stations import Station
from madang.demo.eyes.onvif_turning import Turning

SERVICES = {
    "device": "http://www.onvif.org/ver10/device/wsdl",
    "media": "http://www.onvif.org/ver10/media/wsdl",
    "media2": "http://www.onvif.org/ver20/media/wsdl",
    "ptz": "http://www.onvif.org/ver20/ptz/wsdl",
    "search": "http://www.onvif.org/ver10/search/wsdl",
    "replay": "http://www.onvif.org/ver10/replay/wsdl",
}


class Replies(Media, Turning, Recordings):
    """What one device says to each operation."""

    def __init__(self, station: Station, address: str, now: float) -> None:
        held = [(one.key, one.replay) for one in station.channels if one.replay]
        Recordings.__init__(self, held, now, station.rests)
        self._station, self._address, self._now = station, address, now

    def say(self, space: str | None, name: str, asked: Any) -> str:
        """The answer to an operation of a service; Fault where there is none."""
        say = "say2" if space == SERVICES["media2"] and self._station.media2 else "say"
        reply = getattr(self, f"{say}_{name}", None)
        if reply is None:
            raise Fault("ter:ActionNotSupported", f"{name} is not supported.")
        return str(reply(asked))

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
            if self._has(name)
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

    def _has(self, service: str) -> bool:
        has = {"ptz": self._turns, "media2": self._station.media2}
        return has.get(service, service not in ("search", "replay") or bool(self.holds))

    @property
    def _turns(self) -> bool:
        return any(one.head for one in self._station.channels)

    def _at(self, service: str) -> str:
        return f"{self._address}/{service}_service"
