"""Every address. A room adds its pages to CITY (under /<city>/) or to urlpatterns (above cities)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from madang.ground.city.web import home
from madang.ground.web import errors, reference
from madang.run.api import api

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

CITY: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("devices/", include("madang.ground.sensing.web.urls")),
    path("cameras/", include("madang.systems.cameras.web.urls")),
    path("people/", include("madang.ground.people.web.urls")),
    path("notices/", include("madang.ground.notify.web.urls")),
    path("privacy/", include("madang.ground.privacy.web.urls")),
    path("footage/", include("madang.ground.privacy.web.asking_urls")),
    path("climate/", include("madang.systems.climate.web.urls")),
    path("", include("madang.ground.city.web.urls")),
    path("", include("madang.systems.traffic.web.urls")),
    path("", include("madang.ground.console.web.urls")),
    path("", include("madang.ground.cases.web.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.cities, name="cities"),
    path("account/", include("madang.ground.web.urls")),
    path("account/", include("madang.ground.people.web.account_urls")),
    path("trail/", include("madang.ground.trail.web.urls")),
    path("platform/", include("madang.ground.platform.web.urls")),
    path("api/v1/", api.urls),
    path("api/docs", reference.reference(api), name="api_docs"),
    path("api/problems/<slug:word>", reference.problem, name="api_problem"),
    path("<slug:city>/", include(CITY)),
]
