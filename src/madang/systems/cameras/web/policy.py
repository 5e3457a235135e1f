"""The policy on fixed cameras (고정형 영상정보처리기기 운영·관리 방침): for everybody; its words by some."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, may, public_page, requires
from madang.systems.cameras import policy
from madang.systems.cameras.console import PURPOSES
from madang.systems.cameras.domain.policy import WORDS, change_policy
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Policy
from madang.systems.cameras.web.shell import tabs


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The city's own words, and the version that whoever changes them has seen."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    class Meta:
        model = Policy
        fields = WORDS
        widgets = {name: forms.Textarea({"rows": 2}) for name in ("viewing", "physical", "other")}

    @property
    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in WORDS}


@public_page
def index(request: CityRequest, city: str) -> HttpResponse:
    """The eight items as they are now; an older version's words by ?version=."""
    found = policy.read(request.city, get_language() or "ko")
    shown = _version(found, request.GET.get("version", ""))
    context = {
        "tabs": tabs(request),
        "found": found,
        "words": shown,
        "older": shown is not found.words,
        "uses": [(one, PURPOSES[one.purpose][0]) for one in found.uses],
        "may_change": may(request.user, "cameras.policy", request.city),
    }
    return render(request, "cameras/policy.html", context)


@requires("cameras.policy")
def change(request: CityRequest, city: str) -> HttpResponse:
    """Write the next version of the city's own words."""
    last = Policy.objects.filter(city=request.city).order_by("-number").first()
    seen = {"seen": last.number if last else 0}
    form = PolicyForm(request.POST or None, instance=last, initial=seen)
    if form.is_valid():
        try:
            change_policy(request.city, acting(request), form.cleaned_data["seen"], **form.words)
        except CameraError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Recorded."))
            return redirect("cameras:policy", city=city)
    status = 422 if form.errors else 200
    context = {"tabs": tabs(request), "form": form}
    return render(request, "cameras/policy_change.html", context, status=status)


def _version(found: policy.Reading, asked: str) -> Policy | None:
    if not asked:
        return found.words
    number = int(asked) if asked.isdecimal() else 0
    shown = next((one for one in found.versions if one.number == number), None)
    if shown is None:
        raise Http404(_("There is no such version of the policy."))
    return shown
