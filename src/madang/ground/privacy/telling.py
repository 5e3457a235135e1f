"""Who answers for personal data hears of emergency access: by letter, and on every page they open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.notify.public import declare, send_letter, tell
from madang.ground.people.models import Account, BreakGlass
from madang.ground.people.public import glass_broken
from madang.ground.people.queries import current_memberships
from madang.ground.privacy import ledger
from madang.ground.privacy.letters import address_in
from madang.ground.privacy.models import Breach, FootageAnswer, FootageRequest
from madang.ground.trail.public import Act, Actor, record

SOON = timedelta(hours=24)

declare(
    "privacy.glass", _("%(who)s opened every camera in an emergency. Look into it."), "shield-alert"
)
declare(
    "privacy.breach.soon",
    _("A breach (%(what)s) must be told within a day."),
    "triangle-alert",
)
declare(
    "privacy.breach.late",
    _("The 72 hours of a breach (%(what)s) are over, and it is not told."),
    "triangle-alert",
)
declare(
    "privacy.request.soon",
    _("Request %(number)s for footage must be answered within a day."),
)
declare("privacy.request.new", _("Somebody asks for footage of themselves (request %(number)s)."))
declare("privacy.request.appealed", _("The answer to request %(number)s for footage is appealed."))
declare("privacy.request.late", _("Request %(number)s for footage is late."), "triangle-alert")


@receiver(glass_broken)
def tell_later(glass: BreakGlass, **rest: Any) -> None:
    """In the transaction of the act: the cameras open and the letter is on its way, or neither."""
    from madang.ground.privacy import tasks

    tasks.tell_of_glass.defer(glass=str(glass.pk))


def write_later(answer: FootageAnswer) -> None:
    """In the answer's own transaction: a letter is on its way if who asked gave an address for one."""
    from madang.ground.privacy import tasks

    if address_in(answer.request.contact):
        tasks.write_answer.defer(city=str(answer.city_id), answer=str(answer.pk))


def tell_of_glass(glass: UUID) -> int:
    """Write to every privacy officer of the city, to its administrators where there is none; how many
    letters went out. Nobody is told of what they opened themselves."""
    found = BreakGlass.objects.select_related("account", "city").get(pk=glass)
    told = [one for one in officers(found.city_id) if one.pk != found.account_id]
    missing = [account.email for account in told if not _write_to(account, found)]
    if missing:  # the job is done again, and writes to those whom no letter reached
        raise OSError(f"no letter went out to {len(missing)} of {len(told)} officers")
    act = Act(
        "privacy.glass.told",
        city=found.city_id,
        thing=("break-glass", str(found.pk)),
        detail={"officers": len(told)},
    )
    record(Actor(name="privacy"), act)
    return len(told)


def officers(city: UUID, *roles: str) -> list[Account]:
    """Who is told in a city: who holds one of roles (privacy officer), else its administrators."""
    for wanted in (roles or ("privacy_officer",), ("administrator",)):
        held = current_memberships(city).filter(role__in=wanted, account__is_active=True)
        accounts = {one.account_id: one.account for one in held}
        if accounts:
            return list(accounts.values())
    return []


def _write_to(account: Account, glass: BreakGlass) -> bool:
    """A notice on their pages, and a letter; whether the letter is out."""
    path = reverse("people:glass", kwargs={"city": glass.city.key})
    with translation.override(account.language):
        words = {
            "glass": glass,
            "account": account,
            "address": settings.PUBLIC_URL.rstrip("/") + path,
        }
        letter = render_to_string("privacy/glass_letter.txt", words)
    subject, _gap, text = letter.partition("\n\n")
    detail = {"who": str(glass.account)}
    notice = tell(account, glass.city, "privacy.glass", str(glass.pk), path, detail)
    return send_letter(notice, subject.strip(), text)


def tell_of_terms(now: datetime) -> int:
    """Tell the officers of terms of the law that end within a day, and of those that have ended; each
    once. How many terms there are."""
    breaches = [one for one in Breach.objects.filter(closed=None) if one.waits_for]
    due = [one for one in breaches if one.due - now < SOON]
    for one in due:
        kind = "privacy.breach.late" if one.due <= now else "privacy.breach.soon"
        path = reverse("privacy:breach", kwargs={"city": one.city.key, "pk": one.pk})
        for account in officers(one.city_id):
            with translation.override(account.language):  # a job speaks Korean by itself
                what = str(one.get_kind_display())
            tell(account, one.city, kind, str(one.pk), path, {"what": what})
    return len(due) + sum(_tell_of_requests(city, now) for city in City.objects.all())


def _tell_of_requests(city: City, now: datetime) -> int:
    with ledger.opened(city.pk):
        due = list(FootageRequest.objects.filter(city=city, due__lt=now + SOON))
    for one in due:
        assert one.due is not None
        # One that was delayed or appealed has a new term, of which they are told anew.
        once = f"{one.pk} {one.due:%Y-%m-%d}"
        tell_of_request(
            one, "privacy.request.late" if one.due <= now else "privacy.request.soon", once
        )
    return len(due)


def tell_of_request(request: FootageRequest, kind: str, once: str = "") -> None:
    """Tell who decides on requests of one that is new, appealed, or whose term ends."""
    path = reverse("privacy:request", kwargs={"city": request.city.key, "pk": request.pk})
    for account in officers(request.city_id, "privacy_officer", "footage_officer"):
        tell(
            account,
            request.city,
            kind,
            once or str(request.pk),
            path,
            {"number": request.number},
        )
