"""How long somebody stays signed in: a whole shift at most, and not while nobody is at the desk."""

from __future__ import annotations

import time
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user, logout
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from madang.ground.people.models import Account, DutyShift

SEEN, BEGAN = "seen", "began"
EVERY = 60.0  # seconds: a request within them writes nothing


class SittingMiddleware(AuthenticationMiddleware):
    """Says who asks, as Django's does, when somebody wants to know; nobody if their sitting is over.

    It is over SESSION_COOKIE_AGE after it began, and SESSION_IDLE after it was last used. Whoever is on a
    duty shift watches, often without a touch: their session does not end for idleness.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _who(request))  # type: ignore[assignment]


def _who(request: HttpRequest) -> Account | AnonymousUser:
    user = get_user(request)
    if not isinstance(user, Account) or not _over(request, user):
        return user
    request.user = user  # whose signing out the trail keeps
    logout(request)
    return AnonymousUser()


def _over(request: HttpRequest, user: Account) -> bool:
    now, session = time.time(), request.session
    if BEGAN not in session:
        session[BEGAN] = session[SEEN] = now
        # A moment, not a span: what the session writes later does not put its end off.
        session.set_expiry(timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE))
        return False
    idle = now - session.get(SEEN, now)
    if idle > settings.SESSION_IDLE and not _on_duty(user):
        return True
    if idle > EVERY:
        session[SEEN] = now
    return False


def _on_duty(user: Account) -> bool:
    now = timezone.now()
    shifts = DutyShift.objects.filter(membership__account=user, cancelled=None)
    return shifts.filter(begins__lte=now, ends__gt=now).exists()
