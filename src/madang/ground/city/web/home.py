"""The first pages: which cities there are, and what the systems of one city are and how they do."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madang.ground.city.models import City
from madang.ground.city.web.middleware import CityRequest
from madang.ground.web.registry import State, System
from madang.ground.web.shell import system_url, visible_systems

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Card:
    """One system of a city, with its state of this moment."""

    system: System
    url: str
    state: State


@require_safe
def cities(request: HttpRequest) -> HttpResponse:
    """The only city's page; the list when there are several; first steps when there is none."""
    found: list[City] = list(request.cities)  # type: ignore[attr-defined]
    if len(found) == 1:
        return redirect("home", city=found[0].key)
    language = request.LANGUAGE_CODE
    named = [(city, city.name(language)) for city in found]
    return render(request, "city/cities.html", {"cities": named})


@require_safe
def home(request: CityRequest, city: str) -> HttpResponse:
    """The systems of this city that the visitor may see, each with its state."""
    cards = [_card(system, request.city) for system in visible_systems(request)]
    return render(request, "city/home.html", {"cards": cards, "counts": _counts(cards)})


def _card(system: System, city: City) -> Card:
    return Card(system, system_url(system, city), _state(system, city))


def _state(system: System, city: City) -> State:
    """What the system says of itself; one that cannot say does not take the page with it."""
    try:
        return system.state(city.pk)
    except Exception:
        log.exception("The system %s could not tell its state", system.key)
        return State(
            "down", _("Its state could not be read. The operators have been told in the log.")
        )


def _counts(cards: Iterable[Card]) -> dict[str, int]:
    """How many systems are in each state that asks for attention."""
    levels = [card.state.level for card in cards]
    return {level: levels.count(level) for level in ("down", "attention") if level in levels}
