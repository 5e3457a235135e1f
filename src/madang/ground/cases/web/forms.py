"""Forms of cases. A form checks words; the domain checks what may be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madang.ground.cases.domain.thresholds import Rule
from madang.ground.cases.kinds import Severity, alarm_kinds, incident_kinds
from madang.ground.cases.models import Outcome
from madang.ground.cases.quantities import Quantity
from madang.ground.cases.wording import OUTCOMES
from madang.ground.people.web.forms import moment

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
    result = text(_("How it ended"))


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


class ThresholdForm(forms.Form):
    """A level from a moment on; without a level nothing is raised any more from then on."""

    measured = forms.ChoiceField(label=_("What is measured"))
    alarm_kind = forms.ChoiceField(
        label=_("Alarm"),
        choices=lambda: [(one.key, one.title) for one in alarm_kinds() if not one.closes_itself],
        initial="level",
    )
    severity = forms.TypedChoiceField(
        label=_("Severity"), choices=Severity.choices, coerce=int, initial=Severity.MAJOR
    )
    side = forms.ChoiceField(
        label=_("Raised"), choices=[("above", _("from the level up")), ("below", _("from it down"))]
    )
    level = forms.FloatField(
        label=_("Raised at"), required=False, help_text=_("Empty: it is switched off.")
    )
    clear_level = forms.FloatField(
        label=_("Gone at"), required=False, help_text=_("On the safe side of the level.")
    )
    hold = forms.FloatField(
        label=_("Seconds it must last"), required=False, min_value=0, max_value=86_400
    )
    valid_from = moment(_("Counts from"), required=False, help_text=_("Empty: from now on."))
    source = forms.CharField(
        label=_("Rule or decision that sets it"),
        max_length=SHORT,
        help_text=_("A regulation with its number, or the minutes of a meeting."),
    )

    def __init__(self, measured: Sequence[Quantity], *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self._measured = {f"{one.device_kind}/{one.quantity}": one for one in measured}
        field = self.fields["measured"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, f"{one.title} ({one.unit})") for key, one in self._measured.items()]

    def clean_valid_from(self) -> datetime:
        """A level never counts for what was measured before somebody set it."""
        now = timezone.now()
        begins: datetime = self.cleaned_data["valid_from"] or now
        if begins < now - timedelta(minutes=1):
            raise forms.ValidationError(_("A level counts from now on at the earliest."))
        return begins

    def rule(self) -> Rule:
        """What the form says, for the domain to judge."""
        words = self.cleaned_data
        of = self._measured[words["measured"]]
        return Rule(
            device_kind=of.device_kind,
            quantity=of.quantity,
            unit=of.unit,
            alarm_kind=words["alarm_kind"],
            severity=Severity(words["severity"]),
            level=words["level"],
            clear_level=words["clear_level"],
            source=words["source"],
            above=words["side"] == "above",
            hold=words["hold"] or 0.0,
        )


class ThingForm(forms.Form):
    kind = forms.CharField(max_length=40)
    id = forms.CharField(max_length=SHORT)
