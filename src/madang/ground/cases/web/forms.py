"""Forms of cases. A form checks words; the domain checks what may be."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.ground.cases.kinds import Severity, incident_kinds
from madang.ground.cases.models import Outcome
from madang.ground.cases.wording import OUTCOMES

LONG, SHORT = 4000, 200


def text(label: Any, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONG,
        widget=forms.Textarea({"rows": 2}),
    )


class ActForm(forms.Form):
    """seen is the version of the case that the person saw."""

    seen = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput())


class NoteForm(forms.Form):
    """once tells one sending from another, so that a double click writes one line."""

    once = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput())
    text = text(_("Note"))


class CloseForm(ActForm):
    outcome = forms.ChoiceField(
        label=_("It was"), choices=lambda: [(key.value, OUTCOMES[key]) for key in Outcome]
    )
    text = text(_("What was found and done"), required=False)


class ReasonForm(ActForm):
    text = text(_("Reason"))


class ResultForm(ActForm):
    text = text(_("How it ended"))


class TitleForm(forms.Form):
    title = forms.CharField(label=_("Title"), required=False, max_length=SHORT)


class IncidentForm(forms.Form):
    """An incident that was told: by a call, on the radio, by somebody who saw it."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=lambda: [(one.key, one.title) for one in incident_kinds()]
    )
    severity = forms.TypedChoiceField(
        label=_("Severity"), choices=Severity.choices, coerce=int, initial=Severity.MAJOR
    )
    title = forms.CharField(label=_("Title"), max_length=SHORT)
    place = forms.CharField(
        label=pgettext_lazy("of an incident", "Where"), required=False, max_length=SHORT
    )


class ThingForm(forms.Form):
    kind = forms.CharField(max_length=40)
    id = forms.CharField(max_length=SHORT)
