"""Jobs of carbon and heat."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from madang.ground.jobs.public import task
from madang.systems.climate.domain import reckoning


@task("city", _("Reckon carbon and heat of the districts"), lock="climate-reckoning")
def reckon_indicators(city_id: str) -> None:
    reckoning.reckon(UUID(city_id))
