"""A city's street networks: versions, what was mended in each, signal plans as a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.ground.city.models import DataSet
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import may, requires
from madang.systems.traffic import queries
from madang.systems.traffic.models import Crossing, SignalPhase, StreetNetwork
from madang.systems.traffic.operation_table import write
from madang.systems.traffic.sentences import REPAIRS

SHOWN = 40
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@requires("traffic.network")
def index(request: CityRequest, city: str) -> HttpResponse:
    return _page(request, queries.networks(request.city).first())


@require_safe
@requires("traffic.network")
def network(request: CityRequest, city: str, id: UUID) -> HttpResponse:
    return _page(request, _find(request, id))


@require_safe
@requires("traffic.network")
def repairs(request: CityRequest, city: str, id: UUID) -> StreamingHttpResponse:
    """Every repair of a network as CSV."""
    found = _find(request, id)
    response = StreamingHttpResponse(_lines(found), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="repairs.csv"'
    return response


@require_safe
@requires("traffic.network")
def plans(request: CityRequest, city: str) -> HttpResponse:
    """The city's signal plans as 신호운영표."""
    content = io.BytesIO()
    write(request.city, content)
    response = HttpResponse(content.getvalue(), content_type=WORKBOOK)
    name = f"signal-plans-{request.city.key}.xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def panel(request: CityRequest, data_set: DataSet) -> str:
    """On the data set's page, the way to its networks."""
    if not may(request.user, "traffic.network", request.city):
        return ""
    rows = queries.networks(request.city).filter(data_set=data_set)
    return render_to_string("traffic/panel.html", {"networks": rows}, request)


def _page(request: CityRequest, chosen: StreetNetwork | None) -> HttpResponse:
    context = {
        "chosen": chosen,
        "networks": list(queries.networks(request.city)),
        "groups": list(_groups(chosen)) if chosen else [],
        "crossings": Crossing.objects.filter(city=request.city).count(),
        "phases": SignalPhase.objects.filter(city=request.city).count(),
    }
    return render(request, "traffic/networks.html", context)


def _groups(found: StreetNetwork) -> Iterator[dict[str, object]]:
    """Repairs by kind, most first, the first of each by name."""
    for kind, things in queries.repairs_by_kind(found).items():
        yield {
            "words": str(REPAIRS.get(kind, kind)),
            "count": len(things),
            "things": [_thing(*each) for each in things[:SHOWN]],
            "more": max(0, len(things) - SHOWN),
        }


def _thing(name: str, figures: dict[str, object]) -> str:
    told = ", ".join(
        f"{word} {value}" for word, value in figures.items() if value not in ("", None)
    )
    return f"{name} ({told})" if told else name


def _lines(found: StreetNetwork) -> Iterator[str]:
    yield "\ufeff" + _line([_("Repair"), _("Thing"), _("Figures")])
    for kind, thing, figures in found.repairs:
        words = json.dumps(figures, ensure_ascii=False) if figures else ""
        yield _line([str(REPAIRS.get(kind, kind)), _plain(thing), words])


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _plain(thing: str) -> str:
    """Names come from files: one that a spreadsheet would compute gets an apostrophe."""
    return f"'{thing}" if thing.startswith(("=", "+", "@", "\t")) else thing


def _find(request: CityRequest, id: UUID) -> StreetNetwork:
    return get_object_or_404(queries.networks(request.city), id=id)
