"""Faults of cameras: what is open in the city, reporting one, ending it."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, requires
from madang.ground.web.tables import Column, Filter, Listing
from madang.systems.cameras.domain.life import end_fault, report_fault
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Fault, Wrong
from madang.systems.cameras.web import devices, sites
from madang.systems.cameras.web.shell import tabs


class EndForm(forms.Form):
    mended = forms.CharField(label=_("What was done"), max_length=300)


FAULTS: Listing[Fault] = Listing(
    "camera-faults",
    _("Faults"),
    columns=(
        Column("camera", _("Camera"), lambda one: devices.link(one.camera), sort="camera__key"),
        Column("what", _("What is wrong"), lambda one: Wrong(one.what).label, sort="what"),
        Column("words", _("In words"), lambda one: one.words or "–"),
        Column("address", _("Address"), lambda one: sites.address(one.camera.site)),
        Column("began", _("Since"), lambda one: one.began, sort="began"),
        Column("ended", _("Until"), lambda one: one.ended or "–", sort="ended"),
    ),
    filters=(
        Filter(
            "what",
            _("What is wrong"),
            lambda rows, key: rows.filter(what=key),
            lambda: list(Wrong.choices),
        ),
        Filter(
            "state",
            _("State"),
            lambda rows, key: rows.filter(ended__isnull=key == "open"),
            lambda: [("open", _("Open")), ("ended", _("Ended"))],
        ),
    ),
    order="-began",
    empty=_("No fault of a camera was reported."),
    provenance=lambda one: "reported",
)


@requires("cameras.register")
def index(request: CityRequest, city: str) -> HttpResponseBase:
    """Faults of the city's cameras, the newest first."""
    rows = Fault.objects.filter(city=request.city).select_related(
        "camera__site__data_set", "camera__city"
    )
    table = FAULTS.read(request, rows)
    context = {"table": table, "tabs": tabs(request)}
    return table.download or render(request, "cameras/faults.html", context)


@requires("cameras.report")
@require_POST
def report(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Report that something is wrong with a camera."""
    found = devices.find(request, pk)
    form = devices.FaultForm(request.POST)
    if not form.is_valid():
        return devices.page(request, found, fault_form=form)
    report_fault(found, form.cleaned_data["what"], form.cleaned_data["words"], acting(request))
    messages.success(request, say("Recorded."))
    return redirect("cameras:camera", city=city, pk=pk)


@requires("cameras.report")
@require_POST
def end(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Say that a fault is mended."""
    fault = get_object_or_404(Fault.objects.select_related("camera"), city=request.city, pk=pk)
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            end_fault(fault, form.cleaned_data["mended"], acting(request))
        except CameraError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, say("Recorded."))
    else:
        messages.error(request, say("Say in a few words what was done."))
    return redirect("cameras:camera", city=city, pk=fault.camera_id)
