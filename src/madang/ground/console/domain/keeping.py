"""Keep and let go of what a person saves for themselves."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.console.models import Bookmark, SavedView
from madang.ground.people.models import Account

MOST_KEPT = 500
Kept = TypeVar("Kept", SavedView, Bookmark)


class TooManyError(ValueError):
    """A person keeps as many as they may."""


@transaction.atomic
def save_view(city: City, account: Account, name: str, state: dict[str, Any]) -> SavedView:
    """Save a view under a name; the same name again replaces it."""
    return _keep(SavedView, city, account, name, {"state": state})


@transaction.atomic
def set_bookmark(city: City, account: Account, name: str, place: dict[str, Any]) -> Bookmark:
    """Mark a place under a name; the same name again moves the mark."""
    return _keep(Bookmark, city, account, name, place)


class NameTakenError(ValueError):
    """This person keeps another one under that name."""


@transaction.atomic
def rename(
    kind: type[Kept], city: City, account: Account, pk: UUID, name: str
) -> SavedView | Bookmark | None:
    """Call what this person kept by another name; None when they keep no such thing.

    Raises NameTakenError where another one is called so.
    """
    Account.objects.select_for_update().get(pk=account.pk)
    mine = kind.objects.filter(city=city, account=account)
    if mine.filter(name=name).exclude(pk=pk).exists():
        raise NameTakenError(name)
    mine.filter(pk=pk).update(name=name, changed=timezone.now())
    return mine.filter(pk=pk).first()


def let_go(kind: type[SavedView] | type[Bookmark], city: City, account: Account, pk: UUID) -> bool:
    """Remove what this person kept; False when they keep no such thing."""
    removed, _ = kind.objects.filter(city=city, account=account, pk=pk).delete()
    return removed > 0


def _keep(
    kind: type[Kept], city: City, account: Account, name: str, values: dict[str, Any]
) -> Kept:
    Account.objects.select_for_update().get(pk=account.pk)
    mine = kind.objects.filter(city=city, account=account)
    if not mine.filter(name=name).exists() and mine.count() >= MOST_KEPT:
        raise TooManyError(MOST_KEPT)
    kept, _ = kind.objects.update_or_create(
        city=city, account=account, name=name, defaults={**values, "changed": timezone.now()}
    )
    return kept
