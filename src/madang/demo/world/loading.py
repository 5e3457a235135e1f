"""What the world is made of, read from the demo city as it stands in the database."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from madang.demo.devices.controllers import KIND as CONTROLLER
from madang.demo.devices.detectors import KIND as DETECTOR
from madang.demo.devices.gauges import AIR, EVERY
from madang.demo.devices.sections import KIND as SECTION
from madang.demo.devices.smart_crossings import KIND as SMART_CROSSING
from madang.demo.world import heat
from madang.demo.world.street import Links
from madang.demo.world.world import Setting, Thing
from madang.ground.city.models import City, Place, RoadLink
from madang.ground.city.projection import reproject
from madang.ground.sensing.models import Channel, Device
from madang.systems.traffic.domain.in_force import in_force
from madang.systems.traffic.engine.network import Network

EMERGENCY = ("ambulance", "fire_engine", "command_car", "patrol_car")
OTHERS = ("bus", "taxi", "service_vehicle")
COVERED = ("tunnel", "underpass")
USUAL_SPEED, USUAL_LANES = 30, 1  # km/h and lanes of a street of which they are not known
SEED = 1  # of how far each thermometer is off
NOT_DRIVEN = ("service", "local")  # the world drives on main roads


def demo_city() -> City | None:
    """The simulated city whose devices are registered, if there is one."""
    for city in City.objects.filter(simulated=True).order_by("created"):
        if Device.objects.filter(city=city, simulated=True, credential_hash__isnull=False).exists():
            return city
    return None


def setting(city: City) -> Setting:
    """Everything the world needs to know of the city."""
    devices = list(
        Device.objects.filter(city=city, simulated=True, withdrawn=None)
        .order_by("number")
        .values_list("key", "kind__key", "x", "y", "place")
    )
    stations = _stations(city)
    vehicles = [row for row in devices if row[1] in EMERGENCY or row[1] in OTHERS]
    standing = [
        Thing(key, kind, x, y)
        for key, kind, x, y, _ in devices
        if x is not None and y is not None and kind in EVERY
    ]
    return Setting(
        links=links(city),
        emergency=[_stationed(row, stations) for row in vehicles if row[1] in EMERGENCY],
        others=[Thing(row[0], row[1], 0.0, 0.0) for row in vehicles if row[1] in OTHERS],
        gauges=standing,
        hospitals=_points(city, "hospital"),
        network=_network(city),
        watched=_watched(city, DETECTOR),
        posts={kind: _watched(city, kind) for kind in (CONTROLLER, SECTION, SMART_CROSSING)},
        warmth=heat.of_stations(city, _thermometers(city, standing), SEED),
        sky=heat.sky(city),
    )


def links(city: City, *, everywhere: bool = False) -> Links:
    """The roads of the city in metres: those that are driven, or everywhere."""
    rows = list(
        RoadLink.objects.filter(city=city)
        .exclude(rank__in=() if everywhere else NOT_DRIVEN)
        .order_by("key")
        .values_list("from_node", "to_node", "geometry", "structure", "lanes", "speed_kmh", "key")
    )
    lines = reproject(shapely.from_wkb([bytes(row[2]) for row in rows]), "EPSG:4326", city.crs)
    return Links(
        begin=[row[0] for row in rows],
        end=[row[1] for row in rows],
        lines=[shapely.get_coordinates(line) for line in lines],
        speed=np.array([row[5] or USUAL_SPEED for row in rows]) / 3.6,
        lanes=np.array([float(row[4] or USUAL_LANES) for row in rows]),
        covered=np.array([row[3] in COVERED for row in rows]),
        keys=[row[6] for row in rows],
    )


def _network(city: City) -> Network | None:
    """The streets and signals as the city runs them; a city without them has no traffic but vehicles."""
    found = in_force(city)
    return found.network if found else None


def _watched(city: City, kind: str) -> dict[str, str]:
    """What the devices of a kind watch, by their keys."""
    rows = Device.objects.filter(city=city, kind__key=kind, simulated=True, withdrawn=None)
    return dict(rows.order_by("number").values_list("key", "external_key"))


def _thermometers(city: City, standing: list[Thing]) -> list[Thing]:
    """What of the gauges measures the air, as its kind was declared when the city was made."""
    declared = Channel.objects.filter(kind__city=city).values_list("kind__key", "key")
    kinds = {kind for kind, key in declared if AIR.get(kind) == key}
    return [thing for thing in standing if thing.kind in kinds]


def _stations(city: City) -> dict[str, tuple[float, float]]:
    found = Place.objects.filter(city=city, kind__in=("fire-station", "police"))
    return {name: (x, y) for name, x, y in found.values_list("name", "x", "y")}


def _stationed(row: Any, stations: dict[str, tuple[float, float]]) -> Thing:
    """A vehicle's place names its station; one whose station is not known comes from any."""
    key, kind, _, _, place = row
    x, y = stations.get(place) or next(iter(stations.values()), (0.0, 0.0))
    return Thing(key, kind, x, y)


def _points(city: City, kind: str) -> list[tuple[float, float]]:
    return list(Place.objects.filter(city=city, kind=kind).values_list("x", "y"))
