"""A city with two weather stations, made by the web process as it begins, so that its sockets know it."""

from __future__ import annotations

from datetime import timedelta

from madang.ground.city.models import City
from madang.ground.sensing.domain.devices import DeviceSpec, register_devices
from madang.ground.sensing.domain.kinds import KindSpec, declare_kind
from madang.ground.trail.public import Actor

BOX = {"west": 126.93, "south": 37.22, "east": 127.10, "north": 37.34}
NAMES = {"ko": "고요시", "en": "Quiet", "ja": "静市"}
STATIONS = [("매탄 기상관측소", 127.04, 37.26), ("조원 기상관측소", 127.01, 37.30)]

city = City.objects.create(key="quiet", names=NAMES, simulated=True, **BOX)
kind = KindSpec("weather_station", {"ko": "기상관측소"}, silence_after=timedelta(minutes=2))
declare_kind(city, kind)
specs = [
    DeviceSpec(f"W-{n}", "weather_station", name, lon, lat, "공원 안", simulated=True)
    for n, (name, lon, lat) in enumerate(STATIONS, 1)
]
register_devices(city, specs, Actor(name="test"))
