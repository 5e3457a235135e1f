"""Cameras of the register: the list, one camera with its health and life, and the form that changes it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_POST

from madang.ground.city.models import City
from madang.ground.city.web.middleware import CityRequest
from madang.ground.measure import Measure
from madang.ground.people.models import Organisation
from madang.ground.people.public import acting, may, requires
from madang.ground.people.web.forms import OrganisationChoice
from madang.ground.web.tables import Badge, Column, Filter, Link, Listing
from madang.systems.cameras import queries
from madang.systems.cameras.domain import devices as domain
from madang.systems.cameras.domain.life import NEXT, step
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Camera, Fault, Kind, LifeState, Recording, Site
from madang.systems.cameras.rights import acts_open
from madang.systems.cameras.troubles import in_words, parts
from madang.systems.cameras.web import sites
from madang.systems.cameras.web.shell import tabs

STREAMS = {
    "live": (_("Streaming"), "ok"),
    "ailing": (_("Trouble"), "attention"),
    "idle": (_("Not watched"), "empty"),
    "none": (_("No address"), "empty"),
}
RECORDING = {
    Recording.OFF: "empty",
    Recording.ON: "ok",
    Recording.WAITING: "attention",
    Recording.FULL: "down",
}
STATES = {
    LifeState.PLANNED: "info",
    LifeState.INSTALLED: "ok",
    LifeState.REPAIR: "attention",
    LifeState.REMOVED: "empty",
}


class CameraForm(forms.ModelForm):  # type: ignore[type-arg]
    contractor = OrganisationChoice(
        label=_("Contractor"), queryset=Organisation.objects.none(), required=False
    )
    password = forms.CharField(
        label=_("Password at the camera"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=_("Empty: the one before stays. It is kept encrypted and never shown."),
    )
    forget = forms.BooleanField(label=_("The camera has no password"), required=False)

    class Meta:
        model = Camera
        fields = list(domain.FIELDS)

    def __init__(self, city: City, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        field: Any = self.fields["contractor"]
        field.queryset = Organisation.objects.filter(city=city, kind="contractor").order_by("key")


class StepForm(forms.Form):
    state = forms.ChoiceField(label=_("Step"))
    words = forms.CharField(label=_("Why"), max_length=300)

    def __init__(self, state: str, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        field: Any = self.fields["state"]
        field.choices = [(one.value, one.label) for one in NEXT[state]]


class FaultForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Fault
        fields = ["what", "words"]


def link(one: Camera) -> Link:
    return Link(one.key, reverse("cameras:camera", kwargs={"city": one.city.key, "pk": one.pk}))


def stream_badge(one: Camera) -> Badge:
    title, level = STREAMS[queries.stream_state(one)]
    return Badge(title, level)


def state_badge(one: Camera) -> Badge:
    return Badge(LifeState(one.state).label, STATES[LifeState(one.state)])


def recording_badge(one: Camera) -> Badge:
    state = Recording(queries.recording_state(one))
    return Badge(state.label, RECORDING[state])


def kept_badge(one: Camera) -> Badge:
    """How it is recorded, here or by a recorder of the city."""
    if not one.records and queries.on_recorder(one.pk):
        return Badge(_("On the recorder"), "ok")
    return recording_badge(one)


def fault_badge(one: Any) -> Badge | str:
    return Badge(_("Faulty"), "attention") if one.faulty else "–"


def frames(one: Camera) -> Measure | str:
    health: Any = getattr(one, "health", None)
    if health is None or health.fps is None:
        return "–"
    return Measure(value=round(health.fps, 1), unit="/s", time=health.at)


def _search(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    return rows.filter(queries.called(words))


def _listing(request: CityRequest) -> Listing[Camera]:
    return Listing(
        "cameras",
        _("Cameras"),
        columns=(
            Column("key", _("Camera"), link, sort="key"),
            Column("address", _("Address"), lambda one: sites.address(one.site)),
            Column(
                "purpose", _("Purpose"), lambda one: sites.purpose(one.site), sort="site__purpose"
            ),
            Column("kind", _("Kind"), lambda one: Kind(one.kind).label, sort="kind"),
            Column("bearing", _("Bearing"), bearing, sort="bearing", number=True),
            Column("state", _("State"), state_badge, sort="state"),
            Column("stream", pgettext_lazy("camera", "Stream"), stream_badge),
            Column("recording", pgettext_lazy("camera", "Recording"), recording_badge),
            Column("fps", _("Frames a second"), frames, number=True),
            Column("faulty", _("Faults"), fault_badge),
        ),
        filters=(
            Filter("q", _("Number or address"), _search),
            Filter(
                "purpose",
                _("Purpose"),
                lambda rows, key: rows.filter(site__purpose=key),
                sites.purposes,
            ),
            Filter(
                "district",
                _("District"),
                lambda rows, key: rows.filter(site__in=queries.sites_in(request.city, key)),
                lambda: queries.district_choices(request.city),
            ),
            Filter(
                "state",
                _("State"),
                lambda rows, key: rows.filter(state=key),
                lambda: list(LifeState.choices),
            ),
            Filter(
                "recorded",
                pgettext_lazy("camera", "Recording"),
                lambda rows, key: rows.filter(records=key == "yes"),
                lambda: [("yes", _("Recorded here")), ("no", Recording.OFF.label)],
            ),
            Filter(
                "wrong",
                _("Faults"),
                lambda rows, key: rows.filter(faulty=key == "yes"),
                lambda: [("yes", _("With a fault")), ("no", _("Without"))],
            ),
        ),
        order="key",
        empty=_("No camera is recorded yet."),
        point=lambda one: (one.site.lon, one.site.lat),
        provenance=lambda one: "simulated" if one.simulated else "reported",
    )


def bearing(one: Camera) -> Measure:
    return Measure(value=one.bearing, unit="deg", provenance="reported")


@requires("cameras.register")
def index(request: CityRequest, city: str) -> HttpResponseBase:
    """Every camera, found by number, address, purpose, district, state and fault."""
    table = _listing(request).read(request, queries.cameras(request.city.pk))
    context = {"table": table, "tabs": tabs(request)}
    return table.download or render(request, "cameras/devices.html", context)


@requires("cameras.register")
def camera(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """One camera: what is recorded of it, how its stream is, what happened to it."""
    return page(request, find(request, pk))


def find(request: CityRequest, pk: UUID) -> Camera:
    rows = queries.cameras(request.city.pk).select_related("contractor")
    return get_object_or_404(rows, pk=pk)


def page(request: CityRequest, found: Camera, **given: Any) -> HttpResponse:
    """The camera's page, with a form that was not taken where one is given."""
    keeps = may(request.user, "cameras.manage", request.city)
    steps = StepForm(found.state) if keeps and NEXT[found.state] else None
    account = acting(request).account
    report = FaultForm() if may(request.user, "cameras.report", request.city) else None
    context = {
        "tabs": tabs(request),
        "camera": found,
        "site": found.site,
        "address": sites.address(found.site),
        "state": state_badge(found),
        "stream": stream_badge(found),
        "facts": facts(found),
        "streams": stream_facts(found),
        "steps": found.steps.select_related("by").order_by("-at")[:50],
        "faults": found.faults.select_related("by").order_by("-began")[:50],
        "acts": acts_open(account, request.city, found.site) if account else [],
        "may_manage": keeps,
        "may_bound": queries.turns(found.pk)
        and may(request.user, "cameras.steering", request.city),
        "may_watch": may(request.user, "cameras.watch", request.city),
        "may_play": may(request.user, "cameras.play", request.city),
        "may_mask": may(request.user, "cameras.mask", request.city),
        "step_form": given.get("step_form", steps),
        "fault_form": given.get("fault_form", report),
    }
    return render(request, "cameras/camera.html", context, status=422 if given else 200)


