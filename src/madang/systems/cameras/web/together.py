"""The page on which several cameras are played back in step: one clock, one timeline a camera."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.models import Account, CameraAct, ReasonKind
from madang.ground.people.public import acting, read_camera_rights, reason_of, requires
from madang.systems.cameras import net, queries
from madang.systems.cameras.models import Camera, LifeState
from madang.systems.cameras.recorders.held import reach_of
from madang.systems.cameras.rights import facts_of
from madang.systems.cameras.web import sites
from madang.systems.cameras.web.live import take_reason
from madang.systems.cameras.web.playback import asked_moment, milliseconds, opening
from madang.systems.cameras.web.shell import tabs

MOST, AROUND = 4, 12


@requires("cameras.play")
def together(request: CityRequest, city: str) -> HttpResponse:
    """Up to MOST cameras (?camera=…), from a moment (?at=…) on, and those around to add."""
    return _page(request)


@requires("cameras.play")
@require_POST
def reason(request: CityRequest, city: str) -> HttpResponse:
    """Say why one looks, and go on to the same cameras."""
    if not take_reason(request):
        return _page(request, status=422)
    words = [("camera", str(one)) for one in _chosen(request)]
    words += [("at", at) for at in request.GET.getlist("at")[:1]]
    return redirect(f"{reverse('cameras:together', kwargs={'city': city})}?{urlencode(words)}")


def _page(request: CityRequest, status: int = 200) -> HttpResponse:
    account = acting(request).account
    chosen = reason_of(account, request.city.pk) if account else None
    found = _cameras(request)
    open_ = [one for one in found if _opens(request, one)]
    ready = [one for one in open_ if _kept(one.pk).begins]
    again = reverse("cameras:together_reason", kwargs={"city": request.city.key})
    context: dict[str, Any] = {
        "tabs": tabs(request),
        "found": ready,
        "left_out": [one for one in found if one not in ready],
        "reason": chosen.text if chosen else "",
        "reasons": ReasonKind.choices,
        "action": f"{again}?{request.GET.urlencode()}",
        "boot": _boot(request, ready) if chosen and ready else None,
    }
    return render(request, "cameras/together.html", context, status=status)


def _chosen(request: CityRequest) -> list[UUID]:
    found: list[UUID] = []
    for words in request.GET.getlist("camera"):
        try:
            pk = UUID(words)
        except ValueError:
            continue
        if pk not in found:
            found.append(pk)
    return found[:MOST]


def _cameras(request: CityRequest) -> list[Camera]:
    chosen = _chosen(request)
    rows = Camera.objects.filter(city=request.city, pk__in=chosen).select_related("site__data_set")
    known = {one.pk: one for one in rows}
    return [known[pk] for pk in chosen if pk in known]


def _opens(request: CityRequest, camera: Camera) -> bool:
    assert isinstance(request.user, Account)
    facts, now = facts_of(request.city, camera.site), timezone.now()
    rights = read_camera_rights(request.user.pk)
    return rights.by(facts, CameraAct.PLAY.value, now) is not None


def _boot(request: CityRequest, ready: list[Camera]) -> dict[str, Any]:
    kept = {one.pk: _kept(one.pk) for one in ready}
    oldest = min(one.begins for one in kept.values() if one.begins)
    newest = max(one.ends for one in kept.values() if one.ends)
    return {
        **opening(request),
        "cameras": [_said(one) for one in ready],
        "around": _around(request, ready) if len(ready) < MOST else [],
        "page": reverse("cameras:together", kwargs={"city": request.city.key}),
        "at": milliseconds(asked_moment(request)),
        "oldest": milliseconds(oldest),
        "newest": milliseconds(newest),
    }


def _kept(camera: UUID) -> queries.Kept:
    """What there is of it, here or on a recorder of the city."""
    return reach_of(camera, queries.kept(camera))


def _said(camera: Camera) -> dict[str, Any]:
    return {"id": str(camera.pk), "key": camera.key, "address": sites.address(camera.site)}


def _around(request: CityRequest, ready: list[Camera]) -> list[dict[str, Any]]:
    """Cameras around the first that were recorded and may be played back, too."""
    site, shown = ready[0].site, {one.pk for one in ready}
    found: list[dict[str, Any]] = []
    for caught in net.cast_net(request.city, site.lon, site.lat, 64):
        camera = caught.camera
        if camera.pk in shown or camera.state == LifeState.PLANNED or len(found) == AROUND:
            continue
        if _kept(camera.pk).begins and _opens(request, camera):
            found.append({**_said(camera), "metres": round(caught.metres)})
    return found
