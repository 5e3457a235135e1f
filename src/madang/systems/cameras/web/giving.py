"""Requests for footage that leaves the centre: entered, spans named and checked, decided by another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.models import CameraAct
from madang.ground.people.public import acting, may, reason_of, requires
from madang.ground.people.web.forms import MomentInput
from madang.ground.privacy.public import find_footage_request, granted_footage
from madang.ground.web.tables import Badge, Column, Filter, Link, Listing
from madang.systems.cameras import queries
from madang.systems.cameras.domain.masks import NOTHING, hidden_of
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.giving import steps
from madang.systems.cameras.giving.gaps import gaps_of, segments_of
from madang.systems.cameras.giving.moving import read_tracks, write_tracks
from madang.systems.cameras.models import Deed, Giving, GivingBasis, GivingSpan, GivingState
from madang.systems.cameras.recorders.wanted import failure_of, missing
from madang.systems.cameras.rights import right_to
from madang.systems.cameras.web import sites
from madang.systems.cameras.web.collecting import videos
from madang.systems.cameras.web.shell import tabs

STATES = {
    GivingState.DRAFT: "info",
    GivingState.CHECKED: "attention",
    GivingState.REFUSED: "empty",
    GivingState.APPROVED: "info",
    GivingState.FAILED: "down",
    GivingState.PACKED: "ok",
    GivingState.COLLECTED: "ok",
    GivingState.DESTROYED: "empty",
}
LIMITS = _(
    "For the purpose above only; no copy to others; kept locked; destroyed when it is not needed any"
    " more, and its destruction reported to us."
)


class GivingForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Giving
        fields = (
            "deed",
            "basis",
            "clause",
            "request",
            "receiver",
            "document",
            "purpose",
            "items",
            "limits",
        )
        widgets = {"limits": forms.Textarea({"rows": 3}), "request": forms.Select()}

    def __init__(self, city: UUID, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        granted = [
            (one.number, f"{one.number} · {one.place}"[:80]) for one in granted_footage(city)
        ]
        field: Any = self.fields["request"]
        field.widget.choices = [("", "–"), *granted]
        self.initial.setdefault("limits", str(LIMITS))
        self.initial.setdefault("items", str(_("Video: faces, figures, number plates")))


class SpanForm(forms.Form):
    camera = forms.CharField(
        label=_("Camera"), max_length=80, help_text=_("Its management number, as CCTV-00012-1.")
    )
    begins = forms.DateTimeField(label=_("From"), widget=MomentInput())
    ends = forms.DateTimeField(label=_("Until"), widget=MomentInput())


def state_badge(one: Giving) -> Badge:
    return Badge(GivingState(one.state).label, STATES[GivingState(one.state)])


def _link(one: Giving) -> Link:
    return Link(str(one), reverse("cameras:giving", kwargs={"city": one.city.key, "pk": one.pk}))


GIVINGS: Listing[Giving] = Listing(
    "footage-given",
    _("Footage given"),
    columns=(
        Column("number", _("Number"), _link, sort="number"),
        Column("state", _("State"), state_badge, sort="state"),
        Column("deed", _("Viewing, giving or export"), lambda one: one.get_deed_display()),
        Column("basis", _("Legal basis"), lambda one: one.get_basis_display()),
        Column("receiver", _("Who receives it"), lambda one: one.receiver),
        Column("purpose", _("Purpose of the giving"), lambda one: one.purpose),
        Column("prepared", _("Prepared"), lambda one: one.prepared, sort="prepared"),
        Column("collected", _("Collected"), lambda one: one.collected or "–", sort="collected"),
    ),
    filters=(
        Filter(
            "state",
            _("State"),
            lambda rows, key: rows.filter(state=key),
            lambda: list(GivingState.choices),
        ),
        Filter(
            "basis",
            _("Legal basis"),
            lambda rows, key: rows.filter(basis=key),
            lambda: list(GivingBasis.choices),
        ),
    ),
    order="-number",
    empty=_("No footage was asked for to leave the centre."),
    provenance=lambda one: "reported",
)


@requires("cameras.give")
def index(request: CityRequest, city: str) -> HttpResponseBase:
    """What was asked for, the newest first."""
    rows = Giving.objects.filter(city=request.city).select_related("city")
    table = GIVINGS.read(request, rows)
    context = {"table": table, "tabs": tabs(request)}
    return table.download or render(request, "cameras/givings.html", context)


@requires("cameras.give")
def new(request: CityRequest, city: str) -> HttpResponse:
    """Enter a request for footage."""
    form = GivingForm(request.city.pk, request.POST or None)
    if form.is_valid():
        try:
            made = steps.open_giving(acting(request), request.city, **form.cleaned_data)
        except CameraError as error:
            form.add_error(None, str(error))
        else:
            return redirect("cameras:giving", city=city, pk=made.pk)
    status = 422 if form.errors else 200
    return render(
        request, "cameras/giving_new.html", {"form": form, "tabs": tabs(request)}, status=status
    )


@requires("cameras.give")
def giving(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """One request, its spans with what is missing of them, and the next step."""
    found = _find(request, pk)
    form = SpanForm(request.POST or None) if found.state == GivingState.DRAFT else None
    if form is not None and form.is_valid() and _added(request, found, form):
        return redirect(request.path)
    return page(request, found, form)


def _find(request: CityRequest, pk: UUID) -> Giving:
    rows = Giving.objects.select_related("city", "prepared_by", "decided_by", "reported_by")
    return get_object_or_404(rows, pk=pk, city=request.city)


def _added(request: CityRequest, found: Giving, form: SpanForm) -> bool:
    words, actor = form.cleaned_data, acting(request)
    camera = queries.cameras(request.city.pk).filter(key=words["camera"].strip()).first()
    if camera is None:
        form.add_error("camera", _("No camera has this number."))
        return False
    right = right_to(actor.account, request.city, camera.site, CameraAct.EXPORT)
    if right is None:
        form.add_error("camera", _("No scope or grant lets you take footage of this camera out."))
        return False
    try:
        steps.add_span(found, actor, camera, words["begins"], words["ends"], right)
    except CameraError as error:
        form.add_error(None, str(error))
        return False
    return True


def page(
    request: CityRequest, found: Giving, form: SpanForm | None, word: str = "", status: int = 200
) -> HttpResponse:
    """word: of the address at which it is collected, shown once."""
    spans = list(found.spans.select_related("camera__site", "camera__city").order_by("begins"))
    decides = may(request.user, "cameras.decide_giving", request.city)
    mine = acting(request).account == found.prepared_by_id
    there = found.state in (GivingState.PACKED, GivingState.COLLECTED) and decides
    path = (
        reverse("cameras:collect", kwargs={"city": request.city.key, "word": word}) if word else ""
    )
    context = {
        "tabs": tabs(request),
        "giving": found,
        "state": state_badge(found),
        "asked": find_footage_request(request.city.pk, found.request) if found.request else None,
        "spans": [_said(one, found, _plays(request, one)) for one in spans],
        "form": form,
        "may_check": found.state == GivingState.DRAFT and bool(spans),
        "may_decide": found.state == GivingState.CHECKED and decides and not mine,
        "waits_for_another": found.state == GivingState.CHECKED and mine,
        "may_hand_out": there and found.deed != Deed.VIEWING,
        "videos": videos(found) if there and found.deed == Deed.VIEWING else [],
        "may_repeat": found.state == GivingState.FAILED and decides,
        "may_report": found.collected and found.deed != Deed.VIEWING and not found.reported,
        "address": request.build_absolute_uri(path) if path else "",
        "today": timezone.localdate(),
    }
    if form is not None and form.errors:
        status = 422
    return render(request, "cameras/giving.html", context, status=status)


def _plays(request: CityRequest, span: GivingSpan) -> bool:
    """Whether whoever asks may play the span back now, and has said why."""
    account = acting(request).account
    if account is None or not may(request.user, "cameras.play", request.city):
        return False
    opens = right_to(account, request.city, span.camera.site, CameraAct.PLAY)
    return opens is not None and reason_of(account, request.city.pk) is not None


def _said(span: GivingSpan, found: Giving, plays: bool) -> dict[str, Any]:
    segments = segments_of(span)
    veil = hidden_of([span.camera_id], span.begins).get(span.camera_id, NOTHING)
    return {
        "span": span,
        "address": sites.address(span.camera.site),
        "recorded": bool(segments),
        "gaps": gaps_of(span, segments),
        "held": bool(missing(span.camera_id, span.begins, span.ends)),
        "failure": failure_of(span.camera_id, span.begins, span.ends),
        "fetched": sorted({one.origin for one in segments if one.origin}),
        "plays": plays and bool(segments),
        "begins_ms": round(span.begins.timestamp() * 1000),
        "ends_ms": round(span.ends.timestamp() * 1000),
        "zones": 0 if found.original else veil.count,
        "moving": write_tracks(span.moving),
        "tracks": len(span.moving),
    }


@requires("cameras.give")
@require_POST
def drop(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Ask for a span no more."""
    span = _span(request, pk)
    _try(request, lambda: steps.drop_span(span))
    return redirect("cameras:giving", city=city, pk=span.giving_id)


