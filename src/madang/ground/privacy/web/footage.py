"""The ledger of requests for one's own footage, as the officers who decide on them see it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, requires
from madang.ground.people.web.forms import MomentInput, moment
from madang.ground.privacy import ledger
from madang.ground.privacy.domain.footage import Answer, decide_request, open_request
from madang.ground.privacy.letters import address_in
from madang.ground.privacy.models import FootageRequest
from madang.ground.privacy.queries import answers_of, requests_of
from madang.ground.privacy.wanted import keepings
from madang.ground.privacy.web.duties import shown, take

MOST = 500
ANSWERS = ("given", "partly", "delayed", "refused")


class RequestForm(forms.ModelForm):  # type: ignore[type-arg]
    """A request that came by letter, by telephone or at the desk."""

    class Meta:
        model = FootageRequest
        fields = ["name", "contact", "asks", "place", "begins", "ends", "purpose"]
        widgets = {
            "begins": MomentInput(),
            "ends": MomentInput(),
            **{name: forms.TextInput() for name in ("name", "contact", "place")},
            "purpose": forms.Textarea({"rows": 2}),
        }


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label=FootageRequest._meta.get_field("decision").verbose_name,
        choices=[one for one in FootageRequest.Decision.choices if one[0] in ANSWERS],
    )
    reason = forms.CharField(
        label=_("answer, or reason"),
        help_text=_("The person reads it."),
        widget=forms.Textarea({"rows": 3}),
        required=False,
        max_length=2000,
    )
    where = forms.CharField(
        label=_("where it can be seen"), required=False, max_length=300, widget=forms.TextInput()
    )
    when = moment(
        _("when it can be seen, or until when it is delayed"),
        False,
    )
    masked = forms.BooleanField(
        label=FootageRequest._meta.get_field("masked").verbose_name, required=False
    )


@requires("privacy.requests")
def requests(request: CityRequest, city: str) -> HttpResponse:
    """The ledger: what waits first, and a form for what did not come by the city's page."""
    form = RequestForm(request.POST or None)
    if form.is_valid() and take(
        request, form, lambda: open_request(acting(request), request.city, **form.cleaned_data)
    ):
        return redirect(request.path)
    found = requests_of(request.city.pk, MOST)
    return shown(request, "requests", {"form": form, "requests": found})


@requires("privacy.requests")
def request_(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """One request, its answers so far, and the next."""
    with ledger.opened(request.city.pk):
        found = get_object_or_404(FootageRequest, pk=pk, city=request.city)
    form = DecisionForm(request.POST or None) if found.waits else None
    if form is not None and form.is_valid() and _decided(request, form, found):
        return redirect(request.path)
    context = {
        "form": form,
        "asked": found,
        "answers": answers_of(found),
        "by_letter": address_in(found.contact) != "",
        "keepings": keepings(found),
    }
    return shown(request, "request", context)


def _decided(request: CityRequest, form: DecisionForm, found: FootageRequest) -> bool:
    words: dict[str, Any] = form.cleaned_data
    return take(request, form, lambda: decide_request(acting(request), found, Answer(**words)))
