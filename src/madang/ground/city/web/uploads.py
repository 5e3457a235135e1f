"""Sending files: they are kept, and read by a job that the import's page follows."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from madang.ground.city.domain.uploads import receive
from madang.ground.city.web.forms import UploadForm
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires("city.import")
def upload(request: CityRequest, city: str) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        files = form.cleaned_data["upload"]
        made = receive(request.city, files, form.asked(), acting(request))
        if len(made) == 1:
            return redirect("city_import", city=city, id=made[0].id)
        return redirect("city_imports", city=city)
    return render(request, "city/upload.html", {"form": form})
