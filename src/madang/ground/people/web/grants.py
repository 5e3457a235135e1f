"""Grants of cameras to other agencies: given and revoked by the city, seen by those who have them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from madang.ground.city.models import City
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people import queries
from madang.ground.people.domain.grants import Incident, give_grant, revoke_grant
from madang.ground.people.errors import PeopleError
from madang.ground.people.gates import acting, requires
from madang.ground.people.grant_sources import find_cameras, name_cameras, open_incidents
from madang.ground.people.models import Account, CameraAct, Grant
from madang.ground.people.rights import may
from madang.ground.people.web.forms import CityForm, OrganisationChoice, ReasonForm, moment
from madang.ground.people.web.tabs import tabs
from madang.ground.web.tables import Badge, Column, Listing

STATES = {
    "now": Badge(_("open"), "ok"),
    "later": Badge(_("not yet"), "info"),
    "over": Badge(_("over"), "empty"),
    "revoked": Badge(_("revoked"), "down"),
}
SHOWN_CAMERAS = 200

GRANTS: Listing[Grant] = Listing(
    "grants",
    _("Grants"),
    columns=(
        Column("incident", _("Incident"), lambda one: one.incident_words),
        Column("whom", _("To whom"), lambda one: str(one.account or one.organisation)),
        Column("cameras", _("Cameras"), lambda one: len(one.cameras), number=True),
        Column("acts", _("May"), lambda one: one.acts_words),
        Column("reason", _("Reason"), lambda one: one.reason),
        Column("until", _("Until"), lambda one: one.until, sort="until"),
        Column("state", _("State"), lambda one: STATES[one.state]),
    ),
    order="-until",
    empty=_("No camera was granted to another agency yet."),
)


class GrantForm(CityForm):
    """One incident, these cameras, until this minute."""

    incident = forms.ChoiceField(label=_("Incident"))
    organisation = OrganisationChoice(label=_("Agency"), queryset=None)
    cameras = forms.MultipleChoiceField(
        label=_("Cameras"), widget=forms.CheckboxSelectMultiple, choices=[]
    )
    acts = forms.MultipleChoiceField(
        label=_("May"),
        choices=CameraAct.choices,
        initial=[CameraAct.VIEW],
        widget=forms.CheckboxSelectMultiple,
    )
    until = moment(_("Until"))
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea({"rows": 3}), min_length=5)

    def __init__(self, city: City, words: str, *args: Any, **rest: Any) -> None:
        super().__init__(city, *args, **rest)
        agencies = self.fields["organisation"].queryset  # type: ignore[attr-defined]
        kinds = ("police", "fire", "institution")
        self.fields["organisation"].queryset = agencies.filter(kind__in=kinds)  # type: ignore[attr-defined]
        self.incidents = {str(one.id): one for one in open_incidents(city.pk)}
        self.fields["incident"].choices = [  # type: ignore[attr-defined]
            (key, one.words) for key, one in self.incidents.items()
        ]
        found = find_cameras(city.pk, words)[:SHOWN_CAMERAS]
        self.fields["cameras"].choices = [(str(one.id), one.words) for one in found]  # type: ignore[attr-defined]

    @property
    def can_give(self) -> bool:
        """Whether there is an incident, an agency and a camera to choose."""
        fields = ("incident", "cameras")
        return all(self.fields[name].choices for name in fields)  # type: ignore[attr-defined]


@requires("people.grants.view")
def index(request: CityRequest, city: str) -> HttpResponseBase:
    """Every grant of this city, the last to end first; open ones can be revoked."""
    rows = Grant.objects.filter(city=request.city).select_related("organisation", "account")
    table = GRANTS.read(request, rows)
    gives = may(request.user, "people.grant", request.city)
    context = {
        "tabs": tabs(request),
        "table": table,
        "may_give": gives,
        "open": queries.open_grants(request.city.pk) if gives else [],
    }
    return table.download or render(request, "people/grants.html", context)


@requires("people.grant")
def new(request: CityRequest, city: str) -> HttpResponse:
    """Give a grant."""
    words = request.GET.get("q", "").strip()
    form = GrantForm(request.city, words, request.POST or None)
    if form.is_valid() and _give(request, form):
        return redirect("people:grants", city=city)
    context = {"tabs": tabs(request), "form": form, "words": words, "shown": SHOWN_CAMERAS}
    return render(request, "people/grant.html", context)


def _give(request: CityRequest, form: GrantForm) -> bool:
    words = form.cleaned_data
    incident = form.incidents[words["incident"]]
    try:
        give_grant(
            acting(request),
            words["organisation"],
            Incident(incident.id, incident.words),
            [UUID(one) for one in words["cameras"]],
            words["until"],
            words["reason"],
            words["acts"],
        )
    except PeopleError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Saved."))
    return True


@require_POST
@requires("people.grant")
def revoke(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """End a grant now, with a reason."""
    grant = get_object_or_404(Grant, pk=pk, city=request.city)
    form = ReasonForm(request.POST)
    try:
        if not form.is_valid():
            raise PeopleError(str(_("Write a reason that another can follow.")))
        revoke_grant(acting(request), grant, form.cleaned_data["reason"])
        messages.success(request, _("Revoked."))
    except PeopleError as error:
        messages.error(request, str(error))
    return redirect("people:grants", city=city)


@requires("people.granted")
def mine(request: CityRequest, city: str) -> HttpResponse:
    """What is granted to me right now; the page asks again by itself, so that an end is seen."""
    assert isinstance(request.user, Account)
    grants = queries.grants_to(request.user.pk, request.city.pk)
    named = {
        one.id: one.words
        for one in name_cameras(request.city.pk, [key for one in grants for key in one.cameras])
    }
    lines = [(one, sorted(named.get(key, str(key)) for key in one.cameras)) for one in grants]
    page = (
        "people/granted_list.html" if request.headers.get("HX-Request") else "people/granted.html"
    )
    return render(request, page, {"tabs": tabs(request), "lines": lines})
