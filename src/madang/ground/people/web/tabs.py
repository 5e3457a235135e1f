"""The pages of people beside each other, those that this account may see."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from madang.ground.people.rights import may

PAGES = (
    ("people:people", _("People"), "people.view"),
    ("people:organisations", _("Organisations"), "people.view"),
    ("people:roles", _("Roles"), "people.roles"),
    ("people:invitations", _("Invitations"), "people.manage"),
    ("people:grants", _("Grants"), "people.grants.view"),
    ("people:granted", _("Granted to us"), "people.granted"),
    ("people:shifts", _("Duty shifts"), "people.shifts.view"),
    ("people:glass", _("Emergency access"), "people.glass.view"),
)


@dataclass(frozen=True)
class Tab:
    title: object
    url: str
    current: bool


def tabs(request: HttpRequest) -> list[Tab]:
    city = request.city  # type: ignore[attr-defined]
    found = []
    for name, title, right in PAGES:
        if may(request.user, right, city):
            url = reverse(name, kwargs={"city": city.key})
            found.append(Tab(title, url, url == request.path))
    return found
