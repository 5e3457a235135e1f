"""The API of carbon and heat."""

from ninja import Router

from madang.systems.climate.web import plan_files_api, plans_api, siting_api, studio_api, zones_api

router = Router(tags=["climate"])
for part in (plans_api, plan_files_api, siting_api, studio_api, zones_api):
    router.add_router("", part.router)
