"""The demo city's cameras as its register has them: each with the addresses of its streams on loopback."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from madang.demo.city.generate import DemoCity
from madang.demo.devices.credentials import credential
from madang.ground.city.models import City
from madang.systems.cameras.models import Site
from madang.systems.cameras.public import CameraSpec, camera_key

USER = "madang"
WIDTH, HEIGHT = 640, 360
ANGLE, RANGE = 70.0, 60.0  # degrees; metres in which the drawn street is told apart
FIXED, TURNING = "fixed", "turning"


def camera_specs(city: City, made: DemoCity) -> Iterator[CameraSpec]:
    """Fixed cameras first, then those that turn, as they are numbered on each pole.

    An invented camera's bearing is known, since the world draws by it; of one that turns it is its home.
    """
    sites = {site.key: site for site in Site.objects.filter(city=city)}
    for pole in made.cameras:
        site = sites[pole.key]
        first = pole.azimuths[0] if pole.azimuths else 0
        turning = [(TURNING, float(first + 180) % 360)] * pole.turning
        heads = [(FIXED, float(azimuth)) for azimuth in pole.azimuths] + turning
        for number, (kind, bearing) in enumerate(heads, 1):
            yield _spec(city, site, number, kind, bearing)


def _spec(city: City, site: Site, number: int, kind: str, bearing: float) -> CameraSpec:
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
    )


def password(city: str) -> str:
    """The password that the city's invented cameras ask for."""
    return credential(settings.DEMO_DEVICES_SECRET, city, "cameras")
