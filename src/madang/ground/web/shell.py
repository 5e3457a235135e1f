"""What every page's frame shows: the city, its systems, language, theme and the account's menu."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language

from madang.ground.web.registry import (
    Inbox,
    Notice,
    System,
    Text,
    inbox,
    notices,
    systems,
    tools,
)

THEMES = ("system", "light", "dark")


@dataclass(frozen=True)
class Link:
    """One entry of the list of systems."""

    title: Text
    url: str
    icon: str
    current: bool


class Shell:
    """Computed when the template asks, so that a bare page costs nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def city(self) -> Any:
        """The city of this page, or None above cities."""
        return getattr(self.request, "city", None)

    @cached_property
    def city_name(self) -> str:
        return str(self.city.name(get_language() or "")) if self.city else ""

    @cached_property
    def other_cities(self) -> list[tuple[str, str]]:
        """(key, name) of every other city."""
        language = get_language() or ""
        cities = getattr(self.request, "cities", ())
        return [(one.key, one.name(language)) for one in cities if one != self.city]

    @cached_property
    def systems(self) -> list[Link]:
        """The systems of this city that this account may see."""
        if not self.city:
            return []
        found = [(one, system_url(one, self.city)) for one in visible_systems(self.request)]
        around = (url for _, url in found if self.request.path.startswith(url))
        here = max(around, key=len, default="")  # a system may stand within another's addresses
        return [Link(one.title, url, one.icon, url == here) for one, url in found]

    @cached_property
    def tools(self) -> list[Link]:
        """The pages above cities that this account may see."""
        return [
            Link(one.title, url, one.icon, self.request.path.startswith(url))
            for one in tools()
            if one.permission is None or self.request.user.has_perm(one.permission)
            if (url := reverse(one.url_name))
        ]

    @cached_property
    def notices(self) -> list[Notice]:
        """What this person must not miss in this city."""
        return notices(self.request) if self.city else []

    @cached_property
    def inbox(self) -> Inbox | None:
        """What this person was told in this city and has not read."""
        return inbox(self.request) if self.city else None

    @property
    def theme(self) -> str:
        return theme_of(self.request)

    @property
    def idle(self) -> int:
        """Seconds after which a session that nobody used has ended."""
        return int(settings.SESSION_IDLE)

    @property
    def languages(self) -> list[tuple[str, str]]:
        return list(settings.LANGUAGES)

    @property
    def language_name(self) -> str:
        return dict(settings.LANGUAGES).get(get_language() or "", "")

    @cached_property
    def sign_in_url(self) -> str:
        return address("account_login")

    @cached_property
    def sign_out_url(self) -> str:
        return address("account_logout")

    @cached_property
    def account_url(self) -> str:
        return address("account")


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor that gives templates `shell`."""
    return {"shell": Shell(request)}


def visible_systems(request: HttpRequest) -> list[System]:
    """The systems that the account of request may see in its city."""
    city = getattr(request, "city", None)
    return [
        one
        for one in systems()
        if one.permission is None or request.user.has_perm(one.permission, city)
    ]


def system_url(system: System, city: Any) -> str:
    """The address of a system's first page in city."""
    return reverse(system.url_name, kwargs={"city": city.key})


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    return chosen if chosen in THEMES else "system"


def address(name: str) -> str:
    """The address called name, or nothing in an installation without that room."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