def facts(one: Camera) -> list[tuple[object, object]]:
    """What is recorded of a camera, None where nobody knows."""
    pixels = f"{one.width} × {one.height}" if one.width and one.height else None
    return [
        (_("Kind"), Kind(one.kind).label),
        (_("Installation purpose"), sites.purpose(one.site)),
        (_("Legal basis"), one.site.get_basis_display() or None),
        (_("Control domain"), one.site.get_domain_display() or None),
        (_("Bearing"), bearing(one)),
        (_("Angle of view"), Measure(value=one.angle, unit="deg", provenance="reported")),
        (_("Range"), Measure(value=one.range, unit="m", provenance="reported")),
        (_("Pixels"), pixels),
        (_("Kept"), Measure(value=domain.days_kept(one), unit="d", provenance="reported")),
        (pgettext_lazy("camera", "Recording"), kept_badge(one)),
        (_("Contractor"), one.contractor.name("ko") if one.contractor else None),
    ]


def stream_facts(one: Camera) -> list[tuple[object, object]]:
    """How its stream is, as the intake measured it."""
    health: Any = getattr(one, "health", None)
    if health is None:
        return []
    rate = round(health.bits / 1000) if health.bits is not None else None
    size = f"{health.width} × {health.height}" if health.width else None
    return [
        (_("Frames a second"), frames(one)),
        (_("Bit rate"), Measure(value=rate, unit="kbit/s", time=health.at)),
        (_("Codec it sends"), {"h264": "H.264", "hevc": "H.265"}.get(health.codec) or None),
        (_("Pixels it sends"), size),
        (_("Last packet"), health.packet),
        (_("Lost connections"), health.errors),
        (_("What went wrong"), in_words(health.error) or "–"),
        *_as_said(health.error),
    ]


