"""One's own account: who I am here, what I may do, how I sign in, and where I am signed in."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from madang.ground.people import queries
from madang.ground.people.gates import own_page
from madang.ground.people.models import Account


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Account
        fields = ["name", "language"]
        widgets = {"language": forms.Select(choices=settings.LANGUAGES)}


@own_page
def account(request: HttpRequest) -> HttpResponse:
    """My account; a form for name and language."""
    me = request.user
    assert isinstance(me, Account)
    form = AccountForm(request.POST or None, instance=me)
    if request.method == "POST" and form.is_valid():
        form.save()
        translation.activate(me.language)
        messages.success(request, _("Saved."))
        response = redirect("account")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            me.language,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        return response
    context = {
        "form": form,
        "memberships": queries.memberships_of(me.pk),
        "factors": queries.second_factors(me.pk),
        "acts": queries.own_sign_ins(me.pk, 10),
    }
    return render(request, "people/account.html", context)
