"""The console's card on the city's overview."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from madang.ground.web import registry
from madang.ground.web.console import Layer, entries


def register() -> None:
    registry.register(
        registry.System(
            key="console",
            title=_("Console"),
            summary=_("The city on one map: what moves, what rings, and all about it."),
            icon="map",
            url_name="console:desk",
            order=0,
            state=state,
        )
    )


def state(city: UUID) -> registry.State:
    """The console has no state of its own: it is there, with so many layers."""
    layers = len(entries(Layer, lambda name: True))
    return registry.State("ok", _("%d layers can be shown.") % layers)
