"""Where a package is collected, once, by whoever was given its address; or shown at the desk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, public_page, requires
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.giving import steps
from madang.systems.cameras.models import Giving

CHUNK = 256 << 10


@public_page
@never_cache
def collect(request: CityRequest, city: str, word: str) -> HttpResponseBase:
    """What waits here and until when; pressed, the package comes and the address is used up."""
    found = steps.find_handed_out(request.city, word)
    if found is None:
        return render(request, "cameras/collect.html", {"giving": None}, status=404)
    if request.method != "POST":
        return render(request, "cameras/collect.html", {"giving": found, "path": request.path})
    path = steps.package_of(found)
    if not path.is_file():
        raise Http404
    try:
        steps.collect(found, word, acting(request))
    except CameraError:
        return render(request, "cameras/collect.html", {"giving": None}, status=404)
    return _sent(path, f"madang-{request.city.key}-{found}.zip", found.bytes or 0)


@requires("cameras.decide_giving")
@require_POST
def show(request: CityRequest, city: str, pk: UUID, name: str) -> HttpResponseBase:
    """One file of a package that is viewed at the desk, in the browser there."""
    found = get_object_or_404(Giving, pk=pk, city=request.city)
    path = steps.package_of(found)
    if name not in videos(found):
        raise Http404
    try:
        steps.show(found, acting(request))
    except CameraError as error:
        messages.error(request, str(error))
        return redirect("cameras:giving", city=city, pk=pk)
    response = StreamingHttpResponse(_shown(path, name), content_type="video/mp4")
    response["Content-Disposition"] = "inline"
    return response


def videos(giving: Giving) -> list[str]:
    """The files of a package that can be looked at; none where it is not there."""
    path = steps.package_of(giving)
    if not path.is_file():
        return []
    with zipfile.ZipFile(path) as package:
        return [one for one in package.namelist() if one.endswith(".mp4")]


def _sent(path: Path, name: str, size: int) -> HttpResponseBase:
    response = StreamingHttpResponse(_pieces(path), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(size)
    return response


def _shown(path: Path, name: str) -> Iterator[bytes]:
    """A file of a package piece by piece: it may be as large as hours of footage."""
    with zipfile.ZipFile(path) as package, package.open(name) as file:
        while data := file.read(CHUNK):
            yield data


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            yield data
