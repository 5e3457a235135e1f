"""A citizen asks for footage of themselves and sees what became of it: pages without an account.

The receipt shows a number and a secret, once; both open the page of the request for a quarter of an hour
in that browser. A wrong number and a wrong secret have one answer.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from allauth.core.internal.ratelimit import consume
from django.contrib import messages
from django.core.signing import Signer
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, may, public_page
from madang.ground.privacy import ledger
from madang.ground.privacy.domain.duties import PrivacyError
from madang.ground.privacy.domain.footage import appeal_request, find_request, send_request
from madang.ground.privacy.models import FootageRequest
from madang.ground.privacy.queries import answers_of
from madang.ground.privacy.web.asking_forms import SHEET, AppealForm, AskForm, StatusForm

# By address: a town hall's own desk sends a few an hour, somebody who guesses tries thousands.
LIMITS = {"ask": "10/h/ip", "status": "10/5m/ip"}
OPEN = "footage"  # where a session keeps which request is open, and until when
OPEN_FOR = 15 * 60  # seconds: the browser may be a library's


@public_page
@never_cache
@sensitive_post_parameters("name", "contact", "born", "address", "person", "purpose")
def ask(request: CityRequest, city: str) -> HttpResponse:
    """The form of 개인영상정보 열람등 청구; sent, the page is its receipt."""
    sheet = Signer(salt=SHEET).sign(secrets.token_urlsafe(9))
    form = AskForm(request.POST or None, initial={"sheet": sheet})
    if form.is_valid() and _within(request, "ask", form):
        try:
            language = get_language() or "ko"
            made, secret = send_request(
                acting(request), request.city, language=language, **form.words
            )
        except PrivacyError as error:
            form.add_error(None, str(error))
        else:
            context = {"asked": made, "secret": secret}
            return render(request, "privacy/receipt.html", context)
    context = {"form": form, "may_decide": may(request.user, "privacy.requests", request.city)}
    return render(request, "privacy/ask.html", context, status=_status(form))


@public_page
@never_cache
@sensitive_post_parameters("secret")
def status(request: CityRequest, city: str) -> HttpResponse:
    """What became of a request: opened by number and secret, then shown and appealed."""
    found = _opened(request)
    if found is None:
        return _door(request)
    form = AppealForm(request.POST or None) if found.may_be_appealed else None
    if form is not None and form.is_valid() and _appealed(request, form, found):
        return redirect(request.path)
    context = {"form": form, "asked": found, "answers": answers_of(found)}
    return render(request, "privacy/status.html", context)


@public_page
@require_POST
def leave(request: CityRequest, city: str) -> HttpResponse:
    """Close the page of the request in this browser."""
    request.session.pop(OPEN, None)
    return redirect("footage:status", city=city)


def _door(request: CityRequest) -> HttpResponse:
    form = StatusForm(request.POST or None)
    if form.is_valid() and _within(request, "status", form):
        found = find_request(request.city, form.cleaned_data["number"], form.cleaned_data["secret"])
        if found is not None:
            request.session.cycle_key()  # a session that somebody laid ready opens nothing
            request.session[OPEN] = [str(found.pk), time.time() + OPEN_FOR]
            return redirect(request.path)
        form.add_error(None, _("No request has this number and this secret."))
    return render(request, "privacy/door.html", {"form": form}, status=_status(form))


def _opened(request: CityRequest) -> FootageRequest | None:
    key, until = request.session.get(OPEN, ("", 0))
    if time.time() > until:
        return None
    with ledger.opened(request.city.pk):
        return FootageRequest.objects.filter(pk=key, city=request.city).first()


def _appealed(request: CityRequest, form: AppealForm, found: FootageRequest) -> bool:
    try:
        appeal_request(acting(request), found, form.cleaned_data["appeal"])
    except PrivacyError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Your appeal has arrived."))
    return True


def _within(request: CityRequest, action: str, form: Any) -> bool:
    """Whether this address may do so once more; else the form says that it must wait."""
    if consume(request, app="madang.footage", action=action, config=LIMITS):
        return True
    form.limited = True
    form.add_error(
        None, _("Too much came from your address. Wait a while, or come to the city's desk.")
    )
    return False


def _status(form: Any) -> int:
    return 429 if getattr(form, "limited", False) else 200
