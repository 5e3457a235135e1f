"""Breaches with their clock, contracts with firms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.models import Account, Organisation
from madang.ground.people.public import acting, requires
from madang.ground.people.web.forms import MomentInput
from madang.ground.privacy.domain.duties import (
    PrivacyError,
    add_contract,
    open_breach,
    step_breach,
)
from madang.ground.privacy.models import Breach, ProcessorContract
from madang.ground.privacy.web.shell import tabs

DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class BreachForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Breach
        fields = ["kind", "learned", "what", "persons", "sensitive", "measures"]
        widgets = {
            "learned": MomentInput(),
            "what": forms.Textarea({"rows": 3}),
            "measures": forms.Textarea({"rows": 2}),
        }


class BreachStepForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Breach
        fields = ["persons", "measures", "told", "reported"]
        widgets = {
            "told": MomentInput(),
            "reported": MomentInput(),
            "measures": forms.Textarea({"rows": 3}),
        }


class ContractForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ProcessorContract
        exclude = ["city", "added_by"]  # noqa: DJ006
        widgets = {
            "begins": DAY,
            "ends": DAY,
            **{
                name: forms.Textarea({"rows": 2})
                for name in ("scope", "subcontracting", "access", "inspection", "liability")
            },
        }


@requires("privacy.breach")
def breaches(request: CityRequest, city: str) -> HttpResponse:
    """Every breach with its clock, and a form for the next."""
    form = BreachForm(request.POST or None)
    account = _me(request)
    if form.is_valid() and take(
        request,
        form,
        lambda: open_breach(acting(request), account, request.city, **form.cleaned_data),
    ):
        return redirect(request.path)
    found = Breach.objects.filter(city=request.city).order_by("-learned")[:200]
    return shown(request, "breaches", {"form": form, "breaches": found})


@requires("privacy.breach")
def breach(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """One breach: what is known and what was done, until nothing is left to do."""
    found = get_object_or_404(Breach, pk=pk, city=request.city)
    form = BreachStepForm(request.POST or None, instance=found) if not found.closed else None
    if (
        form is not None
        and form.is_valid()
        and take(request, form, lambda: step_breach(acting(request), found, **form.cleaned_data))
    ):
        return redirect(request.path)
    now = Breach.objects.get(pk=pk)
    return shown(request, "breach", {"form": form, "breach": now})


@requires("privacy.contracts")
def contracts(request: CityRequest, city: str) -> HttpResponse:
    """Contracts with firms that handle data, each with its five items."""
    form = ContractForm(request.POST or None)
    firms = Organisation.objects.filter(city=request.city, kind="contractor")
    form.fields["organisation"].queryset = firms  # type: ignore[attr-defined]
    account = _me(request)
    if form.is_valid() and take(
        request,
        form,
        lambda: add_contract(acting(request), account, request.city, **form.cleaned_data),
    ):
        return redirect(request.path)
    found = ProcessorContract.objects.filter(city=request.city).select_related("organisation")
    return shown(request, "contracts", {"form": form, "contracts": found.order_by("-ends")[:200]})


def take(request: CityRequest, form: forms.BaseForm, act: Callable[[], Any]) -> bool:
    """Do act; what it refuses is said above the form."""
    try:
        act()
    except PrivacyError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Saved."))
    return True


def shown(request: CityRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """A page of this room, with its tabs."""
    return render(request, f"privacy/{name}.html", {"tabs": tabs(request), **context})


def _me(request: CityRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user
