"""Who answers for personal data hears of emergency access: by letter, and on every page they open."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from madang.ground.people.models import Account, BreakGlass
from madang.ground.people.public import glass_broken
from madang.ground.people.queries import current_memberships
from madang.ground.trail.public import Act, Actor, record


@receiver(glass_broken)
def tell_later(glass: BreakGlass, **rest: Any) -> None:
    """In the transaction of the act: the cameras open and the letter is on its way, or neither."""
    from madang.ground.privacy import tasks

    tasks.tell_of_glass.defer(glass=str(glass.pk))


def tell_of_glass(glass: UUID) -> int:
    """Write to every privacy officer of the city, to its administrators where there is none; how many
    letters went out. Nobody is told of what they opened themselves."""
    found = BreakGlass.objects.select_related("account", "city").get(pk=glass)
    told = [one for one in officers(found.city_id) if one.pk != found.account_id]
    for account in told:
        _write_to(account, found)
    act = Act(
        "privacy.glass.told",
        city=found.city_id,
        thing=("break-glass", str(found.pk)),
        detail={"officers": len(told)},
    )
    record(Actor(name="privacy"), act)
    return len(told)


def officers(city: UUID) -> list[Account]:
    """Who is told in a city: its privacy officers, else its administrators."""
    for role in ("privacy_officer", "administrator"):
        held = current_memberships(city).filter(role=role, account__is_active=True)
        accounts = {one.account_id: one.account for one in held}
        if accounts:
            return list(accounts.values())
    return []


def _write_to(account: Account, glass: BreakGlass) -> None:
    path = reverse("people:glass", kwargs={"city": glass.city.key})
    with translation.override(account.language):
        words = {
            "glass": glass,
            "account": account,
            "address": settings.PUBLIC_URL.rstrip("/") + path,
        }
        letter = render_to_string("privacy/glass_letter.txt", words)
    subject, _gap, text = letter.partition("\n\n")
    send_mail(subject.strip(), text, settings.DEFAULT_FROM_EMAIL, [account.email])
