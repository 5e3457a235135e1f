"""A city with two weather stations and two ambulances, made by the web process as it begins, so that its
sockets know it.

Ambulances count as silent after three seconds here: a story need not wait for the real ones' 45.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from madang.ground.city.models import City
from madang.ground.live import kinds
from madang.ground.sensing.domain.devices import DeviceSpec, register_devices
from madang.ground.sensing.domain.kinds import KindSpec, declare_kind
from madang.ground.trail.public import Actor

BOX = {"west": 126.93, "south": 37.22, "east": 127.10, "north": 37.34}
NAMES = {"ko": "고요시", "en": "Quiet", "ja": "静市"}
STATIONS = [("매탄 기상관측소", 127.04, 37.26), ("조원 기상관측소", 127.01, 37.30)]

emergency = kinds.find("emergency")
assert isinstance(emergency, kinds.Moving)
kinds.register(replace(emergency, stale_after=3))


def make_city() -> None:
    city = City.objects.create(key="quiet", names=NAMES, simulated=True, **BOX)
    kind = KindSpec("weather_station", {"ko": "기상관측소"}, silence_after=timedelta(minutes=2))
    declare_kind(city, kind)
    declare_kind(city, KindSpec("ambulance", {"ko": "구급차"}, max_speed=50))
    specs = [
        DeviceSpec(f"W-{n}", "weather_station", name, lon, lat, "공원 안", simulated=True)
        for n, (name, lon, lat) in enumerate(STATIONS, 1)
    ]
    specs += [DeviceSpec(f"A-{n}", "ambulance", f"연무소방서 구급 {n}호") for n in (1, 2)]
    register_devices(city, specs, Actor(name="test"))


if not City.objects.exists():  # the process may begin again
    make_city()
