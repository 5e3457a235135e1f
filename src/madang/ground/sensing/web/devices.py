"""The devices of a city as a list, how they are, and what of their words was not believed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from madang.ground.bus.status import read_statuses
from madang.ground.city.web.middleware import CityRequest
from madang.ground.measure import Measure
from madang.ground.people.public import requires
from madang.ground.sensing import queries
from madang.ground.sensing.models import Device, DeviceKind, Quarantine
from madang.ground.sensing.web.shell import tabs
from madang.ground.sensing.web.words import (
    REASONS,
    STATES,
    reason_title,
    span_text,
    state_badge,
    what_title,
)
from madang.ground.web.registry import Text
from madang.ground.web.tables import Column, Filter, Link, Listing

BEHIND = 1000  # batches; further than that the recorder is not keeping up


def _search(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    return rows.filter(
        Q(key__istartswith=words) | Q(name__icontains=words) | Q(external_key__istartswith=words)
    )


def _link(one: Device) -> Link:
    words = {"city": one.city.key, "key": one.key}
    return Link(one.key, reverse("sensing:device", kwargs=words))


def _battery(one: Device) -> Measure | str:
    health = getattr(one, "health", None)
    if health is None or health.battery is None:
        return "–"
    return Measure(value=round(health.battery * 100), unit="%", time=health.battery_at)


def _heard(one: Device) -> object:
    health = getattr(one, "health", None)
    return health.heard if health else "–"


def _listing(kinds: Iterable[DeviceKind]) -> Listing[Device]:
    """The list, with the kinds that this city has to choose from."""
    language = get_language() or "ko"
    titles = [(kind.key, kind.name(language)) for kind in kinds]
    return Listing(
        "devices",
        _("Devices"),
        columns=(
            Column("key", _("Device"), _link, sort="key"),
            Column("name", _("Name"), lambda one: one.name, sort="name"),
            Column("kind", _("Kind"), lambda one: one.kind.name(language), sort="kind__key"),
            Column("state", _("State"), lambda one: state_badge(one.state)),  # type: ignore[attr-defined]
            Column("heard", _("Last heard"), _heard, sort="health__heard"),
            Column("battery", _("Battery"), _battery, sort="health__battery", number=True),
            Column("organisation", _("Owner"), lambda one: one.organisation or "–"),
            Column("simulated", _("Simulated"), lambda one: one.simulated),
        ),
        filters=(
            Filter("q", _("Key or name"), _search),
            Filter("kind", _("Kind"), lambda rows, key: rows.filter(kind__key=key), lambda: titles),
            Filter(
                "state",
                _("State"),
                lambda rows, state: rows.filter(state=state),
                lambda: [(key, title) for key, (title, _level) in STATES.items()],
            ),
        ),
        order="key",
        empty=_("No device is registered yet."),
        point=lambda one: (
            (one.lon, one.lat) if one.lon is not None and one.lat is not None else None
        ),
        provenance=lambda one: "simulated" if one.simulated else "measured",
    )


@requires("sensing.view")
def index(request: CityRequest, city: str) -> HttpResponseBase:
    """Every device, found by key, name, kind and state."""
    kinds = DeviceKind.objects.filter(city=request.city).order_by("key")
    rows = queries.devices(request.city.pk).select_related("city")
    table = _listing(kinds).read(request, rows)
    return table.download or render(
        request, "sensing/devices.html", {"table": table, "tabs": tabs(request)}
    )


@requires("sensing.view")
def health(request: CityRequest, city: str) -> HttpResponse:
    """How many devices of each kind are how, and whether what they say is being recorded."""
    kinds = queries.health_by_kind(request.city.pk)
    language = get_language() or "ko"
    lines = [
        {
            "key": one.kind.key,
            "title": one.kind.name(language),
            "total": one.total,
            "counts": [
                (state, title, one.counts.get(state, 0))
                for state, (title, _level) in STATES.items()
            ],
            "silence_after": span_text(one.silence_after) if one.silence_after else "",
        }
        for one in kinds
    ]
    context = {
        "tabs": tabs(request),
        "lines": lines,
        "states": [(state, title) for state, (title, _level) in STATES.items()],
        "totals": [(state, sum(one.counts.get(state, 0) for one in kinds)) for state in STATES],
        "recorders": _recorders(),
        "refused": queries.quarantined_today(request.city.pk),
    }
    return render(request, "sensing/health.html", context)


def _recorders() -> list[dict[str, Any]]:
    """Each recorder: its name, what it waits for, and how many batches it is behind."""
    found = read_statuses(settings.NATS_URL, "recorder")
    return [
        {
            "name": name,
            "why": status.get("why", ""),
            "behind": sum(status.get("behind", {}).values()),
            "level": _level(status),
        }
        for name, status in sorted(found.items())
    ]


def _level(status: dict[str, Any]) -> str:
    if status.get("why"):
        return "down"
    return "attention" if sum(status.get("behind", {}).values()) > BEHIND else "ok"


def _quarantined(one: Quarantine) -> Link | str:
    if one.device_id is None:
        return one.key
    words = {"city": one.city.key, "key": one.key}
    return Link(one.key, reverse("sensing:device", kwargs=words) + "#quarantine")


def _titles(words: dict[str, Text]) -> list[tuple[str, Text]]:
    return list(words.items())


QUARANTINE: Listing[Quarantine] = Listing(
    "quarantine",
    _("Quarantine"),
    columns=(
        Column("key", _("Device"), _quarantined, sort="key"),
        Column("reason", _("Reason"), lambda one: reason_title(one.reason), sort="reason"),
        Column("what", _("Of"), lambda one: what_title(one.what), sort="what"),
        Column(
            "day", pgettext_lazy("of a count", "Day"), lambda one: one.day.isoformat(), sort="day"
        ),
        Column("facts", _("Facts"), lambda one: one.facts, sort="facts", number=True),
        Column("last", _("Last"), lambda one: one.last, sort="last"),
    ),
    filters=(
        Filter(
            "q", _("Device begins with"), lambda rows, words: rows.filter(key__istartswith=words)
        ),
        Filter(
            "reason",
            _("Reason"),
            lambda rows, key: rows.filter(reason=key),
            lambda: _titles(REASONS),
        ),
    ),
    order="-facts",
    empty=_("Everything that was said could be believed."),
)


@requires("sensing.view")
def quarantine(request: CityRequest, city: str) -> HttpResponseBase:
    """What was not believed in the last seven days, and why."""
    rows = queries.quarantine(request.city.pk).select_related("city")
    table = QUARANTINE.read(request, rows)
    return table.download or render(
        request, "sensing/quarantine.html", {"table": table, "tabs": tabs(request)}
    )


PERIODS: dict[str, tuple[Text, timedelta]] = {
    "3h": (_("3 hours"), timedelta(hours=3)),
    "24h": (_("24 hours"), timedelta(hours=24)),
    "7d": (_("7 days"), timedelta(days=7)),
    "30d": (_("30 days"), timedelta(days=30)),
    "365d": (_("1 year"), timedelta(days=365)),
}
