"""ONVIF devices and recorders: added by their address, asked for their channels, taken into the register."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, requires
from madang.ground.trail.public import Act, record
from madang.ground.web.tables import Badge, Column, Filter, Link, Listing
from madang.systems.cameras import tasks
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import DeviceState, OnvifChannel, OnvifDevice
from madang.systems.cameras.onvif.probing import Found, interfaces, probe
from madang.systems.cameras.onvif.talk import OnvifError
from madang.systems.cameras.recorders import devices, taking
from madang.systems.cameras.web.shell import tabs

STATES = {
    DeviceState.ASKING: "info",
    DeviceState.OK: "ok",
    DeviceState.REFUSED: "attention",
    DeviceState.FAILED: "down",
}
FIELD = "channel-"  # before a channel's id in the form that takes channels over
CLOCK_RIGHT = 5.0  # seconds


class AccessForm(forms.Form):
    user = forms.CharField(
        label=_("User"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("It is kept encrypted and never shown."),
    )


class DeviceForm(AccessForm):
    address = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("Its host, as 10.0.0.20, or the address of its ONVIF service."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        required=False,
        help_text=_("What people here call it. Empty: maker and model."),
    )
    field_order = ("address", "user", "password", "name")


class SearchForm(forms.Form):
    interface = forms.ChoiceField(
        label=_("Network"), help_text=_("An address of this server; devices of its network answer.")
    )

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        field: Any = self.fields["interface"]
        field.choices = [(address, f"{address} · {name}") for address, name in interfaces()]


def rows_of(request: CityRequest) -> QuerySet[OnvifDevice]:
    """The city's devices with how many channels they have, and how many of them are cameras."""
    rows = OnvifDevice.objects.filter(city=request.city).select_related("city")
    here = Q(channels__gone=None)
    return rows.annotate(
        named=Count("channels", filter=here),
        taken=Count("channels", filter=here & ~Q(channels__camera=None)),
    )


def state_badge(one: OnvifDevice) -> Badge:
    return Badge(DeviceState(one.state).label, STATES[DeviceState(one.state)])


def clock(one: OnvifDevice) -> object:
    """How far the device's clock is off, in words; None where it does not say."""
    if one.skew is None:
        return None
    if abs(one.skew) <= CLOCK_RIGHT:
        return _("accurate")
    off = span_words(timedelta(seconds=abs(round(one.skew))))
    return (_("%s ahead") if one.skew > 0 else _("%s behind")) % off


def span_words(span: timedelta) -> str:
    """A length of time by its largest unit."""
    if days := span.days:
        return ngettext("%d day", "%d days", days) % days
    if hours := span.seconds // 3600:
        return ngettext("%d hour", "%d hours", hours) % hours
    if minutes := span.seconds // 60:
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    return ngettext("%d second", "%d seconds", span.seconds) % span.seconds


def _link(one: OnvifDevice) -> Link:
    return Link(str(one), reverse("cameras:recorder", kwargs={"city": one.city.key, "pk": one.pk}))


DEVICES: Listing[Any] = Listing(
    "onvif-devices",
    _("Recorders"),
    columns=(
        Column("name", _("Device"), _link, sort="name"),
        Column("state", _("State"), state_badge, sort="state"),
        Column(
            "model", _("Maker and model"), lambda one: f"{one.maker} {one.model}".strip() or None
        ),
        Column("address", _("ONVIF address"), lambda one: one.address, under="name"),
        Column("channels", _("Channels"), lambda one: one.named, sort="named", number=True),
        Column("taken", _("Cameras"), lambda one: one.taken, sort="taken", number=True),
        Column("clock", _("Its clock"), clock),
        Column("contact", _("Last contact"), lambda one: one.contact, sort="contact"),
    ),
    filters=(
        Filter(
            "q",
            _("Name, address or serial number"),
            lambda rows, words: rows.filter(
                Q(name__icontains=words)
                | Q(address__icontains=words)
                | Q(serial__icontains=words)
                | Q(model__icontains=words)
            ),
        ),
        Filter(
            "state",
            _("State"),
            lambda rows, key: rows.filter(state=key),
            lambda: list(DeviceState.choices),
        ),
    ),
    order="name",
    empty=_("No ONVIF device is known yet. Add one by its address."),
    provenance=lambda one: "reported",
)


@requires("cameras.manage")
def index(request: CityRequest, city: str) -> HttpResponseBase:
    """Every device with how it does."""
    table = DEVICES.read(request, rows_of(request))
    context = {"table": table, "tabs": tabs(request)}
    return table.download or render(request, "cameras/recorders.html", context)


@requires("cameras.manage")
def new(request: CityRequest, city: str) -> HttpResponse:
    """Add a device; it is asked by a job, for one of hundreds of channels takes longer than a page."""
    given = {"address": request.GET.get("address", "")}
    form = DeviceForm(request.POST or None, initial=given)
    if form.is_valid():
        try:
            with transaction.atomic():
                made = devices.add_device(request.city, acting(request), **form.cleaned_data)
                tasks.ask_device.defer(device=str(made.pk))
        except CameraError as error:
            form.add_error("address", str(error))
        else:
            return redirect("cameras:recorder", city=city, pk=made.pk)
    context = {"tabs": tabs(request), "form": form}
    status = 422 if form.errors else 200
    return render(request, "cameras/recorder_new.html", context, status=status)


