"""A city's settings: its names and time zone; what is measured from its data is shown beside."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madang.ground.city.domain.cities import change_city
from madang.ground.city.web.forms import CityForm
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires("city.settings")
def index(request: CityRequest, city: str) -> HttpResponse:
    form = CityForm.of(request.city, request.POST or None)
    if request.method == "POST" and form.is_valid():
        names, zone = form.names(), form.cleaned_data["time_zone"]
        change_city(request.city, names, zone, acting(request))
        messages.success(request, _("Saved."))
        return redirect("city_settings", city=city)
    return render(request, "city/settings.html", {"form": form, "here": request.city})
