"""How allauth is bent to a city's needs: who may open an account, and what the trail learns."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by invitation or by an administrator, not by whoever finds the page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
