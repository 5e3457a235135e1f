"""What in the trail asks for a second look."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import requires
from madang.ground.privacy.anomalies import anomalies
from madang.ground.privacy.queries import names_of
from madang.ground.privacy.web import wording
from madang.ground.privacy.web.shell import tabs

DAYS = 30


@requires("trail.view")
def index(request: CityRequest, city: str) -> HttpResponse:
    """The last thirty days."""
    now = timezone.now()
    found = anomalies(request.city, now - timedelta(days=DAYS), now)
    names = names_of(one.actor for one in found)
    lines = [
        (one, names.get(one.actor) if one.actor else None, wording.thing(*one.thing))
        for one in found
    ]
    return render(
        request, "privacy/anomalies.html", {"lines": lines, "days": DAYS, "tabs": tabs(request)}
    )
