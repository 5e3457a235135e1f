"""The indicators in the header and on the home page."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.ground.measure import Measure
from madang.ground.web import registry
from madang.systems.climate.engine.units import CO2
from madang.systems.climate.models import Reckoning


def register() -> None:
    registry.register(
        registry.System(
            key="climate-indicators",
            title=gettext_lazy("Ecosystem indicators"),
            summary=gettext_lazy("Carbon, green space, biotope area and heat of each district"),
            icon="chart-column",
            url_name="climate:indicators",
            order=45,
            state=state,
            permission="climate.see",
        )
    )


def state(city: UUID) -> registry.State:
    found = Reckoning.objects.filter(city=city, level="gu").order_by("-made").first()
    if found is None:
        return registry.State("empty", _("Nothing is reckoned yet."))
    tonnes = sum(sum(row["pools"].values()) + row["trees"] for row in found.rows)
    word = "simulated" if found.simulated else "estimated"
    carbon = Measure(value=round(tonnes * CO2), unit="t", provenance=word)  # type: ignore[arg-type]
    figures = (registry.Figure(_("CO₂ stored"), carbon),)
    return registry.State("ok", _("Indicators of all districts are there."), figures)
