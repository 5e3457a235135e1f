"""Reads shaped for pages, API and the terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone

from madang.ground.people.models import (
    Account,
    BreakGlass,
    CameraScope,
    DutyShift,
    Grant,
    Membership,
    Organisation,
)
from madang.ground.trail.models import Entry
from madang.ground.trail.personal import opened


def accounts_with_roles(city_key: str | None = None) -> Iterable[Any]:
    """Accounts by e-mail address, each with `held`: its roles now, as "city/organisation:role"."""
    accounts = Account.objects.all()
    if city_key:
        accounts = accounts.filter(_now(), memberships__city__key=city_key)
    label = Concat(
        F("memberships__city__key"),
        Value("/"),
        F("memberships__organisation__key"),
        Value(":"),
        F("memberships__role"),
        output_field=TextField(),
    )
    return accounts.annotate(
        held=ArrayAgg(label, filter=_now() & ~Q(memberships=None), default=Value([]))
    ).order_by("email")


def _now() -> Q:
    now = timezone.now()
    return Q(memberships__begins__lte=now) & (
        Q(memberships__ends=None) | Q(memberships__ends__gt=now)
    )


def memberships_of(account: UUID) -> list[Membership]:
    """Every membership of account, the newest first, each with `title` and `state` for the page."""
    found = Membership.objects.filter(account=account).select_related("city", "organisation")
    return list(found.order_by(F("ends").desc(nulls_first=True), "-begins"))


def second_factors(account: UUID) -> dict[str, int]:
    """How many second factors of each kind account has set up."""
    from allauth.mfa.models import Authenticator

    kinds = Authenticator.objects.filter(user=account).values_list("type")
    return dict(kinds.annotate(count=Count("id")))


def own_sign_ins(account: UUID, most: int) -> list[Entry]:
    """The last times somebody signed in to account, or tried to."""
    acts = ["people.signed_in", "people.sign_in_failed"]
    found = Entry.objects.filter(thing_kind="account", thing_id=str(account), action__in=acts)
    with opened(account):
        return list(found.select_related("personal").order_by("-time")[:most])


def current_memberships(city: UUID) -> QuerySet[Membership]:
    """The memberships of a city that count now."""
    now = timezone.now()
    found = Membership.objects.filter(city=city, begins__lte=now).exclude(ends__lte=now)
    return found.select_related("account", "organisation")


def scopes_of(account: UUID, city: UUID) -> list[CameraScope]:
    """The camera scopes of account in city that have not ended."""
    found = CameraScope.objects.filter(membership__account=account, city=city)
    found = found.exclude(ends__lte=timezone.now()).select_related("membership")
    return list(found.order_by("begins"))


def camera_users(city: UUID) -> dict[str, int]:
    """How many people of each role have a camera scope now: who can see pictures in city, by position."""
    now = timezone.now()
    scopes = CameraScope.objects.filter(
        city=city, begins__lte=now, membership__begins__lte=now, membership__account__is_active=True
    )
    scopes = scopes.exclude(ends__lte=now).exclude(membership__ends__lte=now).order_by()
    return dict(
        scopes.values_list("membership__role").annotate(
            count=Count("membership__account", distinct=True)
        )
    )


@dataclass(frozen=True)
class OrganisationLine:
    """One organisation of the tree: how deep it stands, and how many people hold a role in it now."""

    organisation: Organisation
    depth: int
    people: int


def organisation_tree(city: UUID) -> list[OrganisationLine]:
    """The organisations of city, each after its parent."""
    counts = dict(
        current_memberships(city)
        .order_by()
        .values("organisation")
        .annotate(count=Count("account", distinct=True))
        .values_list("organisation", "count")
    )
    children: dict[UUID | None, list[Organisation]] = defaultdict(list)
    for one in Organisation.objects.filter(city=city).order_by("kind", "key"):
        children[one.parent_id].append(one)
    lines: list[OrganisationLine] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for one in children[parent]:
            lines.append(OrganisationLine(one, depth, counts.get(one.pk, 0)))
            walk(one.pk, depth + 1)

    walk(None, 0)
    return lines


def shifts(city: UUID, begin: datetime, end: datetime) -> list[DutyShift]:
    """The shifts of city that touch the time from begin to end, by their beginning."""
    found = DutyShift.objects.filter(city=city, cancelled=None, begins__lt=end, ends__gt=begin)
    return list(found.select_related("membership__account").order_by("begins"))


def glasses(city: UUID, account: UUID | None, most: int = 200) -> list[BreakGlass]:
    """Emergency access in city, the newest first; only account's own if one is given."""
    found = BreakGlass.objects.filter(city=city).select_related("account", "reviewed_by")
    if account is not None:
        found = found.filter(account=account)
    return list(found.order_by("-begins")[:most])


def count_people(city: UUID) -> int:
    """How many accounts hold a role in city now."""
    return int(
        current_memberships(city)
        .order_by()
        .aggregate(count=Count("account", distinct=True))["count"]
    )


def count_unreviewed_glasses(city: UUID) -> int:
    """How many emergency accesses nobody has looked into."""
    return BreakGlass.objects.filter(city=city, reviewed=None).count()


def open_grants(city: UUID) -> list[Grant]:
    """The grants of city that are open or will be, the first to end first."""
    found = Grant.objects.filter(city=city, revoked=None, until__gt=timezone.now())
    return list(found.select_related("organisation", "account").order_by("until"))


def grants_to(account: UUID, city: UUID) -> list[Grant]:
    """What account may use in city by a grant, now."""
    from madang.ground.people.camera_rights import grants_of

    now = timezone.now()
    found = grants_of(account).filter(city=city, revoked=None, begins__lte=now, until__gt=now)
    return list(found.order_by("until"))
