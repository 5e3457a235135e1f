"""How long personal data is kept here, and its end (개인정보 보호법 §21, 안전성 확보조치 기준 §8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madang.ground.city.models import City
from madang.ground.privacy import ledger
from madang.ground.privacy.models import FootageRequest
from madang.ground.trail.domain.destroying import destroy_personal
from madang.ground.trail.models import Entry
from madang.ground.trail.personal import opened
from madang.ground.trail.public import Act, Actor, record

ASKER = timedelta(
    days=366
)  # who asked for footage, after the answer: longer than any appeal's term
# What of a request says who asked, and why; the line of the ledger stays without it.
WORDS = (
    *("name", "contact", "address", "relation", "person", "person_contact"),
    *("purpose", "appeal", "secret"),
)
AT_ONCE = 50_000  # entries of one night; the next night goes on


def end_personal_data(city: City, now: datetime) -> tuple[int, int]:
    """End what is older than it may be: (personal parts of the trail, names of who asked for footage)."""
    actor = Actor(name="privacy")
    before = now - timedelta(days=settings.TRAIL_PERSONAL_DAYS)
    entries = destroy_older(actor, city, before, _("The time it is kept for is over."))
    return entries, _forget_askers(actor, city, now - ASKER)


def destroy_older(actor: Actor, city: City, before: datetime, reason: str) -> int:
    """Destroy the personal part of the city's entries before a moment; how many there were."""
    old = Entry.objects.filter(city=city.pk, time__lt=before, personal__isnull=False)
    with opened(city.pk):
        some = list(old.order_by("time").values_list("pk", flat=True)[:AT_ONCE])
    return destroy_personal(actor, city.pk, some, reason)


@transaction.atomic
def _forget_askers(actor: Actor, city: City, before: datetime) -> int:
    """The ledger's lines stay, without the names of who asked."""
    with ledger.opened(city.pk):
        ended = _clear_names(city, before)
    if ended:
        record(actor, Act("privacy.askers.ended", city=city.pk, detail={"requests": ended}))
    return ended


def _clear_names(city: City, before: datetime) -> int:
    answered = FootageRequest.objects.filter(city=city, due=None, decided__lt=before)
    empty = dict.fromkeys(WORDS, "")
    return answered.exclude(**empty).update(**empty, born=None, person_born=None)
