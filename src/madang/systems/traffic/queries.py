"""Networks of a city as pages, commands and other systems read them."""

from __future__ import annotations

from django.db.models import QuerySet

from madang.ground.city.models import City
from madang.systems.traffic.models import StreetNetwork


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