@requires("cameras.manage")
def found(request: CityRequest, city: str) -> HttpResponse:
    """Devices that answer on a network of this server's: looked for when asked, for three seconds."""
    form = SearchForm(request.POST or None)
    context: dict[str, Any] = {"tabs": tabs(request), "form": form, "rows": None}
    if form.is_valid():
        interface = form.cleaned_data["interface"]
        try:
            context["rows"] = _met(request, probe(interface))
        except OnvifError as error:
            form.add_error("interface", str(error))
        detail = {"interface": interface, "found": len(context["rows"] or [])}
        record(acting(request), Act("cameras.searched", city=request.city.pk, detail=detail))
    status = 422 if form.errors else 200
    return render(request, "cameras/recorders_found.html", context, status=status)


def _met(request: CityRequest, heard: list[Found]) -> list[dict[str, Any]]:
    """What answered, each with the device that it is where it is known."""
    rows = list(OnvifDevice.objects.filter(city=request.city))
    by_endpoint = {one.endpoint: one for one in rows if one.endpoint}
    by_address = {one.address: one for one in rows}
    return [
        {"found": one, "known": by_endpoint.get(one.endpoint) or by_address.get(one.address)}
        for one in sorted(heard, key=lambda one: (one.name, one.address))
    ]


@requires("cameras.manage")
def recorder(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """One device: what it says of itself, its channels, and which camera each is."""
    found = rows_of(request).filter(pk=pk).first()
    if found is None:
        messages.info(
            request, _("This device was forgotten, or it was known already by another address.")
        )
        return redirect("cameras:recorders", city=city)
    if "HX-Request" in request.headers and "HX-Boosted" not in request.headers:
        # A page on which it is being asked looks whether it was.
        asked = found.state != DeviceState.ASKING
        return HttpResponse(status=204, headers={"HX-Refresh": "true"} if asked else {})
    return _page(request, found)


def _find(request: CityRequest, pk: UUID) -> OnvifDevice:
    return get_object_or_404(rows_of(request), pk=pk)


def _page(
    request: CityRequest, found: OnvifDevice, status: int = 200, **given: Any
) -> HttpResponse:
    guessed = taking.suggestions(found)
    written: dict[UUID, str] = given.get("written", guessed)
    channels = list(found.channels.select_related("camera__site__data_set").order_by("number"))
    rows = [
        {"channel": one, "guess": written.get(one.pk, ""), "holds": one.recording != ""}
        for one in channels
    ]
    context = {
        "tabs": tabs(request),
        "device": found,
        "state": state_badge(found),
        "asking": found.state == DeviceState.ASKING,
        "facts": _facts(found),
        "rows": rows,
        "open": sum(one.camera is None and one.gone is None for one in channels),
        "field": FIELD,
        "access": given.get("access", AccessForm(initial={"user": found.user})),
        "wrong": given.get("wrong", ""),
    }
    return render(request, "cameras/recorder.html", context, status=status)


def _facts(one: OnvifDevice) -> list[tuple[object, object]]:
    kept = (
        _("Played here") if one.replays else _("Found, not played") if one.searches else _("None")
    )
    return [
        (_("ONVIF address"), one.address),
        (_("Maker and model"), f"{one.maker} {one.model}".strip() or None),
        (_("Firmware"), one.firmware or None),
        (_("Serial number"), one.serial or None),
        (_("Network address (MAC)"), one.mac or None),
        (_("Its clock"), clock(one)),
        (_("Its own recordings"), kept if one.contact else None),
        (_("Last contact"), one.contact),
    ]


@requires("cameras.manage")
@require_POST
def ask(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Ask a device anew."""
    found = _find(request, pk)
    with transaction.atomic():
        devices.begin_asking(found)
        tasks.ask_device.defer(device=str(found.pk))
    return redirect("cameras:recorder", city=city, pk=pk)


@requires("cameras.manage")
@require_POST
def access(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Other user and password, for the device and its cameras."""
    found, form = _find(request, pk), AccessForm(request.POST)
    if not form.is_valid():
        return _page(request, found, 422, access=form)
    words = form.cleaned_data
    with transaction.atomic():
        devices.change_access(found, acting(request), words["user"], words["password"])
        tasks.ask_device.defer(device=str(found.pk))
    messages.success(request, _("Recorded."))
    return redirect("cameras:recorder", city=city, pk=pk)


@requires("cameras.manage")
@require_POST
def take(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Let channels be the cameras that are written beside them: all of them, or none."""
    found = _find(request, pk)
    open_ = found.channels.filter(camera=None, gone=None).values_list("pk", flat=True)
    written = {one: request.POST.get(f"{FIELD}{one}", "").strip()[:80] for one in open_}
    chosen = {one: key for one, key in written.items() if key}
    if not chosen:
        return _page(request, found, 422, wrong=_("Write a number beside at least one channel."))
    try:
        made = taking.take_over(found, acting(request), chosen)
    except CameraError as error:
        return _page(request, found, 422, wrong=str(error), written=written)
    words = ngettext(
        "%d channel is in the register.", "%d channels are in the register.", len(made)
    )
    messages.success(request, words % len(made))
    return redirect("cameras:recorder", city=city, pk=pk)


@requires("cameras.manage")
@require_POST
def let_go(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """A channel was taken for the wrong camera."""
    channel = get_object_or_404(
        OnvifChannel.objects.select_related("camera__city"), pk=pk, city=request.city
    )
    taking.let_go(channel, acting(request))
    messages.success(request, _("Recorded."))
    return redirect("cameras:recorder", city=city, pk=channel.device_id)


@requires("cameras.manage")
@require_POST
def forget(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Ask it no more; its cameras stay as they are."""
    devices.forget_device(_find(request, pk), acting(request))
    messages.success(request, _("Forgotten. Its cameras stay in the register as they are."))
    return redirect("cameras:recorders", city=city)
