"""The street as GeoJSON: roads with their levels, signals with their phases, detectors with what they say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.city.public import to_degrees
from madang.systems.traffic.domain.phases import CLEARING, Now, signals_now
from madang.systems.traffic.domain.reported import reported
from madang.systems.traffic.domain.sections import Section, sections
from madang.systems.traffic.domain.streets_now import Detector, Road, Streets, mean, streets_now
from madang.systems.traffic.engine.network import Network

FRESH_S = 180.0
DIGITS = 6
MOST_PHASES = 8  # that have a sign of their own


def links(city: City, now: datetime) -> dict[str, Any]:
    """Every road that leads to a signal, as LinkFeature."""
    found = streets_now(city, now)
    if found is None:
        return {**_collection([], now), "source": "", "since": ""}
    features = [
        _feature("LineString", found.held.lines[road.edge], link(found, road))
        for road in found.roads
    ]
    said = {"source": found.table.source, "since": found.table.since.isoformat()}
    return {**_collection(features, now), **said}


def link(found: Streets, road: Road) -> dict[str, Any]:
    """What is said of a road, as LinkOut."""
    controller = found.network.signals.controllers[road.signal]
    ahead = controller.name or controller.number
    return {
        "id": road.key,
        "name": f"{road.name or road.key} → {ahead}",
        "signal": controller.number or controller.key,
        "level": road.level,
        "delay": _rounded(road.delay, 1),
        "volume": _rounded(road.volume, 0),
        "capacity": round(road.capacity),
        "ratio": _rounded(road.ratio, 2),
        "speed": _rounded(road.speed, 1),
        "occupancy": _rounded(road.occupancy, 1),
        "heard": road.heard,
        "age": age(road.heard, found.now),
        "simulated": road.simulated,
    }


def signals(city: City, now: datetime) -> dict[str, Any]:
    """Every signal, as SignalFeature."""
    found = streets_now(city, now)
    if found is None:
        return _collection([], now)
    network, local = found.network, now.astimezone(ZoneInfo(city.time_zone))
    roads: dict[int, list[Road]] = {}
    for road in found.roads:
        roads.setdefault(road.signal, []).append(road)
    said = list(signals_now(network, local, reported(city, network, now)))
    places = _places(network, [one.signal for one in said], city)
    features = [
        _feature("Point", place, _signal(found, one, roads.get(one.signal, [])))
        for one, place in zip(said, places, strict=True)
    ]
    return _collection(features, now)


def _signal(found: Streets, one: Now, roads: list[Road]) -> dict[str, Any]:
    clears = one.phase == CLEARING
    return {
        "id": found.network.signals.controllers[one.signal].key,
        "name": one.name or one.number,
        "shows": "clearing" if clears else f"φ{min(one.phase, MOST_PHASES)}",
        "phase": one.names,
        "said": _said(one),
        "plan": one.plan,
        "cycle": one.cycle_s,
        "left": None if one.heard and clears else round(one.left_s, 1),
        "source": "controller" if one.heard else "plan",
        "known": _("the controller") if one.heard else _("the plan"),
        "heard": one.heard,
        "age": age(one.heard, found.now),
        "level": found.table.level(crossing_delay(roads)),
        "approaches": f"{sum(road.delay is not None for road in roads)}/{len(roads)}",
    }


def _said(one: Now) -> str:
    """A phase in short; ▸ says that its controller reported it."""
    begin = "▸ " if one.heard else ""
    if one.phase == CLEARING:
        return f"{begin}×" if one.heard else f"{one.names} × {round(one.left_s)}s"
    return f"{begin}{one.names} {round(one.left_s)}s"


def crossing_delay(roads: Iterable[Road]) -> float | None:
    """The delay of a crossing: that of its counted approaches by their volumes, s a vehicle."""
    known = [(r.delay, r.volume) for r in roads if r.delay is not None and r.volume is not None]
    total = sum(volume for _, volume in known)
    if not total:
        return mean(delay for delay, _ in known)
    return sum(delay * volume for delay, volume in known) / total


def detectors(city: City, now: datetime) -> dict[str, Any]:
    """Every detector that has a place, as DetectorFeature."""
    found = streets_now(city, now)
    standing = [one for one in found.detectors if one.device.lon is not None] if found else []
    features = [
        _feature("Point", (one.device.lon, one.device.lat), _detector(found, one))
        for one in standing
        if found
    ]
    return _collection(features, now)


def _detector(found: Streets, one: Detector) -> dict[str, Any]:
    silent = (found.now - one.heard).total_seconds() if one.heard else None
    state = "unheard" if silent is None else "fresh" if silent <= FRESH_S else "old"
    road = found.network.edges.names[one.edge] if one.edge >= 0 else ""
    figures = [
        f"{one.volume:.0f}" if one.volume is not None else "",
        f"{one.speed:.0f} km/h" if one.speed is not None else "",
        age(one.heard, found.now),
    ]
    return {
        "id": str(one.device.pk),
        "key": one.device.key,
        "name": one.device.name or one.device.key,
        "road": road,
        "state": state,
        "volume": _rounded(one.volume, 0),
        "speed": _rounded(one.speed, 1),
        "occupancy": _rounded(one.occupancy, 1),
        "heard": one.heard,
        "age": figures[2],
        "said": " · ".join(filter(None, figures)),
        "simulated": one.device.simulated,
    }


def travel_times(city: City, now: datetime) -> dict[str, Any]:
    """Every section between two readers, as SectionFeature."""
    found = streets_now(city, now)
    features = [
        _feature("LineString", one.line, _section(one, now))
        for one in (sections(city, found) if found else [])
    ]
    return _collection(features, now)


def _section(one: Section, now: datetime) -> dict[str, Any]:
    figures = [
        _("%(minutes).1f min") % {"minutes": one.seconds / 60} if one.seconds is not None else "",
        f"{one.speed:.0f} km/h" if one.speed is not None else "",
        age(one.heard, now),
    ]
    return {
        "id": str(one.device.pk),
        "key": one.device.key,
        "name": one.device.name or one.device.key,
        "state": one.state or "unheard",
        "seconds": _rounded(one.seconds, 0),
        "free": round(one.free),
        "speed": _rounded(one.speed, 1),
        "metres": round(one.metres),
        "read": one.read,
        "matched": one.matched,
        "share": round(100 * one.matched / one.read)
        if one.read and one.matched is not None
        else None,
        "heard": one.heard,
        "age": figures[2],
        "said": " · ".join(filter(None, figures)),
        "simulated": one.device.simulated,
    }


def age(heard: datetime | None, now: datetime) -> str:
    """How long ago in words; "" where nothing was heard."""
    if heard is None:
        return ""
    seconds = max(0, round((now - heard).total_seconds()))
    if seconds < 90:
        return _("%(n)d s ago") % {"n": seconds}
    return _("%(n)d min ago") % {"n": round(seconds / 60)}


def _places(network: Network, signals: list[int], city: City) -> list[tuple[float, float]]:
    nodes = [int(network.signals.nodes.of(signal)[0]) for signal in signals]
    lon, lat = to_degrees(network.nodes.x[nodes], network.nodes.y[nodes], city.crs)
    return list(zip(lon.round(DIGITS).tolist(), lat.round(DIGITS).tolist(), strict=True))


def place_of(network: Network, signal: int, city: City) -> tuple[float, float]:
    """lon and lat of a signal."""
    return _places(network, [signal], city)[0]


def _feature(kind: str, coordinates: Any, said: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": said,
    }


def _collection(features: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    return {"type": "FeatureCollection", "made": now, "features": features}


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