@requires("cameras.give")
@require_POST
def hide(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Keep where third persons are hidden by hand in a span."""
    span = _span(request, pk)
    try:
        tracks = read_tracks(request.POST.get("moving", ""))
    except ValueError as error:
        messages.error(request, _("The rectangles are not kept: %s.") % error)
    else:
        _try(request, lambda: steps.hide_moving(span, tracks))
    return redirect("cameras:giving", city=city, pk=span.giving_id)


def _span(request: CityRequest, pk: UUID) -> GivingSpan:
    rows = GivingSpan.objects.select_related("giving", "camera")
    return get_object_or_404(rows, pk=pk, city=request.city)


@requires("cameras.give")
@require_POST
def check(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """It is ready to be decided on."""
    found = _find(request, pk)
    _try(request, lambda: steps.check(found, acting(request)))
    return redirect("cameras:giving", city=city, pk=pk)


@requires("cameras.decide_giving")
@require_POST
def decide(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Approve or refuse what somebody else prepared."""
    found, approve = _find(request, pk), request.POST.get("decision") == "approve"
    reason = request.POST.get("reason", "")
    _try(request, lambda: steps.decide(found, acting(request), approve, reason))
    return redirect("cameras:giving", city=city, pk=pk)


@requires("cameras.decide_giving")
@require_POST
def repeat(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Pack again what could not be packed."""
    found = _find(request, pk)
    _try(request, lambda: steps.pack_again(found))
    return redirect("cameras:giving", city=city, pk=pk)


@requires("cameras.decide_giving")
@require_POST
def hand_out(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Make the address at which it is collected; it is shown on this page alone."""
    found = _find(request, pk)
    try:
        word = steps.hand_out(found, acting(request))
    except CameraError as error:
        messages.error(request, str(error))
        return redirect("cameras:giving", city=city, pk=pk)
    return page(request, _find(request, pk), None, word)


@requires("cameras.give")
@require_POST
def report(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Write down that the receiver destroyed it."""
    found = _find(request, pk)
    try:
        day = forms.DateField().clean(request.POST.get("day"))
    except forms.ValidationError:
        messages.error(request, _("Say on which day, not later than today, and how."))
    else:
        how = request.POST.get("how", "")
        _try(request, lambda: steps.report_destroyed(found, acting(request), day, how))
    return redirect("cameras:giving", city=city, pk=pk)


def _try(request: CityRequest, act: Any) -> None:
    try:
        act()
    except CameraError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Recorded."))
