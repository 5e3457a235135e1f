"""The page on which zones of a camera's picture are hidden, and shown again."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.models import CameraAct
from madang.ground.people.public import acting, may, reason_of, requires
from madang.systems.cameras import queries
from madang.systems.cameras.domain import masks
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera, Kind, MaskZone
from madang.systems.cameras.rights import acts_open
from madang.systems.cameras.steering.edges import Position
from madang.systems.cameras.web import devices, sites
from madang.systems.cameras.web.shell import tabs
from madang.systems.cameras.web.stands import place_in, place_words

MOST_ENDED = 50


class ZoneForm(forms.Form):
    """A zone: drawn on the picture by script, or its corners written down."""

    name = forms.CharField(
        label=_("What is hidden"),
        max_length=80,
        help_text=_("Windows of a home, a school's gate …"),
    )
    why = forms.CharField(label=_("Why"), max_length=300)
    corners = forms.CharField(
        label=_("Corners"),
        widget=forms.Textarea({"rows": 2, "data-mask-corners": ""}),
        help_text=_(
            "One corner after the other as x y in hundredths of the picture from its upper left,"
            " with commas between: 10 20, 40 20, 40 60"
        ),
        max_length=1000,
    )

    preset = forms.CharField(label=_("Preset"), required=False, max_length=100)
    place = forms.CharField(
        label=_("Where the head stands"),
        required=False,
        max_length=80,
        help_text=_(
            "Pan, tilt and zoom in %, as they stand below the picture: the zone lies there, and whatever the"
            " camera shows while it looks elsewhere or moves is hidden whole. Empty: it is always hidden"
            " whole."
        ),
    )

    def __init__(self, turning: bool, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        if not turning:
            del self.fields["preset"], self.fields["place"]

    def clean_place(self) -> Position | None:
        return place_in(self.cleaned_data["place"])

    def clean_corners(self) -> list[tuple[float, float]]:
        try:
            found = [one.split() for one in self.cleaned_data["corners"].split(",") if one.strip()]
            return [(float(x) / 100, float(y) / 100) for x, y in found]
        except ValueError:
            raise forms.ValidationError(
                _("Write every corner as two numbers, with commas between.")
            ) from None


class ClearForm(forms.Form):
    """That there is nothing to hide at a place."""

    why = forms.CharField(label=_("Why there is nothing to hide"), max_length=300)
    preset = forms.CharField(label=_("Preset"), required=False, max_length=100)
    place = forms.CharField(
        label=_("Where the head stands"),
        max_length=80,
        help_text=_("Pan, tilt and zoom in %, as they stand below the picture."),
    )
    prefix = "clear"

    def clean_place(self) -> Position:
        at = place_in(self.cleaned_data["place"])
        if at is None:
            raise forms.ValidationError(_("Take the camera to the preset first."))
        return at


@requires("cameras.mask")
def index(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """The zones of a camera on its picture, those before, and the form for the next."""
    found = devices.find(request, pk)
    form = ZoneForm(found.kind == Kind.TURNING, request.POST or None)
    if form.is_valid() and _drawn(request, found, form):
        return redirect(request.path)
    return _page(request, found, form)


def _drawn(request: CityRequest, found: Camera, form: ZoneForm) -> bool:
    words = form.cleaned_data
    place = {"at": words.get("place"), "preset": words.get("preset", "")}
    try:
        masks.draw_zone(
            found, acting(request), words["name"], words["why"], words["corners"], **place
        )
    except CameraError as error:
        form.add_error("corners", str(error))
        return False
    messages.success(request, _("Hidden from now on, in what was recorded too."))
    return True


@requires("cameras.mask")
@require_POST
def clear(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Say that there is nothing to hide at a place of a camera that turns."""
    found = devices.find(request, pk)
    form = ClearForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data
        try:
            masks.clear_place(found, acting(request), words["why"], words["place"], words["preset"])
        except CameraError as error:
            form.add_error("place", str(error))
        else:
            messages.success(request, _("Shown from now on while the head stands there."))
            return redirect("cameras:masks", city=city, pk=pk)
    return _page(request, found, ZoneForm(found.kind == Kind.TURNING), form)


@requires("cameras.mask")
@require_POST
def end(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Show again what a zone hid."""
    zone = get_object_or_404(MaskZone.objects.select_related("camera"), pk=pk, city=request.city)
    try:
        masks.end_zone(zone, acting(request), request.POST.get("why", ""))
    except CameraError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, say("Recorded."))
    return redirect("cameras:masks", city=city, pk=zone.camera_id)


def _place(zone: MaskZone) -> list[float] | None:
    """Where the head stood, None where the zone does not depend on it."""
    return None if zone.pan is None else [zone.pan, zone.tilt or 0.0, zone.zoom or 0.0]


def _stands(zone: MaskZone) -> str:
    """The same in words."""
    place = _place(zone)
    return "" if place is None else place_words(*place)


def _page(
    request: CityRequest, found: Camera, form: ZoneForm, clear_form: ClearForm | None = None
) -> HttpResponse:
    account = acting(request).account
    opens = account is not None and CameraAct.VIEW in acts_open(account, request.city, found.site)
    chosen = reason_of(account, request.city.pk) if account else None
    rows = MaskZone.objects.filter(camera=found).select_related("by", "ended_by")
    now = list(rows.filter(ended=None).order_by("begins"))
    context: dict[str, Any] = {
        "tabs": tabs(request),
        "camera": found,
        "site": found.site,
        "address": sites.address(found.site),
        "purpose": sites.purpose(found.site),
        "zones": [(one, _stands(one)) for one in now if not one.clear],
        "clears": [(one, _stands(one)) for one in now if one.clear],
        "drawn": json.dumps(
            [{"points": one.points, "at": _place(one), "clear": one.clear} for one in now]
        ),
        "ended": list(rows.exclude(ended=None).order_by("-ended")[:MOST_ENDED]),
        "turning": found.kind == Kind.TURNING,
        "turns": queries.turns(found.pk),
        "stream": "sub" if found.sub_address else "main" if found.main_address else "",
        "shows": opens and chosen is not None,
        "opens": opens,
        "sees_behind": may(request.user, "cameras.unmask", request.city),
        "form": form,
        "clear_form": clear_form or ClearForm(),
    }
    wrong = form.errors or (clear_form and clear_form.errors)
    return render(request, "cameras/masks.html", context, status=422 if wrong else 200)
