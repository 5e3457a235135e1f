"""The entry of people in the header and on the home page."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from madang.ground.measure import Measure
from madang.ground.people import queries
from madang.ground.web import registry
from madang.ground.web.registry import Figure, State, System


def register() -> None:
    registry.register(
        System(
            key="people",
            title=_("People and rights"),
            summary=_("Who works in this city, in which organisation, and what each may do."),
            icon="users",
            url_name="people:people",
            order=90,
            state=_state,
            permission="people.view",
        )
    )


def _state(city: UUID) -> State:
    people = queries.count_people(city)
    if not people:
        return State("empty", _("Nobody has a role in this city yet."))
    open_glasses = queries.count_unreviewed_glasses(city)
    figures = (Figure(_("People"), Measure(value=people, unit="1", provenance="reported")),)
    if open_glasses:
        words = ngettext(
            "%d emergency access waits to be looked into.",
            "%d emergency accesses wait to be looked into.",
            open_glasses,
        )
        return State("attention", words % open_glasses, figures)
    return State("ok", _("Every role has its people."), figures)
