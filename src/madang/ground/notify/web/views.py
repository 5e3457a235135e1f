"""What I was told in this city."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from madang.ground.city.web.middleware import CityRequest
from madang.ground.notify.domain.telling import mark_read
from madang.ground.notify.models import Notice
from madang.ground.people.models import Account
from madang.ground.people.public import requires
from madang.ground.web.registry import Inbox

SHOWN = 100
COUNTED = 99


@require_safe
@requires("notify.read")
def index(request: CityRequest, city: str) -> HttpResponse:
    """The latest notices to me, each with what became of its letter."""
    told = Notice.objects.filter(account=request.user.pk, city=request.city).order_by("-made")
    unread = any(one.read is None for one in told[:SHOWN])
    return render(request, "notify/index.html", {"notices": told[:SHOWN], "unread": unread})


@require_POST
@requires("notify.read")
def read(request: CityRequest, city: str) -> HttpResponse:
    """All of them are read."""
    assert isinstance(request.user, Account)
    mark_read(request.user, request.city)
    return redirect("notify:index", city=city)


def inbox(request: HttpRequest) -> Inbox | None:
    """How many notices this person has not read in the city of the page."""
    city = getattr(request, "city", None)
    if city is None or not request.user.is_authenticated:
        return None
    unread = Notice.objects.filter(account=request.user.pk, city=city, read=None)
    url = reverse("notify:index", kwargs={"city": city.key})
    return Inbox(unread[: COUNTED + 1].count(), url)
