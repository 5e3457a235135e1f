"""The entry of privacy in the header and on the home page."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from madang.ground.measure import Measure
from madang.ground.people.public import may
from madang.ground.people.queries import glasses
from madang.ground.people.web.tabs import Tab
from madang.ground.privacy import queries
from madang.ground.web import registry
from madang.ground.web.registry import Figure, Notice, State, System

PAGES = (
    ("privacy:trail", _("Trail"), "trail.view"),
    ("privacy:anomalies", _("To look at"), "trail.view"),
    ("privacy:months", _("Monthly review"), "trail.view"),
    ("privacy:breaches", _("Breaches"), "privacy.breach"),
    ("privacy:requests", _("Requests for footage"), "privacy.requests"),
    ("privacy:contracts", _("Contracts"), "privacy.contracts"),
)


def register() -> None:
    registry.register(
        System(
            key="privacy",
            title=_("Privacy and trail"),
            summary=_("Who did what, what the law asks for, and the proof of both."),
            icon="shield-check",
            url_name="privacy:trail",
            order=95,
            state=_state,
            permission="trail.view",
        )
    )
    registry.register(
        System(
            key="footage",
            title=_("Footage of yourself"),
            summary=_("Ask to see what the city's cameras recorded of you; answered in ten days."),
            icon="eye",
            url_name="footage:ask",
            order=94,
            state=_requests,
        )
    )
    registry.register_notice(glass_notice)


def glass_notice(request: HttpRequest) -> Notice | None:
    """What a privacy officer must not miss: cameras opened in an emergency and not looked into."""
    city = request.city  # type: ignore[attr-defined]
    if not may(request.user, "people.review_glass", city):
        return None
    waiting = [one for one in glasses(city.pk, None) if one.reviewed is None]
    if not waiting:
        return None
    words = ngettext(
        "%(who)s opened the cameras in an emergency (%(when)s).",
        "%(count)d emergency accesses wait, the last by %(who)s (%(when)s).",
        len(waiting),
    )
    last = waiting[0]
    when = timezone.localtime(last.begins, ZoneInfo(city.time_zone))
    told = {"who": last.account, "when": f"{when:%m-%d %H:%M}", "count": len(waiting)}
    return Notice(
        words % told, reverse("people:glass", kwargs={"city": city.key}), _("Look into it")
    )


def tabs(request: HttpRequest) -> list[Tab]:
    city = request.city  # type: ignore[attr-defined]
    return [
        Tab(title, url := reverse(name, kwargs={"city": city.key}), url == request.path)
        for name, title, right in PAGES
        if may(request.user, right, city)
    ]


def _state(city: UUID) -> State:
    breaches, late = queries.open_breaches(city), queries.late_requests(city)
    figures = (
        Figure(_("Open breaches"), Measure(value=len(breaches), unit="1", provenance="reported")),
        Figure(_("Late requests"), Measure(value=late, unit="1", provenance="reported")),
    )
    if any(one.late for one in breaches) or late:
        return State("down", _("A term of the law has passed."), figures)
    if breaches:
        return State("attention", _("A breach waits for its steps."), figures)
    return State("ok", _("Nothing waits."), figures)


def _requests(city: UUID) -> State:
    waiting, late = queries.waiting_requests(city), queries.late_requests(city)
    figures = (
        Figure(_("Requests that wait"), Measure(value=waiting, unit="1", provenance="reported")),
    )
    if late:
        return State("attention", _("An answer is late."), figures)
    return State("ok", _("Everybody was answered in time."), figures)
