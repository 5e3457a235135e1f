"""The API of carbon and heat."""

from ninja import Router

from madang.systems.climate.web import (
    areas_api,
    plan_files_api,
    plans_api,
    siting_api,
    studio_api,
    trends_api,
    walking_api,
    zones_api,
)

router = Router(tags=["climate"])
for part in (
    plans_api, plan_files_api, siting_api, studio_api, walking_api, areas_api, zones_api, trends_api,
):  # fmt: skip
    router.add_router("", part.router)
