"""DATEX II version 3: where is measured (MeasurementSiteTablePublication) and what (MeasuredDataPublication).

CEN/TS 16157-5. A detector is a site; its quantities are numbered alike everywhere: QUANTITIES. What is not
known is left out, never nought. Data of a simulated detector make the whole publication a test, by its
informationStatus.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from madang.ground.city.models import City
from madang.systems.traffic.domain.streets_now import LOOKED_AT, Detector, Streets

NAMESPACES = {
    "d2": "http://datex2.eu/schema/3/d2Payload",
    "com": "http://datex2.eu/schema/3/common",
    "loc": "http://datex2.eu/schema/3/locationReferencing",
    "roa": "http://datex2.eu/schema/3/roadTrafficData",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
TYPE = f"{{{NAMESPACES['xsi']}}}type"
QUANTITIES = ("trafficFlow", "trafficSpeed", "trafficConcentration")
TABLE = "detectors"
COUNTRY = "KR"

for _prefix, _namespace in NAMESPACES.items():
    register_namespace(_prefix, _namespace)


def sites(found: Streets, city: City) -> bytes | None:
    """Every detector over a road of the network: where it stands and what it measures; None without one."""
    over = _over_roads(found)
    if not over:
        return None
    root = _publication("roa:MeasurementSiteTablePublication", found, city)
    _header(root, over)
    table = _add(root, "roa:measurementSiteTable", id=TABLE, version=_version(found, over))
    for one in over:
        _site(table, found, one, city)
    return _written(root)


def measured(found: Streets, city: City) -> bytes | None:
    """What was measured over the last quarter of an hour; None where no detector was heard."""
    over = _over_roads(found)
    heard = [one for one in over if one.heard is not None]
    if not heard:
        return None
    root = _publication("roa:MeasuredDataPublication", found, city)
    _reference(root, "roa:measurementSiteTableReference", TABLE, _version(found, over))
    _header(root, heard)
    for one in heard:
        said = _add(root, "roa:siteMeasurements")
        version = _version(found, [one])
        _reference(said, "roa:measurementSiteReference", one.device.key, version)
        for index, kind, path, value in _values(one):
            _quantity(said, index, kind, path, value)
        time = _add(said, "roa:measurementTimeDefault")
        _add(time, "roa:timeValue", _moment(one.heard or found.now))
    return _written(root)


def _over_roads(found: Streets) -> list[Detector]:
    return [one for one in found.detectors if one.edge >= 0 and one.device.lon is not None]


def _publication(kind: str, found: Streets, city: City) -> Element:
    root = Element(_name("d2:payload"), {TYPE: kind, "lang": "ko", "modelBaseVersion": "3"})
    _add(root, "com:publicationTime", _moment(found.now))
    creator = _add(root, "com:publicationCreator")
    _add(creator, "com:country", COUNTRY)
    _add(creator, "com:nationalIdentifier", city.key)
    return root


def _header(root: Element, over: Iterable[Detector]) -> None:
    header = _add(root, "roa:headerInformation")
    _add(header, "com:confidentiality", "noRestriction")
    simulated = any(one.device.simulated for one in over)
    _add(header, "com:informationStatus", "test" if simulated else "real")


def _site(table: Element, found: Streets, one: Detector, city: City) -> None:
    edges = found.network.edges
    site = _add(table, "roa:measurementSite", id=one.device.key, version=_version(found, [one]))
    _text(_add(site, "roa:measurementSiteName"), one.device.name or one.device.key)
    _add(site, "roa:measurementSiteNumberOfLanes", str(int(edges.lanes[one.edge])))
    _add(site, "roa:measurementSiteIdentification", edges.ids[one.edge])
    for index, kind in enumerate(QUANTITIES, 1):
        row = _add(site, "roa:measurementSpecificCharacteristics", index=str(index))
        inner = _add(row, "roa:measurementSpecificCharacteristics")
        _add(inner, "roa:period", f"{LOOKED_AT.total_seconds():g}")
        _add(inner, "roa:specificMeasurementValueType", kind)
    place = _add(site, "roa:measurementSiteLocation", type="loc:PointLocation")
    point = _add(_add(place, "loc:pointByCoordinates"), "loc:pointCoordinates")
    _add(point, "loc:latitude", f"{one.device.lat:.6f}")
    _add(point, "loc:longitude", f"{one.device.lon:.6f}")


def _values(one: Detector) -> Iterable[tuple[int, str, tuple[str, str], str]]:
    """Number, class and place of each quantity that is known."""
    if one.volume is not None:
        yield 1, "roa:TrafficFlow", ("roa:vehicleFlow", "com:vehicleFlowRate"), f"{one.volume:.0f}"
    if one.speed is not None:
        yield 2, "roa:TrafficSpeed", ("roa:averageVehicleSpeed", "com:speed"), f"{one.speed:.1f}"
    if one.occupancy is not None:
        place = ("roa:occupancy", "com:percentage")
        yield 3, "roa:TrafficConcentration", place, f"{one.occupancy:.1f}"


def _quantity(said: Element, index: int, kind: str, path: tuple[str, str], value: str) -> None:
    row = _add(said, "roa:physicalQuantity", index=str(index))
    inner = _add(row, "roa:physicalQuantity", type="roa:SinglePhysicalQuantity")
    data = _add(inner, "roa:basicData", type=kind)
    _add(_add(data, path[0]), path[1], value)


def _version(found: Streets, over: Iterable[Detector]) -> str:
    """Changes whenever something of these sites does."""
    edges = found.network.edges
    rows = [
        (one.device.key, one.device.name, one.device.lon, one.device.lat, edges.ids[one.edge])
        for one in over
    ]
    return f"{zlib.crc32(repr(rows).encode()):08x}"


def _reference(parent: Element, name: str, id: str, version: str) -> None:
    kind = "roa:MeasurementSiteTable" if id == TABLE else "roa:MeasurementSite"
    _add(parent, name, targetClass=kind, id=id, version=version)


def _text(parent: Element, words: str) -> None:
    _add(_add(parent, "com:values"), "com:value", words, lang="ko")


def _add(parent: Element, name: str, text: str = "", **said: str) -> Element:
    attributes = {TYPE if key == "type" else key: value for key, value in said.items()}
    made = SubElement(parent, _name(name), attributes)
    made.text = text or None
    return made


def _name(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _written(root: Element) -> bytes:
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written
