"""The page of one camera's live picture; its WebSocket asks for the rights (live/door.py)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.models import Account, CameraAct, ReasonKind
from madang.ground.people.public import (
    PeopleError,
    acting,
    choose_reason,
    may,
    reason_of,
    requires,
)
from madang.systems.cameras import queries
from madang.systems.cameras.domain.masks import NOTHING, have_visitors, hidden_of, seen_through
from madang.systems.cameras.live import warming
from madang.systems.cameras.live.door import stream_of
from madang.systems.cameras.models import Camera, LifeState
from madang.systems.cameras.rights import acts_open
from madang.systems.cameras.web import devices, sites
from madang.systems.cameras.web.shell import tabs


class ReasonForm(forms.Form):
    """One key is enough; only another reason than the usual needs words."""

    kind = forms.ChoiceField(choices=ReasonKind.choices)
    words = forms.CharField(max_length=200, required=False)


@requires("cameras.watch")
def live(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """The picture, or what is missing before it may be seen: a right, or a reason."""
    return _page(request, pk)


@requires("cameras.watch")
@require_POST
def reason(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Say why one looks; it holds for every camera until another is chosen."""
    if take_reason(request):
        return redirect("cameras:live", city=city, pk=pk)
    return _page(request, pk, status=422)


def take_reason(request: CityRequest) -> bool:
    """Keep the reason that a form names; whether it is one. What is wrong with it is told."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return False
    account = Account.objects.get(pk=str(request.user.pk))
    try:
        choose_reason(account, request.city, form.cleaned_data["kind"], form.cleaned_data["words"])
    except PeopleError as error:
        messages.error(request, str(error))
        return False
    return True


def _page(request: CityRequest, pk: UUID, status: int = 200) -> HttpResponse:
    found = devices.find(request, pk)
    account = acting(request).account
    acts = acts_open(account, request.city, found.site) if account else []
    chosen = reason_of(account, request.city.pk) if account else None
    opens = CameraAct.VIEW in acts
    if account and opens and chosen and status == 200:
        _warm(request, found, account)
    context: dict[str, Any] = {
        "tabs": tabs(request),
        "camera": found,
        "site": found.site,
        "address": sites.address(found.site),
        "purpose": sites.purpose(found.site),
        "opens": opens,
        "may_play": CameraAct.PLAY in acts,
        "turns": found.state == LifeState.INSTALLED and queries.turns(found.pk),
        "reason": chosen.text if chosen else "",
        "reasons": ReasonKind.choices,
    }
    return render(request, "cameras/live.html", context, status=status)


def _warm(request: CityRequest, found: Camera, account: UUID) -> None:
    """Let the picture be pulled while the page loads, as it will be shown to whoever asks."""
    which = "main" if found.main_address else "sub" if found.sub_address else ""
    if which:
        veil = seen_through(
            hidden_of([found.pk]).get(found.pk, NOTHING),
            unveiled=may(request.user, "cameras.unmask", request.city),
            coarse=(account, request.city.pk) in have_visitors([account]),
        )
        warming.soon(found.pk, stream_of(which, veil))
