"""What each role may do, read from the rules themselves."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.gates import requires
from madang.ground.people.matrix import rights_of_roles
from madang.ground.people.web.tabs import tabs


@requires("people.roles")
def index(request: CityRequest, city: str) -> HttpResponse:
    """Every role with its rights, and whether it needs a second factor."""
    context = {"tabs": tabs(request), "roles": rights_of_roles()}
    return render(request, "people/roles.html", context)
