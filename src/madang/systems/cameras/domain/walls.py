"""What a person keeps for the wall."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from madang.ground.city.models import City
from madang.ground.people.models import Account
from madang.systems.cameras.models import WallView

MOST = 200


class TooManyError(ValueError):
    """A person keeps as many as they may."""


@transaction.atomic
def keep(
    city: City, account: Account, name: str, layout: str, cameras: list[str | None],
    dwell: int | None,
) -> WallView:  # fmt: skip
    """Keep a layout or a patrol under a name; the same name again replaces it."""
    Account.objects.select_for_update().get(pk=account.pk)
    mine = WallView.objects.filter(city=city, account=account)
    if not mine.filter(name=name).exists() and mine.count() >= MOST:
        raise TooManyError(MOST)
    values = {"layout": layout, "cameras": cameras, "dwell": dwell, "changed": timezone.now()}
    kept, _ = WallView.objects.update_or_create(
        city=city, account=account, name=name, defaults=values
    )
    return kept
