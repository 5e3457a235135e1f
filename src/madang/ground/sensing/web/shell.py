"""The entry of devices in the header and on the home page, and the tabs of their pages."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from madang.ground.measure import Measure
from madang.ground.sensing import queries
from madang.ground.web import registry
from madang.ground.web.registry import Figure, State, System

PAGES = (
    ("sensing:devices", _("Devices")),
    ("sensing:health", _("Health")),
    ("sensing:quarantine", _("Quarantine")),
)
MANY_SILENT = 0.05  # of the devices; more than that and the home page says so in red


@dataclass(frozen=True)
class Tab:
    title: object
    url: str
    current: bool


def tabs(request: HttpRequest) -> list[Tab]:
    """The pages of devices beside each other."""
    city = request.city.key  # type: ignore[attr-defined]
    urls = [(title, reverse(name, kwargs={"city": city})) for name, title in PAGES]
    here = request.path if any(url == request.path for _title, url in urls) else urls[0][1]
    return [Tab(title, url, url == here) for title, url in urls]


def register() -> None:
    registry.register(
        System(
            key="sensing",
            title=_("Field devices"),
            summary=_("What stands and drives in the street, how it is, and what it measures."),
            icon="radio-tower",
            url_name="sensing:devices",
            order=70,
            state=_state,
            permission="sensing.view",
        )
    )


def _state(city: UUID) -> State:
    counts = queries.state_counts(city)
    total = sum(counts.values()) - counts["withdrawn"]
    if not total:
        return State("empty", _("No device is registered yet."))
    refused = queries.quarantined_today(city)
    figures = (
        _figure(_("Devices"), total),
        _figure(_("Silent"), counts["silent"]),
        _figure(_("Not believed today"), refused),
    )
    silent = counts["silent"]
    if not silent:
        return State("ok", _("Every device that was heard is still heard."), figures)
    level: registry.Level = "down" if silent > MANY_SILENT * total else "attention"
    words = ngettext("%d device is silent.", "%d devices are silent.", silent) % silent
    return State(level, words, figures)


def _figure(title: object, value: int) -> Figure:
    return Figure(title, Measure(value=value, unit="1", provenance="measured"))  # type: ignore[arg-type]
