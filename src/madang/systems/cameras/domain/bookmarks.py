"""Moments of footage that a person names for themselves; they end with the footage."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from madang.ground.people.models import Account
from madang.systems.cameras.errors import CameraError
from madang.systems.cameras.models import Bookmark, Camera, Segment

MOST = 500  # of one person
YOUNG = timedelta(hours=1)  # a moment just past is in the index only when its file is closed


@transaction.atomic
def set_bookmark(camera: Camera, account: Account, at: datetime, name: str, note: str) -> Bookmark:
    """Name a moment of what was recorded of camera."""
    Account.objects.select_for_update().get(pk=account.pk)
    if Bookmark.objects.filter(account=account, city=camera.city_id).count() >= MOST:
        raise CameraError(_("You keep %d already: remove one first.") % MOST)
    if at > timezone.now():
        raise CameraError(_("That moment has not been recorded yet."))
    return Bookmark.objects.create(
        city_id=camera.city_id, camera=camera, account=account, at=at, name=name, note=note
    )


def end() -> int:
    """Let go of those whose footage is destroyed; how many."""
    there = Segment.objects.filter(
        camera=OuterRef("camera"), begins__lte=OuterRef("at"), ends__gte=OuterRef("at"), gone=None
    )
    old = Bookmark.objects.filter(made__lt=timezone.now() - YOUNG)
    return old.filter(~Exists(there)).delete()[0]
