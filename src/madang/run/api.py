"""The API: each room's router, added here. Described at /api/docs, errors as problem+json."""

from __future__ import annotations

from ninja import NinjaAPI

from madang import __version__
from madang.ground.cases.web import api as cases
from madang.ground.city.web import api as city
from madang.ground.console.web import api as console
from madang.ground.people.web import api as people
from madang.ground.sensing.web import api as sensing
from madang.ground.trail.web import api as trail
from madang.ground.web import problems
from madang.systems.cameras.web import api as cameras
from madang.systems.climate.web import api as climate
from madang.systems.climate.web import refusals as climate_refusals
from madang.systems.traffic.web import api as traffic
from madang.systems.traffic.web import feeds_api as traffic_feeds
from madang.systems.traffic.web import windows_api as traffic_windows

api = NinjaAPI(
    title="Madang",
    version=__version__,
    description="One API for every system of a digital city.",
    docs_url=None,
    openapi_url="openapi.json",
    urls_namespace="api",
)
problems.install(api)
climate_refusals.install(api)
traffic_windows.install(api)

api.add_router("/cities", city.router)
api.add_router("/trail", trail.router)
api.add_router("/cities", console.router)
api.add_router("/cities", sensing.router)
api.add_router("/cities", cases.router)
api.add_router("/cities", people.router)
api.add_router("/cities", climate.router)
api.add_router("/cities", cameras.router)
api.add_router("/cities", traffic.router)
api.add_router("/cities", traffic_feeds.router)
api.add_router("/cities", traffic_windows.router)
