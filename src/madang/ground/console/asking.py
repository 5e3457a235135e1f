"""Who asks the console something: the account of a request, or a guest whom it shows round."""

from __future__ import annotations

from django.utils.translation import get_language

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import Rights, may
from madang.ground.web.console import Asking


def asking(request: CityRequest, guest: bool = False) -> Asking:
    """guest: see what visitors see, whoever is signed in (a screen that is shown to guests)."""
    city = request.city
    who = Rights() if guest else request.user

    def allowed(name: str) -> bool:
        return may(who, name, city)

    return Asking(city, None if guest else request.user, get_language() or "ko", allowed)
