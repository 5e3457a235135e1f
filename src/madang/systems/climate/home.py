"""Carbon and heat on the city's overview."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from madang.ground.web import registry
from madang.systems.climate.models import Layer, Scenario, Surface


def register() -> None:
    registry.register(
        registry.System(
            key="climate",
            title=_("Carbon and heat"),
            summary=_(
                "What the city's ground stores and how warm it gets; roofs and trees planned."
            ),
            icon="leaf",
            url_name="climate:studio",
            order=40,
            state=state,
            permission="climate.see",
        )
    )
    registry.register(
        registry.System(
            key="climate-here",
            title=_("Green around me"),
            summary=_(
                "What the ground around an address stores, how warm it gets, what is planned"
            ),
            icon="map-pin",
            url_name="climate:here",
            order=46,
            state=here,
            permission="climate.see",
        )
    )


def here(city: UUID) -> registry.State:
    if not Surface.objects.filter(city=city, layer=Layer.LAND).exists():
        return registry.State("empty", _("No land cover has been brought yet."))
    return registry.State("ok", _("Type an address, a dong or a road."))


def state(city: UUID) -> registry.State:
    if not Surface.objects.filter(city=city, layer=Layer.LAND).exists():
        return registry.State("empty", _("No land cover has been brought yet."))
    plans = Scenario.objects.filter(city=city).count()
    said = ngettext("%d plan is being drawn.", "%d plans are being drawn.", plans) % plans
    return registry.State("ok", said)
