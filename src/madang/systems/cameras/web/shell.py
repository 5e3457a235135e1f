"""The entry of cameras in the header and on the home page, and the tabs of their pages."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from madang.ground.measure import Measure
from madang.ground.people.public import may
from madang.ground.people.web.tabs import Tab
from madang.ground.web import registry
from madang.ground.web.registry import Figure, State, System
from madang.systems.cameras import queries

PAGES = (
    ("cameras:overview", _("At a glance"), None),
    ("cameras:sites", _("Camera sites"), None),
    ("cameras:policy", _("Policy"), None),
    ("cameras:cameras", _("Cameras"), "cameras.register"),
    ("cameras:faults", _("Faults"), "cameras.register"),
    ("cameras:recorders", _("Recorders"), "cameras.manage"),
    ("cameras:wall", _("Wall"), "cameras.watch"),
    ("cameras:steering", _("Steering"), "cameras.steering"),
    ("cameras:givings", _("Footage given"), "cameras.give"),
    ("cameras:giving_ledger", _("Statutory ledger"), "cameras.giving_ledger"),
)


def tabs(request: HttpRequest) -> list[Tab]:
    """The pages of cameras that whoever asks may open."""
    city = request.city  # type: ignore[attr-defined]
    return [
        Tab(title, url := reverse(name, kwargs={"city": city.key}), url == request.path)
        for name, title, right in PAGES
        if right is None or may(request.user, right, city)
    ]


def register() -> None:
    registry.register(
        System(
            key="cameras",
            title=_("Cameras"),
            summary=_(
                "Which cameras there are, where and for what; their pictures, with a reason."
            ),
            icon="cctv",
            url_name="cameras:overview",
            order=30,
            state=_state,
        )
    )


def _state(city: UUID) -> State:
    counts = queries.counts(city)
    if not counts["sites"]:
        return State("empty", _("No camera site is in the register yet."))
    figures = (
        _figure(_("Camera sites"), counts["sites"]),
        _figure(_("Cameras in the register"), counts["recorded"]),
        _figure(_("Open faults"), counts["faults"]),
    )
    if faults := counts["faults"]:
        words = ngettext("%d fault is open.", "%d faults are open.", faults) % faults
        return State("attention", words, figures)
    if unrecorded := counts["unrecorded"]:
        words = ngettext("%d camera is not recorded.", "%d cameras are not recorded.", unrecorded)
        return State("attention", words % unrecorded, figures)
    return State("ok", _("No fault of a camera is open."), figures)


def _figure(title: object, value: int) -> Figure:
    return Figure(title, Measure(value=value, unit="1", provenance="reported"))  # type: ignore[arg-type]
