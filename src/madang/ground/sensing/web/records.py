"""What the stations of a data set measured, month by month: a panel on the data set's page."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import DataSet
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import may
from madang.ground.sensing.domain.archive import KINDS, device_key
from madang.ground.sensing.domain.kinds import ChannelSpec
from madang.ground.sensing.models import Span
from madang.ground.sensing.observed import Kept, Month, months, stations
from madang.ground.web.charts import Chart, Series

SUMMED = ("rainfall", "solar")  # what falls in an hour adds up
NOT_AVERAGED = ("wind_direction",)  # the mean of north-west and north-east is not south


def panel(request: CityRequest, data_set: DataSet) -> str:
    """A table of the stations and a chart of one channel of one of them, for who may see devices."""
    if not may(request.user, "sensing.view", request.city):
        return ""
    kept = stations(data_set)
    chosen = next((one for one in kept if str(one.id) == request.GET.get("station")), kept[0])
    channels = [each for each in KINDS[chosen.kind].channels if each.key not in NOT_AVERAGED]
    channels = [each for each in channels if each.key in chosen.channels]
    asked = request.GET.get("channel")
    channel = next((each for each in channels if each.key == asked), next(iter(channels), None))
    language = get_language() or "ko"
    context = {
        "kept": [(one, device_key(one.kind, one.key)) for one in kept],
        "stations": [(str(one.id), one.name, one.id == chosen.id) for one in kept],
        "channels": [(one.key, _name(one, language), one is channel) for one in channels],
        "chart": _chart(data_set, chosen, channel, language) if channel else None,
    }
    return render_to_string("sensing/records.html", context, request)


def _chart(data_set: DataSet, kept: Kept, channel: ChannelSpec, language: str) -> Chart:
    found = months(kept, channel.key, data_set.city.time_zone)
    summed = channel.key in SUMMED
    return Chart(
        title=f"{kept.name} · {_name(channel, language)}",
        labels_title=_("Month"),
        labels=[month.first.strftime("%Y-%m") for month in found],
        series=_sum(found) if summed else _lines(found, kept.span),
        kind="bar" if summed else "line",
        unit=channel.unit,
        source=data_set.attribution or data_set.source,
        simulated=data_set.simulated,
    )


def _sum(found: list[Month]) -> list[Series]:
    return [Series(_("Sum of the hours that are known"), [month.total for month in found])]


def _lines(found: list[Month], span: str) -> list[Series]:
    if span == Span.MONTH:
        return [Series(_("Mean of the month"), [month.mean for month in found])]
    return [
        Series(_("Mean of the hours that are known"), [month.mean for month in found]),
        Series(_("Least"), [month.low for month in found]),
        Series(_("Greatest"), [month.high for month in found]),
    ]


def _name(channel: ChannelSpec, language: str) -> str:
    names: dict[str, Any] = channel.names
    return str(names.get(language) or names["ko"])
