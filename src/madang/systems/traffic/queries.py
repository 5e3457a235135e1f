"""Networks of a city as pages, commands and other systems read them."""

from __future__ import annotations

from django.db.models import QuerySet

from madang.ground.city.models import City
from madang.ground.city.tiles import keeping
from madang.ground.sensing.models import Channel
from madang.ground.sensing.public import Device
from madang.systems.traffic.models import Crossing, StreetNetwork

VEHICLES = "vehicles"
"""The channel on which a detector says how many passed."""
TRAVEL_TIME = "travel_time"
"""The channel on which a section between two readers says how long it takes, s."""
CYCLE_SECOND = "cycle_second"
"""The channel on which a signal controller says how far its cycle is; its phase and plan are states."""
TURNED = "approach_1_"
"""How the channels begin on which a smart crossing counts the turns of its first approach."""


def networks(city: City) -> QuerySet[StreetNetwork]:
    """The city's networks without their content, the one in force first."""
    rows = StreetNetwork.objects.filter(city=city).select_related("made_by", "data_set")
    return rows.defer("content").order_by("-id")


def repairs_by_kind(network: StreetNetwork) -> dict[str, list[tuple[str, dict[str, object]]]]:
    """What was mended in a network, by kind, the most frequent kind first."""
    found: dict[str, list[tuple[str, dict[str, object]]]] = {}
    for kind, thing, figures in network.repairs:
        found.setdefault(kind, []).append((thing, figures))
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))


def version(city: City) -> str:
    """Which network is in force, with which plans: changes whenever they do; "" without a network."""
    newest = networks(city).values_list("id", flat=True).first()
    return f"{newest} {keeping.version(city)}" if newest else ""


def detectors(city: City) -> QuerySet[Device]:
    """Devices that count vehicles; their external key is the key of the road they look at."""
    return _measuring(city, key=VEHICLES)


def sections(city: City) -> QuerySet[Device]:
    """Sections between two readers; their external key is "A>B", the nodes that they lead from and to."""
    return _measuring(city, key=TRAVEL_TIME)


def controllers(city: City) -> QuerySet[Device]:
    """Signal controllers that report; their external key is that of the controller in the network."""
    return _measuring(city, key=CYCLE_SECOND)


def smart_crossings(city: City) -> QuerySet[Device]:
    """Crossings where turns are counted; their external key is that of the controller in the network."""
    return _measuring(city, key__startswith=TURNED)


def _measuring(city: City, **channel: str) -> QuerySet[Device]:
    kinds = Channel.objects.filter(kind__city=city, **channel).values("kind")
    rows = Device.objects.filter(city=city, kind__in=kinds, withdrawn=None)
    return rows.select_related("kind").order_by("key")


def crossings(city: City) -> QuerySet[Crossing]:
    """The city's signalled crossings with the numbers of their controllers."""
    return Crossing.objects.filter(city=city)
