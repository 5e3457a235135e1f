"""The wall: one page of script that shows many cameras beside each other."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from madang.ground.cases.kinds import alarm_kinds
from madang.ground.city.console import labels
from madang.ground.city.export.terms import terms
from madang.ground.city.tiles.keeping import version
from madang.ground.city.web.middleware import CityRequest
from madang.ground.live.kinds import Moving, kinds
from madang.ground.live.plane import plane_of
from madang.ground.people.public import is_declared, may, requires
from madang.ground.web.shell import theme_of


@requires("cameras.watch")
def wall(request: HttpRequest, city: str) -> HttpResponse:
    """Its WebSocket asks for right and reason of each camera (live/wall.py)."""
    return render(request, "cameras/wall.html", {"boot": _boot(cast(CityRequest, request))})


def _boot(request: CityRequest) -> dict[str, Any]:
    city, language = request.city, get_language() or "ko"
    plane = plane_of(city)
    box = [city.west, city.south, city.east, city.north]
    words = {"city": city.key}
    return {
        "city": {
            "key": city.key,
            "name": city.name(language),
            "zone": city.time_zone,
            "box": None if None in box else box,
            "simulated": city.simulated,
            "attribution": terms(city).attributions,
            "labels": labels(city, language),
            "tiles": version(city),
            "plane": plane.said() if plane else None,
        },
        "guest": False,
        "language": language,
        "theme": theme_of(request),
        "csrf": get_token(request),
        "rights": {
            "aim": may(request.user, "cameras.aim", city),
            "alarms": may(request.user, "live.alarms", city),
        },
        "alarm_kinds": {kind.key: str(kind.title) for kind in alarm_kinds()},
        "moving": [
            kind.key
            for kind in kinds()
            if isinstance(kind, Moving)
            and is_declared(f"live.{kind.key}")
            and may(request.user, f"live.{kind.key}", city)
        ],
        "addresses": {
            "api": f"/api/v1/cities/{city.key}/",
            "live": "/live",
            "cameras": reverse("cameras:overview", kwargs=words),
            "devices": reverse("cameras:cameras", kwargs=words),
        },
    }