def _as_said(noted: str) -> list[tuple[object, object]]:
    """The words that a trouble came with, for whoever looks into it."""
    kind, said = parts(noted)
    return [(_("As it was reported"), said)] if kind else []


@requires("cameras.manage")
def change(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """The form that changes what is recorded of a camera."""
    found = find(request, pk)
    form = CameraForm(request.city, request.POST or None, instance=find(request, pk))
    if form.is_valid() and _taken(request, form, found):
        messages.success(request, say("Recorded."))
        return redirect("cameras:camera", city=city, pk=pk)
    context = {"tabs": tabs(request), "camera": found, "form": form}
    return render(request, "cameras/change.html", context, status=422 if form.errors else 200)


def _taken(request: CityRequest, form: CameraForm, found: Camera) -> bool:
    values = {name: form.cleaned_data[name] for name in domain.FIELDS}
    password = "" if form.cleaned_data["forget"] else form.cleaned_data["password"] or None
    try:
        domain.change_camera(found, acting(request), values, password)
    except CameraError as error:
        form.add_error(None, str(error))
        return False
    return True


@requires("cameras.manage")
@require_POST
def take_step(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """The next step in a camera's life."""
    found = find(request, pk)
    form = StepForm(found.state, request.POST)
    if form.is_valid():
        try:
            step(found, form.cleaned_data["state"], form.cleaned_data["words"], acting(request))
        except CameraError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, say("Recorded."))
            return redirect("cameras:camera", city=city, pk=pk)
    return page(request, found, step_form=form)


@requires("cameras.manage")
@require_POST
def plan(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Plan one more camera on a site's pole."""
    site = get_object_or_404(Site, city=request.city, pk=pk)
    planned = domain.plan_camera(site, acting(request))
    return redirect("cameras:change", city=city, pk=planned.pk)


@requires("cameras.manage")
@require_POST
def record_all(request: CityRequest, city: str) -> HttpResponse:
    """Record a camera for each that the register counts and that has no entry yet."""
    made = domain.record_counted(request.city, acting(request))
    words = ngettext("%d camera was recorded.", "%d cameras were recorded.", made) % made
    messages.success(request, words)
    return redirect("cameras:cameras", city=city)
