"""How many cameras, where and for what, in one look: open to everybody (법 §25④)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import public_page
from madang.ground.web.charts import Chart, Series
from madang.systems.cameras import queries
from madang.systems.cameras.console import PURPOSES
from madang.systems.cameras.models import Purpose
from madang.systems.cameras.web.shell import tabs


@public_page
def index(request: CityRequest, city: str) -> HttpResponse:
    """Cameras by purpose and district."""
    found = queries.overview(request.city, get_language() or "ko")
    used = [purpose for purpose in PURPOSES if found.purposes[purpose]]
    context = {
        "tabs": tabs(request),
        "found": found,
        "purposes": [(one.value, PURPOSES[one][0], found.purposes[one]) for one in used],
        "lines": [
            (line, [(PURPOSES[one][0], line.by_purpose[one]) for one in used])
            for line in found.dongs
        ],
        "chart": _chart(found, used, simulated=request.city.simulated) if used else None,
    }
    return render(request, "cameras/overview.html", context)


def _chart(found: queries.Overview, used: list[Purpose], *, simulated: bool) -> Chart:
    lines = found.gus if len(found.gus) > 1 else found.dongs
    return Chart(
        _("Cameras by purpose and district"),
        _("Purpose"),
        [PURPOSES[one][0] for one in used],
        [
            Series(line.name or _("Outside"), [float(line.by_purpose[one]) for one in used])
            for line in lines
        ],
        kind="bar",
        source=_("The register of cameras, as it counts them."),
        simulated=simulated,
    )
