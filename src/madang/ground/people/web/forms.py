"""Forms of people. A form checks words; the domain checks what may be."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.city.queries.whereabouts import districts_of
from madang.ground.people import roles
from madang.ground.people.domain.reasons import Reason
from madang.ground.people.grant_sources import purposes
from madang.ground.people.models import (
    CameraAct,
    ControlDomain,
    Membership,
    Organisation,
    OrganisationKind,
    ReasonKind,
)


class MomentInput(forms.DateTimeInput):
    """A moment of the city's clock, entered without script."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


def moment(label: Any, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, required=required, help_text=help_text, widget=MomentInput()
    )


def role_choices() -> list[tuple[str, object]]:
    return [(role.key, role.title) for role in roles.roles()]


class OrganisationChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """An organisation of the city, in the page's language."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name(get_language() or "ko"))


class CityForm(forms.Form):
    """A form whose organisations are those of one city."""

    def __init__(self, city: City, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        for field in self.fields.values():
            if isinstance(field, OrganisationChoice):
                field.queryset = Organisation.objects.filter(city=city).order_by("key")


class GiveRoleForm(CityForm):
    organisation = OrganisationChoice(label=_("Organisation"), queryset=None)
    role = forms.ChoiceField(label=_("Role"), choices=role_choices)
    ends = moment(_("Until"), False, _("Empty: until further notice."))


class LostFactorsForm(forms.Form):
    """How somebody made sure who it is whose second factors were lost."""

    WAYS = (
        ("id", _("In person, with an official identity card")),
        ("leader", _("In person, and the leader of their organisation vouches for them")),
        ("call", _("By calling back the number in the register of personnel")),
    )
    way = forms.ChoiceField(label=_("How you made sure who it is"), choices=WAYS)
    who = forms.CharField(label=_("Who was asked, and when"), max_length=200)

    @property
    def proof(self) -> str:
        """In words for the trail; nothing where the form is not complete."""
        if not self.is_valid():
            return ""
        return f"{dict(self.WAYS)[self.cleaned_data['way']]}: {self.cleaned_data['who']}"


class InviteForm(CityForm):
    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(label=_("Name"), max_length=100)
    organisation = OrganisationChoice(label=_("Organisation"), queryset=None)
    role = forms.ChoiceField(label=_("Role"), choices=role_choices)
    role_ends = moment(_("Role until"), False, _("Empty: until further notice."))


class OrganisationForm(CityForm):
    key = forms.SlugField(
        label=_("Key"), max_length=60, help_text=_("Small letters, digits and hyphens.")
    )
    ko = forms.CharField(label=_("Name in Korean"), max_length=100)
    en = forms.CharField(label=_("Name in English"), max_length=100, required=False)
    ja = forms.CharField(label=_("Name in Japanese"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=OrganisationKind.choices)
    parent = OrganisationChoice(label=_("Under"), queryset=None, required=False)


class ScopeForm(forms.Form):
    """Which cameras a member may use, and when. What is left empty limits nothing."""

    membership = forms.ModelChoiceField(label=_("Role"), queryset=Membership.objects.none())
    acts = forms.MultipleChoiceField(
        label=_("May"), choices=CameraAct.choices, widget=forms.CheckboxSelectMultiple
    )
    domains = forms.MultipleChoiceField(
        label=_("Control domains"),
        choices=ControlDomain.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all."),
    )
    purposes = forms.MultipleChoiceField(
        label=_("Installed for"),
        choices=purposes,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The purpose in the register of cameras. None chosen: all."),
    )
    districts = forms.MultipleChoiceField(
        label=_("Districts"),
        required=False,
        widget=forms.SelectMultiple({"size": 6}),
        help_text=_("None chosen: the whole city."),
    )
    hours_from = forms.TimeField(
        label=_("Hours from"), required=False, widget=forms.TimeInput({"type": "time"})
    )
    hours_until = forms.TimeField(
        label=_("Hours until"), required=False, widget=forms.TimeInput({"type": "time"})
    )

    def __init__(self, city: City, memberships: Any, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        language = get_language() or "ko"
        self.fields["districts"].choices = [  # type: ignore[attr-defined]
            (one.key, one.name(language)) for one in districts_of(city).rows
        ]
        self.fields["membership"].queryset = memberships  # type: ignore[attr-defined]
        self.fields["membership"].label_from_instance = (  # type: ignore[attr-defined]
            lambda one: f"{one.role_title} · {one.organisation.name(get_language() or 'ko')}"
        )

    def clean(self) -> dict[str, Any]:
        words: dict[str, Any] = super().clean() or {}
        if (words.get("hours_from") is None) != (words.get("hours_until") is None):
            raise forms.ValidationError(_("Give both hours or none."))
        return words


class ShiftForm(forms.Form):
    membership = forms.ModelChoiceField(label=_("Who"), queryset=Membership.objects.none())
    begins = moment(_("From"))
    ends = moment(_("Until"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, memberships: Any, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self.fields["membership"].queryset = memberships  # type: ignore[attr-defined]
        self.fields["membership"].label_from_instance = (  # type: ignore[attr-defined]
            lambda one: f"{one.account} · {one.role_title}"
        )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea({"rows": 3}), min_length=5, max_length=2000
    )


class KeyedReasons(forms.RadioSelect):
    """The usual reasons, each with its key: Alt and the number choose it (KWCAG: focus stays seen)."""

    def create_option(self, *args: Any, **words: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **words)
        option["attrs"]["accesskey"] = str(int(option["index"]) + 1)
        return option


def emergencies() -> list[tuple[str, str]]:
    """What a life may hang on, each with its key; nobody breaks glass for a patrol or an inspection."""
    kinds = (ReasonKind.EVENT, ReasonKind.CALL, ReasonKind.OTHER)
    return [(one.value, f"{key} {one.label}") for key, one in enumerate(kinds, start=1)]


class GlassForm(forms.Form):
    """A reason without typing; only another one than the usual needs words."""

    kind = forms.ChoiceField(
        label=_("Reason"),
        choices=emergencies,
        widget=KeyedReasons,
    )
    words = forms.CharField(
        label=_("In words"),
        widget=forms.Textarea({"rows": 2}),
        required=False,
        max_length=200,
        help_text=_("What, where, who asked; needed for another reason."),
    )

    @property
    def reason(self) -> str:
        """The reason as it is kept."""
        return Reason(self.cleaned_data["kind"], self.cleaned_data["words"].strip()).text

    def clean(self) -> dict[str, Any]:
        words: dict[str, Any] = super().clean() or {}
        if words.get("kind") == ReasonKind.OTHER and len(words.get("words", "").strip()) < 5:
            self.add_error("words", _("Write a reason that another can follow."))
        return words


class ReviewForm(forms.Form):
    finding = forms.CharField(
        label=_("What was found"), widget=forms.Textarea({"rows": 3}), min_length=5, max_length=2000
    )
    justified = forms.ChoiceField(
        label=_("Was it justified?"), choices=[("yes", _("Yes")), ("no", _("No"))]
    )


class AcceptForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Ten characters or more; a short sentence is good."),
    )
