"""Emergency vehicles as live things: which devices they are, what they do, how the console draws them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from madang.ground.live import kinds
from madang.ground.sensing import saying
from madang.ground.web import console
from madang.ground.web.console import Layer, Live, Look

ICONS = {
    "ambulance": "ambulance",
    "fire_engine": "flame",
    "command_car": "radio",
    "patrol_car": "siren",
}
"""The kinds of devices that are emergency vehicles, with their signs."""

PARKED_SAYS = 45.0
"""Seconds: a parked vehicle speaks every half minute, and one word may get lost."""

LOOKS = (
    Look("unknown", _("State unknown"), "grey", "circle", quiet=True),
    Look("standby", _("Standby"), "slate", "circle", quiet=True),
    Look("en_route", _("En route"), "cyan", "triangle"),
    Look("on_scene", _("On scene"), "violet", "square"),
    Look("transporting", _("Transporting"), "pink", "diamond"),
    Look("at_hospital", _("At the hospital"), "teal", "cross"),
    Look("returning", _("Returning"), "blue", "hexagon"),
)


def register_all() -> None:
    states = tuple(look.key for look in LOOKS[1:])
    kinds.register(
        kinds.Moving(
            "emergency", frozenset(ICONS), state="mission", states=states, stale_after=PARKED_SAYS
        )
    )
    values = {look.key: look.title for look in LOOKS[1:]}
    saying.register(saying.Saying("mission", _("Mission"), values, frozenset(ICONS)))
    console.register(
        Layer(
            "emergency",
            _("Emergency vehicles"),
            "moving",
            Live("emergency", ICONS),
            LOOKS,
            by="state",
            thing="moving",
            icon="ambulance",
            shown=True,
            order=10,
            permission="live.emergency",
        )
    )
