"""Sites to choose in a grant, by what people call them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from madang.ground.people.public import Choice
from madang.systems.cameras.console import PURPOSES
from madang.systems.cameras.models import Purpose, Site

MOST = 200


def find(city: UUID, words: str) -> list[Choice]:
    """Sites whose address has every one of words, by address."""
    sites = Site.objects.filter(city=city)
    for word in words.split():
        sites = sites.filter(Q(road_address__icontains=word) | Q(lot_address__icontains=word))
    return [_choice(site) for site in sites.order_by("road_address", "key")[:MOST]]


def named(city: UUID, ids: Sequence[UUID]) -> list[Choice]:
    """Those of ids that are sites of city."""
    return [_choice(site) for site in Site.objects.filter(city=city, pk__in=ids)]


def purposes() -> list[tuple[str, Any]]:
    """What sites were installed for, as a scope may name it."""
    return [(purpose.value, title) for purpose, (title, _colour, _shape) in PURPOSES.items()]


def _choice(site: Site) -> Choice:
    where = site.road_address or site.lot_address or site.key
    return Choice(site.pk, f"{where} · {PURPOSES[Purpose(site.purpose)][0]}")
