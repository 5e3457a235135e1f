"""The doors of pages and API: each says which right opens it.

Every gate leaves its mark on the view, from which the access matrix is made.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import structlog
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from ninja.errors import HttpError
from ninja.security import APIKeyCookie

from madang.ground.city.models import City
from madang.ground.people.matrix import roles_with
from madang.ground.people.models import Account
from madang.ground.people.rights import may, rights_of, title_of
from madang.ground.trail.public import Actor

log = structlog.get_logger(__name__)
PUBLIC, OWN = "public", "own"  # marks of pages that no right guards
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def requires(name: str) -> Callable[[View], View]:
    """Open a page only to accounts with the right name in the page's city; others sign in or learn why."""

    def gate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **words: Any) -> HttpResponseBase:
            city = city_of_request(request)
            if may(request.user, name, city):
                return view(request, *args, **words)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            return refused(request, name, city)

        return cast("View", _marked(guarded, name))

    return gate


def public_page(view: View) -> View:
    """Mark a page as open to everybody on purpose; a page without a mark is a mistake of ours."""
    return cast("View", _marked(view, PUBLIC))


def own_page(view: View) -> View:
    """Open a page to whoever is signed in: it shows only what is their own."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **words: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **words)

    return cast("View", _marked(guarded, OWN))


def _marked(view: Callable[..., HttpResponseBase], right: str) -> Any:
    view.right = right  # type: ignore[attr-defined]
    return view


class RightAuth(APIKeyCookie):
    """The same gate for API operations: `@router.get(…, auth=RightAuth("cases.view"))`.

    401 without a session, 403 without the right, 404 for a city that is not there.
    """

    def __init__(self, right: str, csrf: bool = True) -> None:
        from django.conf import settings

        self.param_name = settings.SESSION_COOKIE_NAME
        super().__init__(csrf=csrf)
        self.right = right

    def __call__(self, request: HttpRequest) -> Any:
        city = city_of_request(request)
        if may(request.user, self.right, city):
            super().__call__(request)  # checks the CSRF token of a changing request
            return request.user
        if not request.user.is_authenticated:
            return None
        _tell_refusal(request, self.right, city)
        raise HttpError(403, why_not(request, self.right, city))

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        return request.user


def refused(request: HttpRequest, name: str, city: City | None) -> HttpResponse:
    """The page that says which right is missing, and what wakes it if a second factor does."""
    _tell_refusal(request, name, city)
    context = {
        "why": why_not(request, name, city),
        "sleeping": _sleeping(request, city),
        "right": title_of(name),
        "roles": roles_with(name),
        "city": city,
    }
    return render(request, "people/refused.html", context, status=403)


def why_not(request: HttpRequest, name: str, city: City | None) -> str:
    """Why the account of request may not do name, and what to do about it."""
    if _sleeping(request, city):
        return _("Set up a passkey or one-time codes first: your role needs a second factor.")
    words = {"right": title_of(name), "roles": ", ".join(roles_with(name))}
    if city is None:
        return _("“%(right)s” is for: %(roles)s. Whoever runs the server makes one.") % words
    return (
        _("“%(right)s” is for: %(roles)s. An administrator of this city can give you a role.")
        % words
    )


def _tell_refusal(request: HttpRequest, name: str, city: City | None) -> None:
    """A line in the log: nothing was done, so the trail keeps nothing."""
    where = city.key if city else ""
    log.warning("people.refused", right=name, account=str(request.user.pk), city=where)


def acting(request: HttpRequest) -> Actor:
    """Whoever sent request, as the trail names them: account, organisation in this city, address."""
    user = request.user
    if not isinstance(user, Account):
        return Actor(name="visitor", address=_address(request))
    city = city_of_request(request)
    return Actor(
        account=user.pk,
        name=str(user),
        organisation=_organisation(user, city),
        address=_address(request),
    )


def city_of_request(request: HttpRequest) -> City | None:
    """The city the address names, found by CityMiddleware; None above cities."""
    return getattr(request, "city", None)


def _sleeping(request: HttpRequest, city: City | None) -> bool:
    from django.utils import timezone

    return bool(rights_of(request.user).sleeping(city.pk if city else None, timezone.now()))


def _organisation(account: Account, city: City | None) -> Any:
    held = [one for one in rights_of(account).held if city is None or one.city == city.pk]
    return held[0].organisation if held else None


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "")
