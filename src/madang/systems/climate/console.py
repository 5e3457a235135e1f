"""Parcels of the cadastral map on the console: found by number or address, and told."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.ground.measure import Measure
from madang.ground.web.console import Asking, Fact, Inspector, SearchProvider, Thing, register
from madang.systems.climate.models import Parcel
from madang.systems.climate.nearby import find_parcels


def register_all() -> None:
    register(
        SearchProvider("parcels", gettext_lazy("Parcels"), find_parcels, order=40),
        Inspector(("parcel",), parcel),
    )


def parcel(asking: Asking, kind: str, pk: str) -> Thing | None:
    try:
        found = Parcel.objects.select_related("data_set").get(city=asking.city, pk=UUID(pk))
    except (ValueError, Parcel.DoesNotExist):
        return None
    facts = (
        Fact(_("Number (PNU)"), found.key),
        Fact(_("Address"), found.address or None),
        Fact(_("Area"), Measure(value=round(found.area_m2, 1), unit="m2")),
        Fact(_("Source"), found.data_set.name(asking.language)),
    )
    lon, lat = (found.west + found.east) / 2, (found.south + found.north) / 2
    return Thing(
        "parcel", pk, found.address or found.key, _("Parcel"), "square", lon, lat, facts,
        simulated=found.data_set.simulated,
    )  # fmt: skip
