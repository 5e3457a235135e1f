"""Alarms in the header and on the city's overview."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from madang.ground.cases import queries
from madang.ground.measure import Measure
from madang.ground.web.registry import Figure, State, System, register


def register_system() -> None:
    register(
        System(
            key="cases",
            title=gettext_lazy("Alarms and incidents"),
            summary=gettext_lazy("What asks for somebody, who looks after it, and how it ended."),
            icon="bell",
            url_name="cases:inbox",
            order=5,
            state=state,
            permission="cases.view",
        )
    )


def state(city: UUID) -> State:
    """Attention while an alarm waits for somebody."""
    found = queries.counts(city)
    sentence = (
        ngettext("%d alarm waits for somebody.", "%d alarms wait for somebody.", found.open)
        % found.open
        if found.open
        else _("No alarm waits for anybody.")
    )
    figures = (
        (_("Waiting"), found.open),
        (_("Acknowledged"), found.acknowledged),
        (_("Open incidents"), found.incidents),
    )
    shown = tuple(Figure(title, Measure(value=count, unit="{case}")) for title, count in figures)
    return State("attention" if found.open else "ok", sentence, shown)
