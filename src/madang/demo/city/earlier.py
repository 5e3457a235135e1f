"""A demo city that an earlier version made: its devices say what they say now, and what it lacks is said.

It is not made anew, for somebody may have worked in it.
"""

from __future__ import annotations

from collections.abc import Callable

from madang.demo.devices.kinds import KINDS
from madang.ground.city.models import City, DataSet
from madang.ground.sensing.domain.kinds import KindSpec, declare_kind
from madang.ground.sensing.models import Channel, DeviceKind
from madang.systems.cameras.models import Camera

SETS = {
    "demo-roads": "roads",
    "demo-land": "land and buildings",
    "demo-streets": "street network and signals",
    "climate-land": "land cover, crowns, roofs and heights",
}
REGISTER = "cameras of the register"


def look_after(city: City, say: Callable[[str], None]) -> None:
    """Renew the kinds of devices, and say what this version's demo city has and this one has not."""
    renew_kinds(city)
    if found := lacks(city):
        say(
            f"  the demo city lacks what a newer one has: {', '.join(found)}. What is there goes on; "
            "for a whole one beside it: MADANG_HOME=/another/folder make up"
        )


def lacks(city: City) -> list[str]:
    """The parts of a demo city that this one does not have."""
    there = set(DataSet.objects.filter(city=city, key__in=SETS).values_list("key", flat=True))
    found = [name for key, name in SETS.items() if key not in there]
    return found if Camera.objects.filter(city=city).exists() else [*found, REGISTER]


def renew_kinds(city: City) -> None:
    """Declare each kind that is not there, or lacks a channel; limits somebody set elsewhere stay."""
    kinds = set(DeviceKind.objects.filter(city=city).values_list("key", flat=True))
    channels = set(Channel.objects.filter(kind__city=city).values_list("kind__key", "key"))

    def known(kind: KindSpec) -> bool:
        own = {(kind.key, channel.key) for channel in kind.channels}
        return kind.key in kinds and own <= channels

    for kind in KINDS:
        if not known(kind):
            declare_kind(city, kind)
