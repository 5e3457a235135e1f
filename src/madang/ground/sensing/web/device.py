"""One device: how it is, what it measures, what of it was not believed, and its credential."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.measure import Measure
from madang.ground.people.public import acting, may, requires
from madang.ground.sensing import queries, saying
from madang.ground.sensing.domain.archive import data_set_of
from madang.ground.sensing.domain.devices import (
    DeviceError,
    renew_credential,
    return_to_service,
    withdraw,
)
from madang.ground.sensing.models import Channel, Device
from madang.ground.sensing.queries import Point
from madang.ground.sensing.web.devices import PERIODS
from madang.ground.sensing.web.shell import tabs
from madang.ground.sensing.web.words import reason_title, state_badge, what_title
from madang.ground.sensing.wire import client_id, topic
from madang.ground.web.charts import Chart, Series

POINTS = 200  # of a chart; its table has as many lines
SPEED, BATTERY = "speed", "battery"
QUARANTINE_DAYS = 30


@requires("sensing.view")
def device(request: CityRequest, city: str, key: str) -> HttpResponse:
    """The device and one of its series, over the period that was asked for."""
    return render(request, "sensing/device.html", _context(request, _device(request, key)))


def _device(request: CityRequest, key: str) -> Any:
    rows = queries.devices(request.city.pk).select_related("city", "gateway")
    return get_object_or_404(rows, key=key)


def _context(request: CityRequest, device: Any) -> dict[str, Any]:
    language = get_language() or "ko"
    measures = queries.measures(device)
    names = {channel.key: channel.name(language) for channel, _measure in measures}
    if getattr(device, "health", None) and device.health.located:
        names[SPEED] = str(_("Speed"))
    period = request.GET.get("period", "")
    period = period if period in PERIODS else "24h"
    chosen = _chosen(request.GET.get("series", ""), names, measures)
    return {
        "device": device,
        "kind": device.kind.name(language),
        "state": state_badge(device.state),
        "tabs": tabs(request),
        "measures": [(channel.name(language), measure) for channel, measure in measures],
        "states": [
            (time, *saying.titles(device.kind.key, name, value), about)
            for time, name, value, about in queries.newest_states(device)
        ],
        "series": [(name, title, name == chosen) for name, title in names.items()],
        "periods": [(name, title, name == period) for name, (title, _span) in PERIODS.items()],
        "chart": _chart(device, chosen, names.get(chosen, ""), period),
        "quarantine": [
            (reason_title(one.reason), what_title(one.what), one)
            for one in queries.quarantine(request.city.pk, QUARANTINE_DAYS)
            .filter(key=device.key)
            .order_by("-day", "reason")[:50]
        ],
        "samples": [
            (reason_title(one.reason), what_title(one.what), one)
            for one in queries.samples(request.city.pk, device.key)[:20]
        ],
        "data_set": data_set_of(device),
        "may_manage": may(request.user, "sensing.manage", request.city),
        "client_id": client_id(request.city.key, device.key),
        "topic": topic(request.city.key, device.key, "…"),
    }


def _chosen(asked: str, names: dict[str, str], measures: Sequence[tuple[Channel, Measure]]) -> str:
    """The series that was asked for, else the first that has a value and is no battery's, else the first."""
    if asked in names:
        return asked
    heard = [channel.key for channel, measure in measures if measure.value is not None]
    likely = [name for name in [*heard, *names] if name != BATTERY]
    return next(iter(likely), next(iter(names), ""))


def _chart(device: Device, key: str, title: str, period: str) -> Chart | None:
    channel = Channel.objects.filter(kind=device.kind_id, key=key).first()
    if channel is None and key != SPEED:
        return None
    until = timezone.now()
    points = queries.series(device, channel, until - PERIODS[period][1], until, POINTS)
    if not points:
        return None
    rows = with_gaps(points)
    return Chart(
        title=title,
        labels_title=_("From"),
        labels=[_label(time, period) for time, _point in rows],
        series=_lines([point for _time, point in rows]),
        unit=channel.unit if channel else "m/s",
        source=channel.method if channel else _("as the device said it"),
        simulated=device.simulated,
    )


def with_gaps(points: Sequence[Point]) -> list[tuple[datetime, Point | None]]:
    """The points by time, with an unknown wherever much longer than usual nothing came: the line breaks."""
    pauses = sorted(later.time - point.time for point, later in pairwise(points))
    usual = pauses[len(pauses) // 2] if pauses else timedelta(0)
    rows: list[tuple[datetime, Point | None]] = []
    for point in points:
        if rows and point.time - rows[-1][0] > 2 * usual:
            rows.append((rows[-1][0] + usual, None))
        rows.append((point.time, point))
    return rows


def _lines(points: Sequence[Point | None]) -> list[Series]:
    mean = Series(_("Value"), [point.value if point else None for point in points])
    if all(point is None or point.facts == 1 for point in points):
        return [mean]
    return [
        mean,
        Series(_("Least"), [point.low if point else None for point in points]),
        Series(_("Greatest"), [point.high if point else None for point in points]),
    ]


def _label(time: datetime, period: str) -> str:
    short = period in ("3h", "24h")
    return date_format(timezone.localtime(time), "H:i:s" if short else "m-d H:i")


@require_POST
@requires("sensing.manage")
def renew(request: CityRequest, city: str, key: str) -> HttpResponse:
    """Give the device a new credential and show it, once."""
    found = _device(request, key)
    try:
        credential = renew_credential(found, acting(request))
    except DeviceError as error:
        messages.error(request, str(error))
        return redirect("sensing:device", city=city, key=key)
    context = {**_context(request, _device(request, key)), "credential": credential}
    response = render(request, "sensing/device.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@requires("sensing.manage")
def take_out(request: CityRequest, city: str, key: str) -> HttpResponse:
    """Take the device out of service, with a reason."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, _("Say why the device is taken out of service."))
    else:
        withdraw(_device(request, key), reason[:500], acting(request))
        messages.success(request, _("The device is out of service and its connection is ended."))
    return redirect("sensing:device", city=city, key=key)


@require_POST
@requires("sensing.manage")
def bring_back(request: CityRequest, city: str, key: str) -> HttpResponse:
    """Let a withdrawn device be used again."""
    return_to_service(_device(request, key), acting(request))
    messages.success(request, _("The device is back; give it a new credential."))
    return redirect("sensing:device", city=city, key=key)
