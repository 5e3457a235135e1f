"""Reads shaped for pages, API and the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Q, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone

from madang.ground.people.models import Account, Membership
from madang.ground.trail.models import Entry


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
    return list(found.select_related("personal").order_by("-time")[:most])
