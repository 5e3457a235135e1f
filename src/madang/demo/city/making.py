"""The demo city into the database: its data sets, its devices and their credentials, all or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from madang.demo.city import records
from madang.demo.city.generate import DemoCity, generate
from madang.demo.city.names import by_language
from madang.demo.city.outline import CRS
from madang.demo.city.policy import tell_of_cameras
from madang.demo.city.signals import link_key
from madang.demo.city.surfaces import Surfaces, grid_of
from madang.demo.devices.credentials import credential
from madang.demo.devices.kinds import KINDS
from madang.demo.devices.register import camera_specs, onvif_addresses
from madang.ground.city.models import City, District
from madang.ground.city.public import make_city, to_degrees, write
from madang.ground.sensing.domain.devices import DeviceSpec, register_devices, set_credentials
from madang.ground.sensing.domain.kinds import declare_kind
from madang.ground.sensing.models import Device
from madang.ground.trail.public import Actor
from madang.systems.cameras.public import record_cameras, record_onvif
from madang.systems.climate.public import bring_table, land_cover, put

NAME = "마당시"
ACTOR = Actor(name="demo")
OPERATOR = "마당시 도시안전통합센터"
OWNERS = {"ambulance": "소방", "fire_engine": "소방", "command_car": "소방", "patrol_car": "경찰"}

Say = Callable[[str], None]


class TakenError(ValueError):
    """There is a city of that key already; the message says what to do."""


def make(key: str, seed: int = 1, scale: float = 1.0, name: str = NAME, say: Say = print) -> City:
    """A new demo city called key. TakenError where the key is taken; nothing is left half made."""
    if City.objects.filter(key=key).exists():
        raise TakenError(f"There is a city '{key}' already. Choose another key: --key KEY.")
    began = time.monotonic()
    made = generate(seed, scale, say)
    with transaction.atomic():
        city = make_city(key, by_language(name), ACTOR, simulated=True)
        bring(city, made, say)
        cover(city, made, say)
        register(city, made, say)
    say(f"done in {time.monotonic() - began:.0f} s")
    return city


def bring(city: City, made: DemoCity, say: Say) -> None:
    """Write the city's data sets."""
    say("writing districts and people")
    today = timezone.localdate(timezone=ZoneInfo(city.time_zone))
    write(city, records.DISTRICTS, records.districts(made), ACTOR)
    ids = dict(District.objects.filter(city=city).values_list("key", "id"))
    people = records.people(made, today.replace(day=1), ids)
    write(city, replace(records.PEOPLE, as_of=today), people, ACTOR)
    for what, source, rows in (
        ("roads", records.ROADS, records.roads(made)),
        ("street network and signals", records.STREETS, records.streets(made)),
        ("land and buildings", records.SHAPES, records.shapes(made)),
        ("places", records.PLACES, records.places(made)),
        ("cameras", records.CAMERAS, records.cameras(made)),
    ):
        say(f"writing {what}")
        write(city, replace(source, as_of=today), rows, ACTOR)


def cover(city: City, made: DemoCity, say: Say) -> None:
    """Keep the city's surfaces, and the table that says what classes of land cover are worth."""
    say("land cover, crowns, roofs and heights")
    city.refresh_from_db()  # its box is that of the districts just brought
    bring_table(city, records.LAND_COVER, land_cover(), ACTOR, simulated=True)
    for layer, found in Surfaces(made, grid_of(made)).layers():
        put(city, found, layer, records.surface(layer), ACTOR)


def register(city: City, made: DemoCity, say: Say) -> None:
    """Register the city's devices and vehicles, with the credentials that its world will show."""
    say("registering cameras")
    record_cameras(city, list(camera_specs(city, made)), ACTOR)
    record_onvif(city, onvif_addresses(city))
    tell_of_cameras(city, ACTOR)
    say("registering devices")
    for kind in KINDS:
        declare_kind(city, kind)
    devices = register_devices(city, [*_fixed(made), *_vehicles(made)], ACTOR)
    set_credentials([(one, _word(city, one)) for one in devices.values()], ACTOR, city)


def _word(city: City, device: Device) -> str:
    return credential(settings.DEMO_DEVICES_SECRET, city.key, device.key)


def _fixed(made: DemoCity) -> list[DeviceSpec]:
    standing = [device for device in made.devices if device.x is not None and device.y is not None]
    lon, lat = to_degrees(
        [device.x or 0.0 for device in standing],
        [device.y or 0.0 for device in standing],
        CRS,
    )
    named = {place.key: place for place in made.places}
    return [
        DeviceSpec(
            key=device.key,
            kind=device.kind,
            name=device.name,
            lon=float(east),
            lat=float(north),
            place=named[device.of].name if device.of else "",
            organisation=OPERATOR,
            external_key=link_key(device.link) if device.link >= 0 else device.node,
            simulated=True,
        )
        for device, east, north in zip(standing, lon, lat, strict=True)
    ]


def _vehicles(made: DemoCity) -> list[DeviceSpec]:
    named = {place.key: place for place in made.places}
    return [
        DeviceSpec(
            key=vehicle.key,
            kind=vehicle.kind,
            name=vehicle.name,
            place=named[vehicle.home].name if vehicle.home else "",
            organisation=OWNERS.get(vehicle.kind, "마당시"),
            external_key=vehicle.home,
            simulated=True,
        )
        for vehicle in (*made.emergency, *made.others)
    ]
