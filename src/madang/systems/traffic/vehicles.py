"""The vehicles that report where they are: buses, taxis, the city's own."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from madang.ground.live import kinds
from madang.ground.web import console
from madang.ground.web.console import Layer, Live, Look

LOOKS = (
    Look("bus", _("Bus"), "teal", "square", "bus"),
    Look("taxi", _("Taxi"), "sand", "circle", "car"),
    Look("service_vehicle", _("City vehicle"), "slate", "diamond", "truck"),
)


def register_all() -> None:
    kinds.register(kinds.Moving("vehicles", frozenset(look.key for look in LOOKS)))
    console.register(
        Layer(
            "vehicles",
            _("Vehicles"),
            "moving",
            Live("vehicles"),
            LOOKS,
            by="kind",
            thing="moving",
            icon="car",
            shown=True,
            order=60,
            permission="live.vehicles",
        )
    )
