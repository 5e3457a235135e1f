"""The studio: one page of script over the map, for plans of trees, roofs and parks."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from madang.ground.city.console import labels
from madang.ground.city.export.terms import terms
from madang.ground.city.tiles.keeping import version
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import may, requires
from madang.ground.web.shell import address, theme_of


@requires("climate.see")
def studio(request: HttpRequest, city: str) -> HttpResponse:
    """Everybody may look; whoever may plan draws."""
    return render(request, "climate/studio.html", {"boot": _boot(cast(CityRequest, request))})


def _boot(request: CityRequest) -> dict[str, Any]:
    city, language = request.city, get_language() or "ko"
    box = [city.west, city.south, city.east, city.north]
    words = {"city": city.key}
    return {
        "city": {
            "key": city.key,
            "name": city.name(language),
            "box": None if None in box else box,
            "simulated": city.simulated,
            "attribution": terms(city).attributions,
            "labels": labels(city, language),
            "tiles": version(city),
        },
        "guest": False,
        "language": language,
        "theme": theme_of(request),
        "csrf": get_token(request),
        "signed_in": request.user.is_authenticated,
        "rights": {"plan": may(request.user, "climate.plan", city)},
        "addresses": {
            "api": f"/api/v1/cities/{city.key}/",
            "home": reverse("home", kwargs=words),
            "data": reverse("city_data", kwargs=words),
            "sign_in": address("account_login"),
        },
    }
