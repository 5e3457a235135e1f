"""Invitations: written by whoever manages people, opened by the invited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.domain.invitations import (
    find_invitation,
    invite,
    use_invitation,
    withdraw_invitation,
)
from madang.ground.people.errors import PeopleError
from madang.ground.people.gates import acting, public_page, requires
from madang.ground.people.models import Account, Invitation
from madang.ground.people.web.forms import AcceptForm, InviteForm
from madang.ground.people.web.tabs import tabs
from madang.ground.web.tables import Badge, Column, Listing

HERE, WORD = "open", "invitation"  # instead of the word in the address; where the session has it
STATES = {
    "open": Badge(_("waiting"), "info"),
    "used": Badge(_("used"), "ok"),
    "withdrawn": Badge(_("withdrawn"), "empty"),
    "expired": Badge(_("expired"), "attention"),
}
INVITATIONS: Listing[Invitation] = Listing(
    "invitations",
    _("Invitations"),
    columns=(
        Column("email", _("E-mail"), lambda one: one.email, sort="email"),
        Column("name", _("Name"), lambda one: one.name),
        Column("role", _("Role"), lambda one: one.role_title),
        Column("by", _("Invited by"), lambda one: str(one.invited_by)),
        Column("created", _("When"), lambda one: one.created, sort="created"),
        Column("state", _("State"), lambda one: STATES[one.state]),
    ),
    order="-created",
    exports=False,
    empty=_("Nobody was invited yet."),
)


@requires("people.manage")
def index(request: CityRequest, city: str) -> HttpResponseBase:
    """Every invitation of this city; open ones can be withdrawn."""
    rows = Invitation.objects.filter(city=request.city).select_related("invited_by")
    waiting = [one for one in rows.filter(used=None, withdrawn=None) if one.state == "open"]
    context = {
        "tabs": tabs(request),
        "table": INVITATIONS.read(request, rows),
        "waiting": waiting,
    }
    return render(request, "people/invitations.html", context)


@requires("people.manage")
def new(request: CityRequest, city: str) -> HttpResponse:
    """Invite somebody: the letter goes out, and the address is shown once to hand over otherwise."""
    form = InviteForm(request.city, request.POST or None)
    address = ""
    if form.is_valid():
        try:
            address = _invite(request, form)
        except PeopleError as error:
            form.add_error(None, str(error))
    context = {"tabs": tabs(request), "form": form, "address": address}
    return render(request, "people/invite.html", context)


def _invite(request: CityRequest, form: InviteForm) -> str:
    assert isinstance(request.user, Account)
    words = form.cleaned_data
    made, word = invite(acting(request), request.user, **_names(words))
    address = request.build_absolute_uri(reverse("invitation", kwargs={"word": word}))
    letter = render_to_string("people/invitation_letter.txt", {"made": made, "address": address})
    subject, _gap, text = letter.partition("\n\n")
    send_mail(subject.strip(), text, settings.DEFAULT_FROM_EMAIL, [made.email])
    return address


def _names(words: dict[str, Any]) -> dict[str, Any]:
    return {name: words[name] for name in ("organisation", "email", "name", "role", "role_ends")}


@require_POST
@requires("people.manage")
def withdraw(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Make an invitation useless."""
    made = get_object_or_404(Invitation, pk=pk, city=request.city)
    try:
        withdraw_invitation(acting(request), made)
        messages.success(request, _("Withdrawn."))
    except PeopleError as error:
        messages.error(request, str(error))
    return redirect("people:invitations", city=city)


@sensitive_post_parameters("password")
@public_page
def accept(request: HttpRequest, word: str) -> HttpResponse:
    """The page behind the address in the letter: name and password, or one click when signed in.

    The letter's word goes into the session and out of the address at once, as Django does with the word
    of a new password: no history, screen or log keeps it.
    """
    if word != HERE:
        request.session[WORD] = word
        return redirect("invitation", word=HERE)
    word = request.session.get(WORD, "")
    try:
        invitation = find_invitation(word)
    except PeopleError as error:
        return render(request, "people/invitation_gone.html", {"why": str(error)}, status=410)
    me = request.user if isinstance(request.user, Account) else None
    form = None if me else AcceptForm(request.POST or None, initial={"name": invitation.name})
    if request.method == "POST" and (form is None or form.is_valid()):
        words: dict[str, Any] = form.cleaned_data if form else {"name": "", "password": None}
        try:
            account = use_invitation(acting(request), word, words["name"], words["password"], me)
        except PeopleError as error:
            if form is None:
                messages.error(request, str(error))
                return redirect(request.path)
            form.add_error(None, str(error))
        else:
            del request.session[WORD]
            if me is None:
                login(request, account, settings.AUTHENTICATION_BACKENDS[0])
            return redirect("account")
    return render(request, "people/invitation.html", {"form": form, "invitation": invitation})
