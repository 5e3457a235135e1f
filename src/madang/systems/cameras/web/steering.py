"""Pages of steering: who goes before whom in a city, and within which angles a camera may look."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.models import CameraAct
from madang.ground.people.public import acting, reason_of, requires
from madang.ground.people.roles import find
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Onvif, SteeringRules, SteeringSession
from madang.systems.cameras.models.steering import HIGHEST_RANK, USUAL_RANKS
from madang.systems.cameras.rights import acts_open
from madang.systems.cameras.steering.hand import rules_of
from madang.systems.cameras.steering.register import EDGES, change_edges, change_rules
from madang.systems.cameras.web import devices, sites
from madang.systems.cameras.web.shell import tabs
from madang.systems.cameras.web.stands import PercentField

SHOWN = 50


class EdgesForm(forms.ModelForm):  # type: ignore[type-arg]
    """Empty: no edge. In % of what the camera can reach, as the steering panel shows them."""

    class Meta:
        model = Onvif
        fields = EDGES
        labels = {
            "pan_from": _("Left edge (pan, %)"),
            "pan_to": _("Right edge (pan, %)"),
            "tilt_from": _("Lower edge (tilt, %)"),
            "tilt_to": _("Upper edge (tilt, %)"),
            "zoom_to": _("Nearest zoom (%)"),
        }
        field_classes = {
            **dict.fromkeys(EDGES, PercentField),
            "zoom_to": partial(PercentField, least=0.0),
        }


class RulesForm(forms.Form):
    home_after = forms.IntegerField(
        label=_("Minutes until it returns home"), min_value=1, max_value=240
    )
    idle_after = forms.IntegerField(
        label=_("Seconds without a move until a hand leaves it"), min_value=15, max_value=3600
    )

    def __init__(self, rules: SteeringRules, data: Any = None) -> None:
        initial = {"home_after": rules.home_after, "idle_after": rules.idle_after}
        super().__init__(data, initial=initial)
        for role in USUAL_RANKS:
            self.fields[role] = forms.IntegerField(
                label=_title(role), min_value=0, max_value=HIGHEST_RANK, initial=rules.rank(role)
            )

    @property
    def values(self) -> dict[str, Any]:
        """As SteeringRules keeps them."""
        given = self.cleaned_data
        return {
            "ranks": {role: given[role] for role in USUAL_RANKS},
            "home_after": given["home_after"],
            "idle_after": given["idle_after"],
        }


def _title(role: str) -> Any:
    found = find(role)
    return found.title if found else _("Emergency access")


@requires("cameras.steering")
def rules(request: CityRequest, city: str) -> HttpResponse:
    """The rules of a city, and who steered what lately."""
    form = RulesForm(rules_of(request.city), request.POST or None)
    if form.is_valid():
        change_rules(request.city, acting(request), **form.values)
        messages.success(request, say("Recorded."))
        return redirect("cameras:steering", city=city)
    rows = SteeringSession.objects.filter(city=request.city).select_related("camera", "account")
    context = {"tabs": tabs(request), "form": form, "sessions": rows.order_by("-began")[:SHOWN]}
    return render(request, "cameras/steering.html", context, status=422 if form.errors else 200)


@requires("cameras.steering")
def edges(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """The form that records within which angles one camera may be steered."""
    found = devices.find(request, pk)
    row = Onvif.objects.select_related("camera").filter(camera=found, turns=True).first()
    if row is None:
        raise Http404(say("No ONVIF address is recorded of this camera."))
    form = EdgesForm(request.POST or None, instance=Onvif.objects.get(pk=row.pk))
    if form.is_valid():
        try:
            change_edges(row, acting(request), {name: form.cleaned_data[name] for name in EDGES})
        except CameraError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, say("Recorded."))
            return redirect("cameras:camera", city=city, pk=pk)
    account = acting(request).account
    opens = account is not None and CameraAct.VIEW in acts_open(account, request.city, found.site)
    context = {
        "tabs": tabs(request),
        "camera": found,
        "address": sites.address(found.site),
        "form": form,
        "opens": opens,
        "shows": opens and account is not None and reason_of(account, request.city.pk) is not None,
        "stream": "sub" if found.sub_address else "main" if found.main_address else "",
    }
    return render(request, "cameras/edges.html", context, status=422 if form.errors else 200)
