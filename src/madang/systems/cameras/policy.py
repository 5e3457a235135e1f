"""The policy on fixed cameras with the eight items of 영 §25, as everybody may read it.

What the register, the rights and the ledger of requests know is read from them each time; the rest is
in the city's own words (models.Policy). What nobody recorded is None, and the page says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.people.models import LawBasis
from madang.ground.people.public import camera_users
from madang.ground.people.roles import find as find_role
from madang.ground.privacy.public import Asked, contracts_in_force, last_review, requests_since
from madang.systems.cameras import queries
from madang.systems.cameras.models import Camera, LifeState, Policy, Purpose, Site

YEAR = timedelta(days=365)
STANDING = (LifeState.INSTALLED, LifeState.REPAIR)


@dataclass(frozen=True)
class Share:
    """Cameras that have something in common; value None: not recorded of them."""

    value: Any
    cameras: int


@dataclass(frozen=True)
class Use:
    """Sites of one installation purpose on one legal basis (None: not recorded)."""

    purpose: Purpose
    basis: str | None
    sites: int
    cameras: int


@dataclass(frozen=True)
class Firm:
    """Who is contracted for cameras: for what and until when if a contract is kept."""

    name: str
    phone: str
    work: str
    ends: date | None


@dataclass(frozen=True)
class Reading:
    """Everything the page says."""

    words: Policy | None
    versions: list[Policy]
    uses: list[Use]
    places: list[queries.Line]
    sites: int
    cameras: int
    looking: int
    hours: list[Share]
    kept: list[Share]
    users: list[tuple[str, int]]
    asked: Asked
    reviewed: date | None
    firms: list[Firm]


def read(city: City, language: str) -> Reading:
    """The policy of city as it is now; names in language."""
    versions = list(Policy.objects.filter(city=city).order_by("-number"))
    sites = Site.objects.filter(city=city)
    counts = sites.aggregate(sites=Count("pk"), cameras=Sum("cameras"))
    return Reading(
        words=versions[0] if versions else None,
        versions=versions,
        uses=_uses(city),
        places=queries.overview(city, language).dongs,
        sites=counts["sites"],
        cameras=counts["cameras"] or 0,
        looking=sites.exclude(direction="").count(),
        hours=_shares(sites.order_by().values_list("hours").annotate(Sum("cameras"))),
        kept=_kept(city.pk),
        users=_users(city.pk),
        asked=requests_since(city.pk, timezone.now() - YEAR),
        reviewed=last_review(city.pk),
        firms=_firms(city, language),
    )


def _uses(city: City) -> list[Use]:
    rows = Site.objects.filter(city=city).order_by().values_list("purpose", "basis")
    titles = dict(LawBasis.choices)
    found = [
        Use(Purpose(purpose), str(titles[basis]) if basis else None, sites, cameras)
        for purpose, basis, sites, cameras in rows.annotate(Count("pk"), Sum("cameras"))
    ]
    return sorted(found, key=lambda one: (-one.cameras, one.purpose, one.basis or ""))


def _kept(city: UUID) -> list[Share]:
    """Cameras by how many days their footage is kept: a camera's own term goes before its site's."""
    sites = Site.objects.filter(city=city).order_by()
    days: Counter[Any] = Counter(dict(sites.values_list("kept_days").annotate(Sum("cameras"))))
    own = Camera.objects.filter(city=city, state__in=STANDING).exclude(kept_days=None).order_by()
    for site, camera, count in own.values_list("site__kept_days", "kept_days").annotate(
        Count("pk")
    ):
        days[site] -= count
        days[camera] += count
    return _shares((value, count) for value, count in days.items() if count > 0)


def _shares(rows: Iterable[tuple[Any, int]]) -> list[Share]:
    """The most first, what is not recorded last."""
    found = [Share(value if value != "" else None, count) for value, count in rows]
    return sorted(found, key=lambda one: (one.value is None, -one.cameras, str(one.value)))


def _users(city: UUID) -> list[tuple[str, int]]:
    """Which positions can see pictures now, and how many people hold them."""
    roles = ((find_role(key), count) for key, count in camera_users(city).items())
    return sorted((str(role.title), count) for role, count in roles if role)


def _firms(city: City, language: str) -> list[Firm]:
    found = {
        one.organisation_id: Firm(one.organisation.name(language), "", one.scope, one.ends)
        for one in contracts_in_force(city.pk)
    }
    at_cameras = Camera.objects.filter(city=city, state__in=STANDING).exclude(contractor=None)
    for one in at_cameras.select_related("contractor").distinct("contractor"):
        assert one.contractor is not None
        known = found.get(one.contractor.pk)
        found[one.contractor.pk] = Firm(
            one.contractor.name(language),
            one.contractor_phone,
            known.work if known else "",
            known.ends if known else None,
        )
    return sorted(found.values(), key=lambda one: one.name)
