"""Reads shaped for pages, API and the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.utils import timezone

from madang.ground.people.models import Account


def accounts_with_roles(city_key: str | None = None) -> Iterable[Any]:
    """Accounts by e-mail address, each with `held`: its roles now, as "city/organisation:role"."""
    accounts = Account.objects.all()
    if city_key:
        accounts = accounts.filter(_now(), memberships__city__key=city_key).distinct()
    label = Concat(
        F("memberships__city__key"),
        Value("/"),
        F("memberships__organisation__key"),
        Value(":"),
        F("memberships__role"),
    )
    return accounts.annotate(
        held=ArrayAgg(label, filter=_now() & ~Q(memberships=None), default=Value([]))
    ).order_by("email")


def _now() -> Q:
    now = timezone.now()
    return Q(memberships__begins__lte=now) & (
        Q(memberships__ends=None) | Q(memberships__ends__gt=now)
    )
