"""How allauth is bent to a city's needs: who may open an account, and what the trail learns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.core import context
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.http import HttpRequest

from madang.ground.people.gates import acting
from madang.ground.trail.public import Act, record


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by invitation or by an administrator, not by whoever finds the page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The city's own sign-in opens accounts that are there; it makes none.

    What it is asked by us leads nowhere else: an answer that does is a fault of the provider.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def get_requests_session(self) -> Any:
        session = super().get_requests_session()
        session.max_redirects = 0
        return session


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """Whoever signs themselves out elsewhere says first who they are, and leaves an entry for each place."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        raise_if_reauthentication_required(context.request, app="allauth.account")
        for session in sessions:
            thing = ("account", str(session.user_id))
            record(acting(context.request), Act("people.session.ended", thing=thing))
            session.end()
