"""The demo city's cameras as its register has them: each with the addresses of its streams on loopback.

A drawn camera costs nothing while nobody watches it, so only a few are recorded: each takes a 25th of a
core to draw, all the time. Their footage is kept for a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import hypot

from django.conf import settings

from madang.demo.city.generate import DemoCity
from madang.demo.city.things import CameraSite
from madang.demo.devices.credentials import credential
from madang.ground.city.models import City
from madang.systems.cameras.models import Camera, Site
from madang.systems.cameras.public import CameraSpec, camera_key

USER = "madang"
WIDTH, HEIGHT = 640, 360
ANGLE, RANGE = 70.0, 60.0  # degrees; metres in which the drawn street is told apart
RECORDED_USE, RECORDED_DAYS = "signal", 1  # what is seen there moves; days
FIXED, TURNING = "fixed", "turning"


def camera_specs(city: City, made: DemoCity) -> Iterator[CameraSpec]:
    """Fixed cameras first, then those that turn, as they are numbered on each pole.

    An invented camera's bearing is known, since the world draws by it; of one that turns it is its home.
    """
    sites = {site.key: site for site in Site.objects.filter(city=city)}
    recorded = _recorded(made)
    for pole in made.cameras:
        site = sites[pole.key]
        first = pole.azimuths[0] if pole.azimuths else 0
        turning = [(TURNING, float(first + 180) % 360)] * pole.turning
        heads = [(FIXED, float(azimuth)) for azimuth in pole.azimuths] + turning
        for number, (kind, bearing) in enumerate(heads, 1):
            records = number == 1 and pole.key in recorded
            yield _spec(city, site, number, kind, bearing, records)


def _recorded(made: DemoCity) -> set[str]:
    """The poles whose first camera is recorded: at signals, and of those the ones in the middle."""
    poles = [pole for pole in made.cameras if pole.fixed]
    x, y = (
        sum(ways) / max(1, len(poles)) for ways in zip(*[(p.x, p.y) for p in poles], strict=True)
    )

    def order(pole: CameraSite) -> tuple[bool, float]:
        return pole.use != RECORDED_USE, hypot(pole.x - x, pole.y - y)

    return {pole.key for pole in sorted(poles, key=order)[: settings.DEMO_RECORDED]}


def _spec(
    city: City, site: Site, number: int, kind: str, bearing: float, records: bool
) -> CameraSpec:
    host, port = settings.DEMO_CAMERAS_ADDRESS
    address = f"rtsp://{host}:{port}/{city.key}/{camera_key(site, number)}"
    return CameraSpec(
        site,
        number,
        kind=kind,
        codec="h264",
        width=WIDTH,
        height=HEIGHT,
        bearing=bearing,
        angle=ANGLE,
        range=RANGE,
        main_address=f"{address}/main",
        sub_address=f"{address}/sub",
        user=USER,
        password=password(city.key),
        records=records,
        kept_days=RECORDED_DAYS if records else None,
    )


def onvif_addresses(city: City) -> dict[str, tuple[str, str]]:
    """Of each camera that turns, by its key: the address of its ONVIF service, and its main profile."""
    host, port = settings.DEMO_ONVIF_ADDRESS
    keys = Camera.objects.filter(city=city, kind=TURNING).values_list("key", flat=True)
    base = f"http://{host}:{port}/{city.key}"
    return {key: (f"{base}/{key}/onvif/device_service", f"{key}-main") for key in keys}


def password(city: str) -> str:
    """The password that the city's invented cameras ask for."""
    return credential(settings.DEMO_DEVICES_SECRET, city, "cameras")
