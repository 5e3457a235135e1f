"""What a citizen is asked: the items of the statutory form (개인영상정보 열람·존재확인 청구서)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.ground.people.web.forms import moment
from madang.ground.privacy.models import FootageRequest

SHEET = "privacy.sheet"
OLDEST = date(1900, 1, 1)
DIGITS = 7  # the fewest of a telephone number


def _line(label: Any, required: bool, most: int, hint: str = "", **words: Any) -> forms.CharField:
    widget = forms.TextInput({"autocomplete": hint} if hint else None)
    return forms.CharField(label=label, required=required, max_length=most, widget=widget, **words)


def _born(label: Any, required: bool) -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


class AskForm(forms.Form):
    """Who asks, for whom, of which footage, and what. website is left empty by people: it is not seen."""

    name = _line(_("Your name"), True, 80, "name")
    contact = _line(
        _("Your telephone or e-mail"),
        True,
        120,
        "tel",
        help_text=_(
            "We call or write to you there when something is unclear."
            " An e-mail address gets the answer as a letter."
        ),
    )
    born = _born(_("Your date of birth"), True)
    address = _line(
        _("Postal address"),
        False,
        200,
        "street-address",
        help_text=_("Only if the answer is to come by post."),
    )
    relation = _line(
        _("What you are to that person"), False, 80, help_text=_("Parent, guardian, attorney…")
    )
    person = _line(_("Name of the person in the footage"), False, 80)
    person_contact = _line(_("Their telephone or e-mail"), False, 120)
    person_born = _born(_("Their date of birth"), False)
    place = _line(
        _("Where the camera is"),
        True,
        300,
        help_text=_("Address, crossing or the number on the camera's sign."),
    )
    begins = moment(_("Footage from"))
    ends = moment(_("Footage until"))
    asks = forms.ChoiceField(
        label=_("What you ask for"),
        choices=FootageRequest.Asks.choices,
        initial="view",
        widget=forms.RadioSelect,
    )
    purpose = forms.CharField(
        label=_("What for, and how you can be recognised"),
        help_text=_("What happened, what you wore, the car's number: so that you are found."),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
    )
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )
    sheet = forms.CharField(widget=forms.HiddenInput, max_length=100)

    SECTIONS = (
        (_("Who asks"), ("name", "contact", "born", "address"), ""),
        (
            _("On behalf of somebody else"),
            ("relation", "person", "person_contact", "person_born"),
            _("Only if the footage shows somebody for whom you act."),
        ),
        (_("Which footage"), ("place", "begins", "ends"), ""),
        (_("What you ask"), ("asks", "purpose"), ""),
    )

    @property
    def sections(self) -> Iterator[tuple[Any, Any, list[forms.BoundField]]]:
        for title, names, words in self.SECTIONS:
            yield title, words, [self[name] for name in names]

    @property
    def words(self) -> dict[str, Any]:
        """What was filled in, as the request keeps it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "website"}

    def clean_contact(self) -> str:
        return _reachable(self.cleaned_data["contact"])

    def clean_person_contact(self) -> str:
        found: str = self.cleaned_data["person_contact"]
        return _reachable(found) if found else ""

    def clean_born(self) -> date:
        return _possible(self.cleaned_data["born"])

    def clean_person_born(self) -> date | None:
        found: date | None = self.cleaned_data["person_born"]
        return found and _possible(found)

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("This field is for machines. Leave it empty."))
        return ""

    def clean_sheet(self) -> str:
        try:
            return Signer(salt=SHEET).unsign(self.cleaned_data["sheet"])
        except BadSignature as error:
            raise ValidationError(_("Open this page again and send what it shows.")) from error

    def clean(self) -> dict[str, Any]:
        words = super().clean() or {}
        deputy = any(words.get(name) for name in ("relation", "person_contact", "person_born"))
        if deputy and not words.get("person"):
            self.add_error("person", _("Say for whom you act."))
        if words.get("person") and not words.get("relation"):
            self.add_error("relation", _("Say what you are to that person."))
        return words


class StatusForm(forms.Form):
    number = forms.IntegerField(
        label=_("Receipt number"), min_value=1, max_value=2**31 - 1, localize=False
    )
    secret = forms.CharField(
        label=_("Receipt secret"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class AppealForm(forms.Form):
    appeal = forms.CharField(
        label=_("Why you do not accept the answer"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
    )


def _reachable(words: str) -> str:
    if "@" in words or sum(letter.isdigit() for letter in words) >= DIGITS:
        return words
    raise ValidationError(_("Write a telephone number or an e-mail address."))


def _possible(day: date) -> date:
    if not OLDEST <= day <= timezone.localdate():
        raise ValidationError(_("This is no date of birth."))
    return day
