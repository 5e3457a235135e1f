"""The city's data in the header and on the home page."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from madang.ground.city.models import City, Import
from madang.ground.city.queries.summaries import residents, row_counts
from madang.ground.measure import Measure, Provenance
from madang.ground.web.registry import Figure, State, System, register

COUNTED = {
    "city.district": gettext_lazy("Districts"),
    "city.roadlink": gettext_lazy("Road links"),
    "city.place": gettext_lazy("Places"),
}


def register_all() -> None:
    register(
        System(
            key="city",
            title=gettext_lazy("City data"),
            summary=gettext_lazy("Districts, roads, places and where they come from"),
            icon="database",
            url_name="city_data",
            order=900,
            state=state,
        )
    )


def state(city_id: UUID) -> State:
    """Empty without rows; asks for attention while an import waits for an answer."""
    city = City.objects.get(id=city_id)
    counts = row_counts(city)
    rows = sum((Counter(tables) for tables in counts.values()), Counter[str]())
    if not rows:
        return State("empty", _("Nothing has been imported yet."))
    waiting = Import.objects.filter(city=city, state=Import.State.PREVIEWED).count()
    word: Provenance = "simulated" if city.simulated else "reported"
    people = residents(city)
    figures = (
        Figure(
            _("Residents"),
            Measure(value=people, unit="{person}", provenance=word if people else "unknown"),
        ),
        *(
            Figure(str(title), Measure(value=rows[table], unit="1", provenance=word))
            for table, title in COUNTED.items()
        ),
    )
    if waiting:
        sentence = ngettext(
            "%(n)d import waits for an answer.", "%(n)d imports wait for an answer.", waiting
        )
        return State("attention", sentence % {"n": waiting}, figures)
    sentence = ngettext("%(n)d data set is there.", "%(n)d data sets are there.", len(counts))
    return State("ok", sentence % {"n": len(counts)}, figures)
