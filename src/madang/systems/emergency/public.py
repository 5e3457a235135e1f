"""What other systems may call of emergency vehicles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan

from madang.ground.city.models import City
from madang.ground.sensing.public import Device, last_places, stated
from madang.systems.emergency.vehicles import ICONS

HURRY = ("en_route", "transporting")
MISSION_HOLDS = timedelta(hours=2)
LATELY = timedelta(seconds=10)


@dataclass(frozen=True)
class Hurrying:
    """An emergency vehicle under way to a call or to hospital: where it is (metres of the city), degrees
    from north, m/s."""

    kind: str
    x: float
    y: float
    heading: float
    speed: float


def hurrying(city: City, now: datetime, within: timedelta = LATELY) -> list[Hurrying]:
    """Those on a mission who said lately where they are and which way they drive."""
    mine = Device.objects.filter(city=city, kind__key__in=ICONS, withdrawn=None)
    kind_of = dict(mine.values_list("number", "kind__key"))
    missions = stated(list(kind_of), ("mission",), now - MISSION_HOLDS, now) if kind_of else {}
    out = {device for (device, _), (_, state) in missions.items() if state in HURRY}
    places = last_places(now - within, now) if out else []
    return [
        Hurrying(kind_of[device], x, y, heading, 0.0 if isnan(speed) else speed)
        for one in places
        if one.city == city.key
        for device, x, y, heading, speed in zip(
            *(each.tolist() for each in (one.device, one.x, one.y, one.heading, one.speed)),
            strict=True,
        )
        if device in out and not isnan(heading)
    ]
