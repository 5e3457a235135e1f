"""Jobs of carbon and heat."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from madang.ground.jobs.public import task
from madang.systems.climate.domain import fitting, reckoning, reporting, trends


@task("city", _("Reckon carbon and heat of the districts"), lock="climate-reckoning")
def reckon_indicators(city_id: str) -> None:
    city = reckoning.reckon(UUID(city_id))
    trends.renew(city)


@task("city", _("Make the report of a plan of carbon and heat"))
def make_report(report_id: str) -> None:
    reporting.make(UUID(report_id))


@task("city", _("Fit the heat model to the weather stations"), lock="climate-fitting")
def fit_to_stations(city_id: str) -> None:
    fitting.fit(UUID(city_id))
