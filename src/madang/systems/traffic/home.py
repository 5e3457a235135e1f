"""Traffic in the header and on the city's overview: the street network and what watches it."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.measure import Measure
from madang.ground.web import registry
from madang.ground.web.registry import Figure, State, System, Text
from madang.systems.traffic import queries


def register() -> None:
    registry.register(
        System(
            key="traffic",
            title=_("Traffic"),
            summary=_("The street network, its signals and plans, and what was mended in them."),
            icon="traffic-cone",
            url_name="traffic_networks",
            order=35,
            state=state,
            permission="traffic.network",
        )
    )


def state(city: UUID) -> State:
    owner = City.objects.get(pk=city)
    network = queries.networks(owner).defer("content", "repairs").first()
    if network is None:
        return State("empty", _("No street network has been brought yet."))
    figures = (
        _figure(_("Roads, each direction"), network.edges),
        _figure(_("Signals"), network.signals),
        _figure(_("Vehicle detectors"), queries.detectors(owner).count()),
    )
    return State("ok", _("In force: %(name)s") % {"name": network.name}, figures)


def _figure(title: Text, value: int) -> Figure:
    return Figure(title, Measure(value=value, unit="1", provenance="reported"))
